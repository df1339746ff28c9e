"""Claiming a parcel, giving it back, picking it up, and the courier's own order."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.common.errors import Invalid, InvalidTransition, StaleState
from marketplace.delivery.errors import (
    AlreadyClaimed,
    ClaimsSuspended,
    GaveBackTooOften,
    OwnParcel,
    TooManyActive,
)
from marketplace.delivery.models import Courier, Delivery, Proof
from marketplace.delivery.services import (
    cancel_shipment,
    claim_shipment,
    give_back,
    pick_up,
    reassign,
    sort_jobs,
)
from marketplace.notifications.models import Notification
from marketplace.orders.models import Order, Shipment, ShipmentEvent


def steps(shipment: Shipment) -> list[tuple[str, str]]:
    return list(shipment.events.values_list("from_status", "to_status"))


def told(kind: str) -> list[int]:
    return list(Notification.objects.filter(kind=kind).values_list("recipient_id", flat=True))


class TestClaiming:
    def test_a_free_parcel_becomes_the_couriers(self, placed, courier, seller):
        shipment = placed()

        job = claim_shipment(shipment_id=shipment.pk, actor=courier)

        shipment.refresh_from_db()
        assert (job.status, job.courier_id, job.slot_key) == ("claimed", courier.pk, f"{courier.pk}:1")
        assert (shipment.status, shipment.courier_id) == ("processing", courier.pk)
        assert Order.objects.get().status == "processing"
        assert steps(shipment)[-1] == ("placed", "processing")
        assert ShipmentEvent.objects.last().actor_id == courier.pk
        assert told("parcel_claimed") == [seller.pk]

    def test_claiming_ones_own_job_again_changes_nothing(self, placed, courier):
        shipment = placed()
        jobs = [claim_shipment(shipment_id=shipment.pk, actor=courier) for _twice in range(2)]

        assert jobs[0] == jobs[1]
        assert Delivery.objects.count() == 1
        assert len(told("parcel_claimed")) == 1

    def test_a_parcel_that_somebody_has_is_refused_and_stays_theirs(self, claimed, courier, other_courier):
        job = claimed()

        with pytest.raises(AlreadyClaimed):
            claim_shipment(shipment_id=job.shipment_id, actor=other_courier)

        assert Delivery.objects.get().courier_id == courier.pk

    @pytest.mark.parametrize("role", [Role.USER, Role.SELLER, Role.ADMIN])
    def test_who_is_no_courier_claims_nothing(self, placed, person, role):
        shipment = placed()

        with pytest.raises(PermissionDenied):
            claim_shipment(shipment_id=shipment.pk, actor=person(role))

        assert not Delivery.objects.exists()
        assert not Courier.objects.exists()

    def test_a_cancelled_parcel_is_refused(self, placed, courier, buyer):
        shipment = placed()
        cancel_shipment(shipment_id=shipment.pk, actor=buyer)

        with pytest.raises(StaleState, match="Cancelled"):
            claim_shipment(shipment_id=shipment.pk, actor=courier)

        assert not Delivery.objects.exists()

    @pytest.mark.parametrize("party", ["buyer", "seller"])
    def test_nobody_carries_what_they_bought_or_sold(self, placed, request, party):
        shipment, somebody = placed(), request.getfixturevalue(party)
        somebody.role = Role.DELIVERY  # they have become a courier since
        somebody.save(update_fields=["role"])

        with pytest.raises(OwnParcel):
            claim_shipment(shipment_id=shipment.pk, actor=somebody)

        assert not Delivery.objects.exists()

    def test_the_sixth_parcel_is_refused_and_a_free_slot_is_used_again(self, placed, courier, person):
        shipments = [placed(person(), price=100) for _number in range(6)]
        jobs = [claim_shipment(shipment_id=shipment.pk, actor=courier) for shipment in shipments[:5]]

        with pytest.raises(TooManyActive) as refusal:
            claim_shipment(shipment_id=shipments[5].pk, actor=courier)

        assert refusal.value.limit == 5
        assert Delivery.objects.count() == 5
        give_back(delivery_id=jobs[1].pk, actor=courier, reason="Too heavy")
        job = claim_shipment(shipment_id=shipments[5].pk, actor=courier)
        assert job.slot_key == f"{courier.pk}:2"

    def test_a_suspended_courier_claims_nothing_new(self, claimed, courier, placed, person):
        job, other = claimed(), placed(person())
        Courier.objects.filter(pk=courier.pk).update(claims_suspended_at=job.claimed_at)

        with pytest.raises(ClaimsSuspended):
            claim_shipment(shipment_id=other.pk, actor=courier)

        assert pick_up(delivery_id=job.pk, actor=courier).status == "carrying"

    def test_who_has_given_back_as_many_as_one_may_claims_nothing_new_for_a_day(
        self, placed, courier, other_courier, settings
    ):
        settings.COURIER_MAX_GIVEN_BACK = 2
        shipment = placed()
        for hours in (-23, -3):
            with clock.moved(timedelta(hours=hours)):
                job = claim_shipment(shipment_id=shipment.pk, actor=courier)
                give_back(delivery_id=job.pk, actor=courier, reason="Flat tyre")

        with pytest.raises(GaveBackTooOften, match=r"given back 2 parcels .* in about 1 hour"):
            claim_shipment(shipment_id=shipment.pk, actor=courier)

        assert Delivery.objects.filter(status="claimed").count() == 0
        assert Shipment.objects.get().status == "placed"
        job = claim_shipment(shipment_id=shipment.pk, actor=other_courier)
        give_back(delivery_id=job.pk, actor=other_courier, reason="Too heavy")
        with clock.moved(timedelta(hours=1, seconds=5)):
            assert claim_shipment(shipment_id=shipment.pk, actor=courier).status == "claimed"

    def test_what_one_carries_and_what_staff_took_away_are_not_given_back(
        self, placed, courier, person, settings
    ):
        settings.COURIER_MAX_GIVEN_BACK = 1
        shipment, kept = placed(person(), price=100), placed(person(), price=100)
        claim_shipment(shipment_id=shipment.pk, actor=courier)
        reassign(shipment_id=shipment.pk, actor=person(Role.ADMIN), reason="Rain")
        job = claim_shipment(shipment_id=kept.pk, actor=courier)
        gone = claim_shipment(shipment_id=shipment.pk, actor=courier)
        give_back(delivery_id=gone.pk, actor=courier, reason="Flat tyre")

        assert claim_shipment(shipment_id=kept.pk, actor=courier) == job
        assert pick_up(delivery_id=job.pk, actor=courier).status == "carrying"


class TestGivingBack:
    def test_the_parcel_waits_for_somebody_else_again(self, claimed, courier, other_courier):
        job = claimed()

        job = give_back(delivery_id=job.pk, actor=courier, reason=" Flat tyre ")

        shipment = Shipment.objects.get()
        assert (job.status, job.reason, job.live_key, job.slot_key) == ("given_back", "Flat tyre", None, None)
        assert (shipment.status, shipment.courier_id, shipment.claimed_at) == ("placed", None, None)
        assert ShipmentEvent.objects.last().reason == "Flat tyre"
        assert claim_shipment(shipment_id=shipment.pk, actor=other_courier).status == "claimed"

    def test_twice_is_once(self, claimed, courier):
        job = claimed()
        for _twice in range(2):
            give_back(delivery_id=job.pk, actor=courier, reason="Flat tyre")

        assert steps(job.shipment).count(("processing", "placed")) == 1

    @pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
    def test_it_needs_a_reason_of_some_length(self, claimed, courier, reason):
        job = claimed()

        with pytest.raises(Invalid) as refusal:
            give_back(delivery_id=job.pk, actor=courier, reason=reason)

        assert refusal.value.field == "reason"
        assert Delivery.objects.get().status == "claimed"

    def test_what_is_in_the_couriers_hands_is_not_given_back(self, on_its_way, courier):
        job = on_its_way()

        with pytest.raises(InvalidTransition):
            give_back(delivery_id=job.pk, actor=courier, reason="Flat tyre")

        assert Shipment.objects.get().status == "shipped"

    def test_another_courier_gives_nothing_back(self, claimed, other_courier):
        job = claimed()

        with pytest.raises(PermissionDenied):
            give_back(delivery_id=job.pk, actor=other_courier, reason="Mine!")

        assert Delivery.objects.get().status == "claimed"


class TestPickingUp:
    def test_the_parcel_is_on_its_way_and_its_buyer_has_a_proof(self, claimed, courier, buyer):
        job = pick_up(delivery_id=claimed().pk, actor=courier)

        shipment, proof = Shipment.objects.get(), Proof.objects.get()
        assert (job.status, shipment.status) == ("carrying", "shipped")
        assert job.picked_up_at and shipment.picked_up_at
        assert (proof.purpose, proof.issue, proof.status, proof.tries) == ("delivery", 1, "issued", 0)
        assert told("order_shipped") == [buyer.pk]

    def test_twice_is_once(self, claimed, courier):
        job = claimed()
        for _twice in range(2):
            pick_up(delivery_id=job.pk, actor=courier)

        assert Proof.objects.count() == 1
        assert len(told("order_shipped")) == 1

    def test_what_was_given_back_is_not_picked_up(self, claimed, courier):
        job = claimed()
        give_back(delivery_id=job.pk, actor=courier, reason="Flat tyre")

        with pytest.raises(StaleState):
            pick_up(delivery_id=job.pk, actor=courier)

        assert not Proof.objects.exists()

    def test_another_courier_picks_nothing_up(self, claimed, other_courier):
        job = claimed()

        with pytest.raises(PermissionDenied):
            pick_up(delivery_id=job.pk, actor=other_courier)

        assert Delivery.objects.get().status == "claimed"


class TestSorting:
    @pytest.fixture
    def jobs(self, claimed, person, courier):
        return [claimed(person(), courier, price=100) for _number in range(3)]

    def order(self) -> list[int]:
        return list(Delivery.objects.order_by("position", "pk").values_list("pk", flat=True))

    def test_the_courier_has_their_own_order(self, jobs, courier):
        first, second, third = jobs

        sort_jobs(actor=courier, numbers=[third.number, first.number])

        assert self.order() == [third.pk, first.pk, second.pk]

    def test_no_numbers_bring_the_suggestion_back(self, jobs, courier):
        sort_jobs(actor=courier, numbers=[jobs[2].number])
        sort_jobs(actor=courier, numbers=[])

        assert set(Delivery.objects.values_list("position", flat=True)) == {0}

    def test_a_parcel_claimed_later_comes_last(self, jobs, courier, claimed, person):
        sort_jobs(actor=courier, numbers=[job.number for job in reversed(jobs)])

        new = claimed(person(), courier, price=100)

        assert self.order() == [jobs[2].pk, jobs[1].pk, jobs[0].pk, new.pk]

    def test_a_job_that_ended_or_is_another_couriers_is_refused(
        self, jobs, courier, claimed, other_courier, person
    ):
        theirs = claimed(person(), other_courier, price=100)

        with pytest.raises(StaleState):
            sort_jobs(actor=courier, numbers=[jobs[0].number, theirs.number])

        assert set(Delivery.objects.values_list("position", flat=True)) == {0}
