"""Two different things at once with one parcel, or one courier: one is done, the other finds it so."""

from datetime import timedelta

import pytest

from marketplace.common import transactions
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.delivery.errors import TooManyActive, TooManyIssues
from marketplace.delivery.models import Attempt, Delivery, Proof
from marketplace.delivery.services import (
    Result,
    bypass_proof,
    cancel_shipment,
    claim_shipment,
    fail_attempt,
    give_back,
    pick_up,
    reassign,
    reissue_proof,
)
from marketplace.delivery.services import proofs as issuing
from marketplace.orders.models import Shipment
from marketplace.products.models import Variant
from marketplace.wallet.selectors import wallet_of

from .rivals import guess, refusals

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


class TestTwoThingsAtOnce:
    def test_giving_back_and_picking_up(self, claimed, race):
        job = claimed()

        def act(what):
            if what == "give back":
                return give_back(delivery_id=job.pk, actor=job.courier, reason="Flat tyre")
            return pick_up(delivery_id=job.pk, actor=job.courier)

        results = race(act, ["give back", "pick up"])

        assert len(refusals(results)) == 1
        assert isinstance(refusals(results)[0], StaleState)
        assert (Delivery.objects.get().status, Shipment.objects.get().status) in (
            ("given_back", "placed"),
            ("carrying", "shipped"),
        )

    def test_the_third_failure_and_the_right_pin(self, on_its_way, fail, pin_of, race):
        job = on_its_way()
        for _twice in range(2):
            fail(job)
        pin = pin_of(job.shipment)
        key = new_form_key(user_id=job.courier_id, action="fail_attempt", subject=job.pk)

        def act(what):
            if what == "fail":
                return fail_attempt(delivery_id=job.pk, actor=job.courier, reason="absent", form_key=key)
            return guess(job, pin)

        failed, confirmed = race(act, ["fail", "confirm"])

        if Shipment.objects.get().status == "delivered":
            assert isinstance(failed, StaleState)
            assert confirmed.result == Result.CONFIRMED
        else:
            assert Shipment.objects.get().status == "returning"
            assert confirmed.result == Result.WRONG  # it is the seller's PIN that counts now
        assert Proof.objects.filter(status="confirmed").count() == (confirmed.result == Result.CONFIRMED)

    def test_claiming_and_cancelling(self, placed, courier, buyer, race):
        shipment = placed(stock=5)

        def act(what):
            if what == "claim":
                return claim_shipment(shipment_id=shipment.pk, actor=courier)
            return cancel_shipment(shipment_id=shipment.pk, actor=buyer)

        claimed, cancelled = race(act, ["claim", "cancel"])

        assert not isinstance(cancelled, Exception)
        assert Shipment.objects.get().status == "cancelled"
        assert Variant.objects.get().stock == 5
        if isinstance(claimed, Exception):
            assert isinstance(claimed, StaleState)
            assert not Delivery.objects.exists()
        else:
            assert Delivery.objects.get().status == "cancelled"

    def test_the_right_pin_and_the_stores_own_word(
        self, on_its_way, admin, pin_of, race, picture_file, settings
    ):
        settings.COURIER_FEE = 300
        job = on_its_way()
        pin, photo = pin_of(job.shipment), picture_file()
        key = new_form_key(user_id=admin.pk, action="bypass_proof", subject=job.shipment_id)

        def act(what):
            if what == "confirm":
                return guess(job, pin)
            return bypass_proof(
                shipment_id=job.shipment_id, actor=admin, reason="Seen", photo=photo, form_key=key
            )

        confirmed, bypassed = race(act, ["confirm", "bypass"])

        assert confirmed.result == Result.CONFIRMED  # either way the parcel has arrived
        proof = Proof.objects.get()
        assert isinstance(bypassed, StaleState) == (proof.status == "confirmed")
        assert Attempt.objects.filter(outcome="succeeded").count() == 1
        assert wallet_of(job.courier_id).balance == 300

    def test_the_right_pin_and_another_courier(self, on_its_way, admin, other_courier, pin_of, race):
        job = on_its_way()
        pin = pin_of(job.shipment)

        def act(what):
            if what == "confirm":
                return guess(job, pin)
            return reassign(
                shipment_id=job.shipment_id, actor=admin, courier_id=other_courier.pk, reason="Ill"
            )

        confirmed, reassigned = race(act, ["confirm", "reassign"])

        if Shipment.objects.get().status == "delivered":
            assert confirmed.result == Result.CONFIRMED
            assert isinstance(reassigned, StaleState)
        else:
            assert confirmed.result == Result.NOTHING_OPEN
            assert Shipment.objects.get().courier_id == other_courier.pk

    def test_five_slots_are_five_however_they_are_filled(
        self, claimed, placed, person, courier, other_courier, admin, race
    ):
        """The courier claims two while the store gives them two, with four in hand."""
        for _number in range(4):
            claimed(person(), courier, price=100)
        theirs = [claimed(person(), other_courier, price=100) for _number in range(2)]
        free = [placed(person(), price=100) for _number in range(2)]

        def act(what):
            if what in free:
                return claim_shipment(shipment_id=what.pk, actor=courier)
            return reassign(
                shipment_id=what.shipment_id, actor=admin, courier_id=courier.pk, reason="You are near"
            )

        results = race(act, [*free, *theirs])

        assert len(refusals(results)) == 3
        assert all(isinstance(error, (TooManyActive, Invalid)) for error in refusals(results))
        assert Delivery.objects.filter(courier=courier, slot_key__isnull=False).count() == 5

    def test_new_pins_by_eight_clicks_are_three_in_all(self, on_its_way, buyer, race, monkeypatch):
        monkeypatch.setattr(issuing, "DOUBLE_CLICK", timedelta(0))
        job = on_its_way()

        results = race(
            lambda _click: reissue_proof(shipment_id=job.shipment_id, purpose="delivery", actor=buyer),
            range(8),
        )

        assert [type(error) for error in refusals(results)] == [TooManyIssues] * 6
        assert list(Proof.objects.values_list("issue", "status")) == [
            (1, "replaced"),
            (2, "replaced"),
            (3, "issued"),
        ]

    def test_parcels_of_one_buyer_and_seller_do_not_deadlock(self, on_its_way, pin_of, race, monkeypatch):
        """Locks are taken in their order: nobody needs a second try, whatever happens beside."""
        pairs = [on_its_way(price=100) for _number in range(4)]
        pins = {job.pk: pin_of(job.shipment) for job in pairs}
        monkeypatch.setattr(transactions, "TRIES", 1)

        results = race(lambda job: guess(job, pins[job.pk]), pairs)

        assert refusals(results) == []
        assert Shipment.objects.filter(status="delivered").count() == 4
