"""Staff, buyer and courier at once: one of them wins, nobody is paid twice, no courier has a place too many.

What rests on a lock alone has a control without it that must go wrong (not on SQLite: it locks all). The
steps of a shipment, a job and a proof have a second line, too: each is an UPDATE of the state before it.
"""

import io
from threading import Barrier

import pytest
from PIL import Image

from marketplace.accounts.models import Role
from marketplace.common.errors import DomainError, Invalid
from marketplace.common.idempotency import new_form_key
from marketplace.delivery.models import Courier, Delivery, Proof
from marketplace.delivery.proofs import pin_of as pin_for
from marketplace.delivery.services import (
    Confirmation,
    Result,
    bypass_proof,
    cancel_shipment,
    confirm_delivery,
    pick_up,
    reassign,
    reassigning,
)
from marketplace.delivery.states import DeliveryStatus
from marketplace.orders.models import Shipment, ShipmentEvent
from marketplace.orders.states import ShipmentStatus
from marketplace.wallet.models import Transaction
from marketplace.wallet.selectors import wallet_of

from .test_races import meet, refusals

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def needs_row_locks(locks_rows) -> None:
    if not locks_rows:
        pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")


def photo() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (20, 20)).save(file, "JPEG")
    file.seek(0)
    return file


class TestCancellingWhileItIsPickedUp:
    def test_one_of_them_is_too_late_and_money_follows_the_other(self, claimed, buyer, courier, race):
        for _round in range(4):
            job = claimed(price=1000)

            results = race(
                lambda call: call(),
                [
                    lambda job=job: cancel_shipment(shipment_id=job.shipment_id, actor=buyer),
                    lambda job=job: pick_up(delivery_id=job.pk, actor=courier),
                ],
            )

            job.refresh_from_db()
            status = Shipment.objects.get(pk=job.shipment_id).status
            assert [isinstance(error, DomainError) for error in refusals(results)] == [True]
            assert (job.status, status) in {
                (DeliveryStatus.CANCELLED, ShipmentStatus.CANCELLED),
                (DeliveryStatus.CARRYING, ShipmentStatus.SHIPPED),
            }
            went_on = status == ShipmentStatus.SHIPPED
            assert Proof.objects.filter(consignment__shipment=job.shipment_id).count() == went_on
            assert ShipmentEvent.objects.filter(shipment=job.shipment_id).count() == 3
            if went_on:  # make room for the next round
                key = new_form_key(user_id=courier.pk, action="confirm_delivery", subject=job.pk)
                pin = pin_for(Proof.objects.get(consignment__shipment=job.shipment_id))
                confirm_delivery(delivery_id=job.pk, actor=courier, pin=pin, place=None, form_key=key)


class TestTheLastFreePlace:
    """Many parcels of other couriers are given to one who has a single place left."""

    RIVALS = 6

    @pytest.fixture
    def jobs(self, on_its_way, person, settings):
        settings.COURIER_MAX_ACTIVE = 1
        return [on_its_way(person(), person(Role.DELIVERY), price=100) for _number in range(self.RIVALS)]

    def give(self, job, admin, courier):
        return reassign(
            shipment_id=job.shipment_id, actor=admin, courier_id=courier.pk, reason="Only one fits"
        )

    def test_is_filled_once_and_the_others_keep_what_they_have(self, jobs, admin, other_courier, race):
        results = race(lambda job: self.give(job, admin, other_courier), jobs)

        assert [type(error) for error in refusals(results)] == [Invalid] * (self.RIVALS - 1)
        assert Delivery.objects.filter(courier=other_courier, live_key__isnull=False).count() == 1
        assert Delivery.objects.filter(live_key__isnull=False).count() == self.RIVALS
        assert Delivery.objects.filter(status=DeliveryStatus.TAKEN_AWAY).count() == 1

    def test_control_without_the_lock_all_find_it_free(
        self, jobs, admin, other_courier, race, needs_row_locks, without_locks, monkeypatch
    ):
        """The database's key of the slot is the second line; with the lock everybody is told in a sentence."""
        without_locks()
        Courier.objects.create(user=other_courier)
        together, require = Barrier(self.RIVALS), reassigning._require_free

        def require_then_wait(*given):
            require(*given)
            meet(together)

        monkeypatch.setattr(reassigning, "_require_free", require_then_wait)

        results = race(lambda job: self.give(job, admin, other_courier), jobs)

        assert refusals(results)
        assert not any(isinstance(error, Invalid) for error in refusals(results))


class TestPinAndBypassAtOnce:
    def test_it_arrives_once_and_the_courier_is_paid_once(
        self, on_its_way, admin, superadmin, courier, pin_of, race, settings
    ):
        settings.COURIER_FEE = 300
        job = on_its_way()
        pin = pin_of(job.shipment)

        def give_pin():
            key = new_form_key(user_id=courier.pk, action="confirm_delivery", subject=job.pk)
            return confirm_delivery(delivery_id=job.pk, actor=courier, pin=pin, place=None, form_key=key)

        def bypass(who):
            key = new_form_key(user_id=who.pk, action="bypass_proof", subject=job.shipment_id)
            return bypass_proof(
                shipment_id=job.shipment_id, actor=who, reason="They called", photo=photo(), form_key=key
            )

        results = race(
            lambda call: call(), [give_pin, lambda: bypass(admin), lambda: bypass(superadmin), give_pin]
        )

        assert all(isinstance(error, DomainError) for error in refusals(results))
        confirmed = [result for result in results if isinstance(result, Confirmation)]
        assert {outcome.result for outcome in confirmed} == {Result.CONFIRMED}
        assert Proof.objects.filter(used_at__isnull=False).count() == 1
        assert ShipmentEvent.objects.filter(to_status=ShipmentStatus.DELIVERED).count() == 1
        assert wallet_of(courier.pk).balance == 300
        assert Transaction.objects.filter(wallet__owner=courier).count() == 1
