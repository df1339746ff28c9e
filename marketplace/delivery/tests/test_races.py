"""Many at once. Each race has a control without its lock that must go wrong (not on SQLite: it locks all)."""

from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import IntegrityError, connection

from marketplace.accounts.models import Role
from marketplace.common import clock, transactions
from marketplace.common.errors import Busy, InvalidTransition
from marketplace.common.idempotency import new_form_key
from marketplace.delivery.errors import AlreadyClaimed, TooManyActive
from marketplace.delivery.models import Attempt, Courier, Delivery, Proof, ProofTry
from marketplace.delivery.services import (
    Result,
    claim_shipment,
    claiming,
    confirming,
    give_back,
    jobs,
)
from marketplace.notifications.models import Notification
from marketplace.orders.models import Shipment, ShipmentEvent
from marketplace.products.models import Variant
from marketplace.wallet.selectors import wallet_of

from .rivals import guess, refusals

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def meet(together: Barrier) -> None:
    """Wait for the others, but not for ever: on MariaDB one of them may have been stopped before."""
    with suppress(BrokenBarrierError):
        together.wait(timeout=10)


@pytest.fixture
def needs_row_locks(locks_rows) -> None:
    if not locks_rows:
        pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")


class TestOneShipment:
    RIVALS = 8

    @pytest.fixture
    def shipment(self, placed):
        return placed()

    @pytest.fixture
    def couriers(self, person):
        return [person(Role.DELIVERY) for _rival in range(self.RIVALS)]

    def test_is_claimed_by_one(self, shipment, couriers, race):
        results = race(lambda courier: claim_shipment(shipment_id=shipment.pk, actor=courier), couriers)

        assert [type(error) for error in refusals(results)] == [AlreadyClaimed] * (self.RIVALS - 1)
        job = Delivery.objects.get()
        assert Shipment.objects.get().courier_id == job.courier_id
        assert ShipmentEvent.objects.filter(to_status="processing").count() == 1
        assert Notification.objects.filter(kind="parcel_claimed").count() == 1

    def test_control_without_the_locks_they_run_into_the_key_of_the_live_job(
        self, shipment, couriers, race, needs_row_locks, without_locks, monkeypatch
    ):
        """The second line: the database itself lets a parcel have one live job. With the locks, one is told so."""
        before = claim_shipment(shipment_id=shipment.pk, actor=couriers[2])  # opens its consignment
        give_back(delivery_id=before.pk, actor=couriers[2], reason="A flat tyre")
        without_locks()
        both_found_it_free, open_job = Barrier(2), claiming.open_job

        def wait_then_open(*given):
            meet(both_found_it_free)
            return open_job(*given)

        monkeypatch.setattr(claiming, "open_job", wait_then_open)

        results = race(lambda courier: claim_shipment(shipment_id=shipment.pk, actor=courier), couriers[:2])

        assert [type(error) for error in refusals(results)] == [IntegrityError]


class TestOneCourier:
    @pytest.fixture
    def shipments(self, placed, person):
        return [placed(person(), price=100) for _number in range(10)]

    def test_who_claims_ten_at_once_gets_five(self, shipments, courier, race):
        results = race(lambda shipment: claim_shipment(shipment_id=shipment.pk, actor=courier), shipments)

        assert [type(error) for error in refusals(results)] == [TooManyActive] * 5
        assert Delivery.objects.count() == 5
        assert Shipment.objects.filter(status="processing", courier=courier).count() == 5
        assert sorted(Delivery.objects.values_list("slot_key", flat=True)) == [
            f"{courier.pk}:{number}" for number in range(1, 6)
        ]

    def test_control_without_the_lock_they_run_into_the_keys_of_the_slots(
        self, shipments, courier, race, needs_row_locks, without_locks, monkeypatch
    ):
        """All ten find every slot free and want the first one: with the lock five would have got one."""
        without_locks()
        Courier.objects.create(user=courier)
        all_have_read = Barrier(10)

        class WaitsForTheOthers:
            @staticmethod
            def now():
                meet(all_have_read)
                return clock.now()

        monkeypatch.setattr(jobs, "clock", WaitsForTheOthers)

        results = race(lambda shipment: claim_shipment(shipment_id=shipment.pk, actor=courier), shipments)

        assert {type(error) for error in refusals(results)} == {IntegrityError}
        assert Delivery.objects.count() == 1

    def test_a_first_claim_by_many_clicks_makes_one_row_of_the_courier(self, shipments, courier, race):
        results = race(lambda _click: claim_shipment(shipment_id=shipments[0].pk, actor=courier), range(8))

        assert refusals(results) == []
        assert {job.pk for job in results} == {Delivery.objects.get().pk}
        assert Courier.objects.count() == 1


class TestAHundredWrongPins:
    HANDS, EACH = 25, 4

    def test_count_five_and_lock(self, on_its_way, wrong_pin, race):
        job = on_its_way()
        wrong = wrong_pin(job.shipment)

        results = race(lambda _hand: [guess(job, wrong) for _try in range(self.EACH)], range(self.HANDS))

        assert refusals(results) == []
        answers = [outcome.result for outcomes in results for outcome in outcomes]
        assert len(answers) == 100
        assert sorted(answers) == [Result.LOCKED] * 96 + [Result.WRONG] * 4
        proof = Proof.objects.get()
        assert (proof.status, proof.tries) == ("locked", 5)
        assert ProofTry.objects.filter(proof=proof, right=False).count() == 5
        assert Notification.objects.filter(kind="proof_locked").count() == 1

    def test_the_right_one_among_them_counts_only_before_the_lock(self, on_its_way, wrong_pin, pin_of, race):
        job = on_its_way()
        wrong, right = wrong_pin(job.shipment), pin_of(job.shipment)

        results = race(lambda pin: guess(job, pin), [wrong] * 12 + [right] + [wrong] * 12)

        proof = Proof.objects.get()
        assert refusals(results) == []
        assert proof.status in ("locked", "confirmed")
        assert (proof.status == "confirmed") == (Shipment.objects.get().status == "delivered")
        assert ProofTry.objects.filter(right=False).count() == proof.tries <= 5

    @pytest.mark.breaks_books
    def test_control_without_the_locks_tries_are_lost(
        self, on_its_way, wrong_pin, race, needs_row_locks, without_locks, monkeypatch
    ):
        job, rivals = on_its_way(), 5
        wrong, write = wrong_pin(job.shipment), confirming._count_try
        without_locks()
        all_have_read = Barrier(rivals)

        def wait_then_write(*given, **more):
            meet(all_have_read)
            return write(*given, **more)

        monkeypatch.setattr(confirming, "_count_try", wait_then_write)
        monkeypatch.setattr(transactions, "TRIES", 1)

        results = race(lambda _hand: guess(job, wrong), range(rivals))

        if connection.vendor == "mysql":
            # It trips over itself: the try's foreign key locks the proof's row against the others (M5).
            assert {type(error) for error in refusals(results)} <= {Busy}
        else:
            assert refusals(results) == []
        proof = Proof.objects.get()
        assert proof.status == "issued"
        assert proof.tries < rivals  # five wrong ones were given


class TestTwentyWrongOfOneCourier:
    def test_suspend_once_and_are_told_once(self, on_its_way, person, courier, superadmin, wrong_pin, race):
        jobs = [on_its_way(person(), courier, price=100) for _number in range(5)]
        wrong = {job.pk: wrong_pin(job.shipment) for job in jobs}

        results = race(lambda job: guess(job, wrong[job.pk]), jobs * 5)

        assert refusals(results) == []
        assert ProofTry.objects.filter(right=False).count() == 25
        assert Proof.objects.filter(status="locked", tries=5).count() == 5
        assert Courier.objects.get().claims_suspended_at
        told = Notification.objects.filter(kind="claims_suspended")
        assert sorted(told.values_list("recipient_id", flat=True)) == sorted([courier.pk, superadmin.pk])


class TestTheRightPinManyTimes:
    RIVALS = 8

    def test_is_one_delivery_and_every_answer_is_yes(self, on_its_way, pin_of, race, courier, settings):
        settings.COURIER_FEE = 300
        job = on_its_way()
        pin = pin_of(job.shipment)

        results = race(lambda _click: guess(job, pin), range(self.RIVALS))

        assert refusals(results) == []
        assert {outcome.result for outcome in results} == {Result.CONFIRMED}
        assert Attempt.objects.filter(outcome="succeeded").count() == 1
        assert Notification.objects.filter(kind="order_delivered").count() == 2
        assert ShipmentEvent.objects.filter(to_status="delivered").count() == 1
        assert ProofTry.objects.filter(right=True).count() == 1
        assert wallet_of(courier.pk).balance == 300

    def test_one_form_sent_eight_times_is_one_delivery(self, on_its_way, pin_of, race):
        job = on_its_way()
        pin = pin_of(job.shipment)
        key = new_form_key(user_id=job.courier_id, action="confirm_delivery", subject=job.pk)

        results = race(lambda _click: guess(job, pin, key), range(self.RIVALS))

        assert refusals(results) == []
        assert {outcome.result for outcome in results} == {Result.CONFIRMED}
        assert Attempt.objects.count() == 1

    def test_on_the_way_back_the_refund_is_made_once(
        self, going_back, pin_of, race, buyer, courier, settings
    ):
        settings.COURIER_FEE = 300
        job = going_back(price=1200, quantity=2, stock=5)
        pin = pin_of(job.shipment)

        results = race(lambda _click: guess(job, pin), range(self.RIVALS))

        assert {outcome.result for outcome in results} == {Result.CONFIRMED}
        assert wallet_of(buyer.pk).balance == 2400
        assert wallet_of(courier.pk).balance == 300
        assert Variant.objects.get().stock == 5
        assert Shipment.objects.get().status == "returned"

    def test_control_without_the_locks_the_second_is_stopped_by_the_proofs_own_step(
        self, on_its_way, pin_of, race, needs_row_locks, without_locks, monkeypatch
    ):
        """The second line: a proof is used by one conditional UPDATE. With the locks both are told yes."""
        job, accept = on_its_way(), confirming._accept
        pin = pin_of(job.shipment)
        without_locks()
        both_are_right = Barrier(2)

        def wait_then_accept(*given):
            meet(both_are_right)
            return accept(*given)

        monkeypatch.setattr(confirming, "_accept", wait_then_accept)
        monkeypatch.setattr(transactions, "TRIES", 1)

        results = race(lambda _click: guess(job, pin), range(2))

        [error] = refusals(results)
        assert isinstance(error, (InvalidTransition, Busy))  # Busy: MariaDB's deadlock over the proof (M5)
        assert Attempt.objects.count() == 1
