"""The right code and the wrong ones: what is written, what is told, what stays as it was."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.errors import Invalid, KeyReused, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.common.models import FormKey
from marketplace.common.places import Place
from marketplace.common.transactions import service
from marketplace.delivery.models import AddressRead, Attempt, Courier, Proof, ProofTry
from marketplace.delivery.services import (
    Result,
    confirm_scan,
    give_back,
    note_address_read,
    reissue_proof,
)
from marketplace.notifications.models import Notification
from marketplace.orders.models import Shipment, ShipmentEvent
from marketplace.wallet.models import Hold
from marketplace.wallet.selectors import wallet_of

AT_THE_DOOR = Place(Decimal("52.520908"), Decimal("13.404954"), 8)


def told(kind: str) -> set[int]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient_id", flat=True))


class TestTheRightPin:
    def test_the_parcel_is_delivered_and_all_that_follows_is_written(
        self, on_its_way, confirm, buyer, seller, courier, settings
    ):
        job = on_its_way()

        outcome = confirm(job, place=AT_THE_DOOR)

        shipment, proof, attempt = Shipment.objects.get(), Proof.objects.get(), Attempt.objects.get()
        assert outcome.result == Result.CONFIRMED
        assert (shipment.status, outcome.delivery.status) == ("delivered", "delivered")
        assert shipment.completes_at - shipment.delivered_at < timedelta(
            days=settings.COMPLETION_DAYS, seconds=5
        )
        assert shipment.completes_at >= shipment.delivered_at + timedelta(
            days=settings.COMPLETION_DAYS, seconds=-5
        )
        assert (proof.status, proof.method, proof.used_by_id, proof.delivery_id) == (
            "confirmed",
            "pin",
            courier.pk,
            job.pk,
        )
        for row in (proof, attempt):
            assert (row.lat, row.lng, row.accuracy_m, row.distance_m) == (
                AT_THE_DOOR.lat,
                AT_THE_DOOR.lng,
                8,
                100,
            )
        assert (attempt.outcome, attempt.number, attempt.delivery_id) == ("succeeded", 1, job.pk)
        job.refresh_from_db()
        assert (job.live_key, job.slot_key, job.is_active) == (None, None, False)
        assert job.ended_at >= job.picked_up_at
        assert told("order_delivered") == {buyer.pk, seller.pk}
        assert ShipmentEvent.objects.last().actor_id == courier.pk
        assert ProofTry.objects.get().right

    def test_the_money_stays_held_until_it_is_completed(self, delivered, buyer, seller):
        delivered(price=2500)

        assert Hold.objects.get().status == "open"
        assert wallet_of(buyer.pk).held_balance == 2500
        assert wallet_of(seller.pk).balance == 0

    def test_the_courier_is_paid_what_was_agreed_at_the_claim(self, on_its_way, confirm, courier, settings):
        settings.COURIER_FEE = 350
        job = on_its_way()
        settings.COURIER_FEE = 100

        confirm(job)

        assert wallet_of(courier.pk).balance == 350

    def test_the_job_is_done_however_often_it_is_confirmed(
        self, on_its_way, confirm, courier, settings, pin_of
    ):
        settings.COURIER_FEE = 350
        job = on_its_way()
        pin = pin_of(job.shipment)

        outcomes = [confirm(job, pin=pin).result for _three_times in range(3)]

        assert outcomes == [Result.CONFIRMED] * 3
        assert Attempt.objects.count() == 1
        assert wallet_of(courier.pk).balance == 350
        assert Notification.objects.filter(kind="order_delivered").count() == 2
        assert ProofTry.objects.count() == 1

    def test_the_same_form_again_is_the_same_answer(self, on_its_way, confirm, courier, pin_of):
        job = on_its_way()
        form = {
            "pin": pin_of(job.shipment),
            "form_key": new_form_key(user_id=courier.pk, action="confirm_delivery", subject=job.pk),
        }

        assert [confirm(job, **form).result for _twice in range(2)] == [Result.CONFIRMED] * 2
        with pytest.raises(KeyReused):
            confirm(job, **form | {"pin": "000000"})

    def test_nothing_typed_is_kept_anywhere(self, delivered, pin_of):
        job = delivered()
        pin = pin_of(job.shipment)

        key = FormKey.objects.get(action="confirm_delivery")
        assert pin not in (key.input_sha256, key.result)
        assert pin not in str(ProofTry.objects.values().get())
        assert pin not in str(Proof.objects.values().get())


class TestWrongCodes:
    def test_are_counted_and_change_nothing_else(self, on_its_way, confirm, wrong_pin):
        job = on_its_way()

        outcomes = [confirm(job, pin=wrong_pin(job.shipment, number)) for number in (1, 2, 3)]

        assert [(outcome.result, outcome.tries_left) for outcome in outcomes] == [
            (Result.WRONG, 4),
            (Result.WRONG, 3),
            (Result.WRONG, 2),
        ]
        assert Proof.objects.get().tries == 3
        assert ProofTry.objects.filter(right=False).count() == 3
        assert Shipment.objects.get().status == "shipped"
        assert not Attempt.objects.exists()

    def test_the_fifth_locks_and_then_no_code_counts(self, on_its_way, confirm, wrong_pin, pin_of, buyer):
        job = on_its_way()

        outcomes = [confirm(job, pin=wrong_pin(job.shipment)).result for _try in range(7)]
        right = confirm(job, pin=pin_of(job.shipment))

        assert outcomes == [Result.WRONG] * 4 + [Result.LOCKED] * 3
        assert (right.result, right.tries_left) == (Result.LOCKED, 0)
        proof = Proof.objects.get()
        assert (proof.status, proof.tries) == ("locked", 5)
        assert ProofTry.objects.count() == 5
        assert Shipment.objects.get().status == "shipped"
        assert told("proof_locked") == {buyer.pk}

    def test_the_same_form_again_counts_once_though_the_server_key_was_changed_between(
        self, on_its_way, confirm, courier, wrong_pin, settings
    ):
        """An answer was lost, the store was restarted with a new key, the courier's phone sends the form again."""
        job = on_its_way()
        given = {
            "pin": wrong_pin(job.shipment),
            "form_key": new_form_key(user_id=courier.pk, action="confirm_delivery", subject=job.pk),
        }
        first = confirm(job, **given)
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key", [settings.SECRET_KEY]

        again = confirm(job, **given)

        assert (first.result, again.tries_left) == (Result.WRONG, first.tries_left)
        settings.SECRET_KEY_FALLBACKS = []
        with pytest.raises(KeyReused):
            confirm(job, **given)

    def test_the_same_form_again_counts_once(self, on_its_way, confirm, courier, wrong_pin):
        job = on_its_way()
        form = {
            "pin": wrong_pin(job.shipment),
            "form_key": new_form_key(user_id=courier.pk, action="confirm_delivery", subject=job.pk),
        }

        outcomes = [confirm(job, **form) for _three_times in range(3)]

        assert {(outcome.result, outcome.tries_left) for outcome in outcomes} == {(Result.WRONG, 4)}
        assert Proof.objects.get().tries == 1

    def test_another_parcels_code_is_as_wrong_as_any(self, on_its_way, confirm, person, pin_of, token_of):
        job, other = on_its_way(person(), price=100), on_its_way(person(), price=100)

        by_pin = confirm(job, pin=pin_of(other.shipment))
        by_token = confirm(job, token=token_of(other.shipment))

        assert (by_pin.result, by_token.result) == (Result.WRONG, Result.WRONG)
        assert by_token.tries_left == 3
        assert Proof.objects.get(consignment__shipment=other.shipment).tries == 0

    def test_old_foreign_and_made_up_codes_take_the_same_way(
        self, on_its_way, confirm, person, buyer, pin_of, wrong_pin
    ):
        """The same statements, so that nobody learns from the time what kind of wrong it was."""
        job, other = on_its_way(buyer), on_its_way(person(), price=100)
        old = pin_of(job.shipment)
        reissue_proof(shipment_id=job.shipment_id, purpose="delivery", actor=buyer)
        confirm(job, pin=wrong_pin(job.shipment))  # what is looked up once is known now

        counted, answers = [], []
        for pin in (wrong_pin(job.shipment), old, pin_of(other.shipment)):
            with CaptureQueriesContext(connection) as queries:
                outcome = confirm(job, pin=pin)
            counted.append(len(queries))
            answers.append((outcome.result, outcome.tries_left))

        assert len(set(counted)) == 1
        assert answers == [(Result.WRONG, 3), (Result.WRONG, 2), (Result.WRONG, 1)]

    def test_control_were_it_an_error_no_try_would_have_been_counted(self, on_its_way, confirm, wrong_pin):
        """Why a wrong code is an answer: what raises is undone, its count too (M14)."""
        job = on_its_way()

        @service
        def confirm_or_raise():
            assert confirm(job, pin=wrong_pin(job.shipment)).result == Result.WRONG
            raise StaleState("wrong")

        with pytest.raises(StaleState), transaction.atomic():
            confirm_or_raise()

        assert Proof.objects.get().tries == 0
        assert not ProofTry.objects.exists()

    @pytest.mark.parametrize(
        "given", [{"pin": "12345"}, {"pin": ""}, {"token": "https://example.org"}], ids=str
    )
    def test_a_slip_is_no_try(self, on_its_way, confirm, given):
        job = on_its_way()

        with pytest.raises(Invalid):
            confirm(job, **given)

        assert not ProofTry.objects.exists()
        assert Proof.objects.get().tries == 0

    def test_twenty_within_a_day_suspend_the_couriers_claims(
        self, on_its_way, confirm, person, courier, admin, superadmin, wrong_pin
    ):
        jobs = [on_its_way(person(), courier, price=100) for _number in range(5)]
        User.objects.filter(pk=admin.pk).update(is_active=False)

        for number in range(19):
            job = jobs[number // 4]
            confirm(job, pin=wrong_pin(job.shipment))
        assert Courier.objects.get().claims_suspended_at is None
        confirm(jobs[4], pin=wrong_pin(jobs[4].shipment))

        assert Courier.objects.get().claims_suspended_at
        staff = set(User.objects.filter(role="superadmin").values_list("pk", flat=True))
        assert told("claims_suspended") == {courier.pk} | staff
        assert confirm(jobs[0]).result == Result.CONFIRMED

    def test_scanned_codes_that_fit_nothing_are_written_and_suspend_nobody(
        self, on_its_way, confirm, person, courier, wrong_pin
    ):
        """A code cannot be guessed, and anybody can hold a wrong one before the camera."""
        jobs = [on_its_way(person(), courier, price=100) for _number in range(5)]
        for number in range(20):
            confirm_scan(
                actor=courier,
                token="A" * 20 + f"{number:02}",
                place=None,
                form_key=new_form_key(user_id=courier.pk, action="confirm_scan"),
            )
        confirm(jobs[4], token="B" * 22)
        assert ProofTry.objects.filter(right=False, method="qr").count() == 21
        assert Courier.objects.get().claims_suspended_at is None

        for number in range(19):
            confirm(jobs[number // 4], pin=wrong_pin(jobs[number // 4].shipment))
        assert Courier.objects.get().claims_suspended_at is None
        confirm(jobs[4], pin=wrong_pin(jobs[4].shipment))
        assert Courier.objects.get().claims_suspended_at

    def test_old_wrong_tries_and_forgiven_ones_do_not_count(
        self, on_its_way, confirm, person, courier, wrong_pin
    ):
        jobs = [on_its_way(person(), courier, price=100) for _number in range(5)]
        for number in range(19):
            job = jobs[number // 4]
            confirm(job, pin=wrong_pin(job.shipment))

        with clock.moved(timedelta(hours=24, minutes=1)):
            confirm(jobs[4], pin=wrong_pin(jobs[4].shipment))
        assert Courier.objects.get().claims_suspended_at is None

        Courier.objects.update(forgiven_at=clock.now())
        confirm(jobs[0], pin=wrong_pin(jobs[0].shipment))
        assert Courier.objects.get().claims_suspended_at is None


class TestNothingToProve:
    def test_before_the_pick_up(self, claimed, confirm):
        job = claimed()

        assert confirm(job, pin="123456").result == Result.NOTHING_OPEN
        assert not ProofTry.objects.exists()

    def test_after_it_was_given_back(self, claimed, confirm, courier):
        job = claimed()
        give_back(delivery_id=job.pk, actor=courier, reason="Flat tyre")

        assert confirm(job, pin="123456").result == Result.NOTHING_OPEN

    def test_another_courier_proves_nothing(self, on_its_way, confirm, other_courier, pin_of):
        job = on_its_way()

        with pytest.raises(PermissionDenied):
            confirm(job, actor=other_courier, pin=pin_of(job.shipment))

        assert Shipment.objects.get().status == "shipped"
        assert not ProofTry.objects.exists()


@pytest.mark.parametrize("is_known", [True, False])
def test_the_address_is_for_nobody_else(on_its_way, other_courier, is_known):
    job = on_its_way()

    with pytest.raises(PermissionDenied):
        note_address_read(delivery_id=job.pk, actor=other_courier if is_known else AnonymousUser())

    assert not AddressRead.objects.exists()


class TestWhatIsNeverChanged:
    def test_a_try_stays_as_it_was_written(self, on_its_way, confirm, wrong_pin):
        job = on_its_way()
        confirm(job, pin=wrong_pin(job.shipment))

        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            ProofTry.objects.update(right=True)

    def test_who_read_an_address_is_written_once_an_hour(self, on_its_way, courier, admin):
        job = on_its_way()
        for reader in (courier, courier, admin):
            note_address_read(delivery_id=job.pk, actor=reader)
        with clock.moved(timedelta(hours=1)):
            note_address_read(delivery_id=job.pk, actor=courier)

        assert AddressRead.objects.count() == 3
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            AddressRead.objects.update(reader=admin)
