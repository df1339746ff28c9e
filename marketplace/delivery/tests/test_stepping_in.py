"""What staff may do where the rules do not help, and nobody else."""

import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from PIL import Image

from marketplace.accounts.models import Role, User
from marketplace.common import clock
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.delivery import photos
from marketplace.delivery.models import Attempt, Courier, Delivery, Proof, ProofTry, private_storage
from marketplace.delivery.notices import (
    CLAIMS_OPEN,
    ORDER_DELIVERED,
    PARCEL_RETURNED,
    PARCEL_RETURNING,
    PROOF_BYPASSED,
)
from marketplace.delivery.services import (
    bypass_proof,
    claim_shipment,
    lift_suspension,
    send_back,
    void_attempt,
)
from marketplace.delivery.states import AttemptOutcome, DeliveryStatus, Method, ProofStatus
from marketplace.notifications.models import Notification
from marketplace.orders.models import Shipment, ShipmentEvent
from marketplace.orders.states import ShipmentStatus
from marketplace.wallet.selectors import wallet_of

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def photo():
    """A photo that can be read again and again."""

    def make() -> io.BytesIO:
        file = io.BytesIO()
        Image.new("RGB", (40, 30), "#886644").save(file, "JPEG")
        file.seek(0)
        file.name = "door.jpg"
        return file

    return make


@pytest.fixture
def bypass(photo):
    """`bypass(job, admin)`: with a reason, a photo and a form key of its own."""

    def run(job: Delivery, actor, **given) -> Proof:
        key = new_form_key(user_id=actor.pk, action="bypass_proof", subject=job.shipment_id)
        said = {"reason": "The neighbour has it", "photo": photo(), "form_key": key}
        return bypass_proof(shipment_id=job.shipment_id, actor=actor, **said | given)

    return run


def photos_kept() -> set[str]:
    try:
        return set(private_storage().listdir("proofs")[1])
    except FileNotFoundError:
        return set()


def told(kind) -> set[int]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def everything() -> tuple:
    return (
        list(Shipment.objects.order_by("pk").values_list("status", "completes_at")),
        list(Delivery.objects.order_by("pk").values_list("status", "live_key")),
        list(Proof.objects.order_by("pk").values_list("status", "used_by_id", "current_key")),
        list(Attempt.objects.order_by("pk").values_list("outcome")),
        ShipmentEvent.objects.count(),
        Notification.objects.count(),
        photos_kept(),
    )


class TestBypass:
    def test_it_counts_as_delivered_and_the_buyer_has_twice_the_time(
        self, on_its_way, admin, buyer, seller, bypass, settings, courier
    ):
        settings.COMPLETION_DAYS = 3
        job = on_its_way()

        proof = bypass(job, admin)

        job.refresh_from_db()
        shipment = Shipment.objects.get(pk=job.shipment_id)
        assert (shipment.status, job.status) == (ShipmentStatus.DELIVERED, DeliveryStatus.DELIVERED)
        assert shipment.completes_at - shipment.delivered_at == pytest.approx(
            timedelta(days=6), abs=timedelta(seconds=5)
        )
        assert (proof.status, proof.method, proof.used_by_id) == (
            ProofStatus.BYPASSED,
            Method.BYPASS,
            admin.pk,
        )
        assert (proof.reason, proof.delivery_id) == ("The neighbour has it", job.pk)
        with proof.photo.open() as file:
            assert Image.open(file).size == (40, 30)
        assert told(PROOF_BYPASSED.name) == {buyer.pk, seller.pk}
        assert told(ORDER_DELIVERED.name) == set()
        step = shipment.events.last()
        assert (step.actor_id, step.reason) == (admin.pk, "The neighbour has it")
        assert Attempt.objects.get().outcome == AttemptOutcome.SUCCEEDED

    def test_the_courier_gets_the_fee_once(self, on_its_way, admin, courier, bypass, settings):
        settings.COURIER_FEE = 250
        job = on_its_way()

        for _ in range(2):
            bypass(job, admin)

        assert wallet_of(courier.pk).balance == 250

    def test_again_it_changes_nothing_and_keeps_one_photo(self, on_its_way, admin, bypass, photo):
        job = on_its_way()
        before = photos_kept()
        key = new_form_key(user_id=admin.pk, action="bypass_proof", subject=job.shipment_id)
        first = bypass(job, admin, form_key=key)
        after = everything()

        assert bypass(job, admin, form_key=key).pk == first.pk
        assert bypass(job, admin).pk == first.pk
        assert everything() == after
        assert len(photos_kept() - before) == 1

    def test_a_locked_proof_too(self, on_its_way, admin, bypass, confirm, wrong_pin, proof_of):
        job = on_its_way()
        for _ in range(5):
            confirm(job, pin=wrong_pin(job.shipment))
        assert proof_of(job.shipment).status == ProofStatus.LOCKED

        assert bypass(job, admin).status == ProofStatus.BYPASSED

    def test_a_return_ends_with_the_seller_and_the_money_is_back(
        self, going_back, admin, buyer, seller, bypass
    ):
        job = going_back(price=1500)
        assert wallet_of(buyer.pk).held_balance == 1500

        bypass(job, admin)

        job.refresh_from_db()
        assert job.status == DeliveryStatus.RETURNED
        assert Shipment.objects.get(pk=job.shipment_id).status == ShipmentStatus.RETURNED
        assert (wallet_of(buyer.pk).balance, wallet_of(buyer.pk).held_balance) == (1500, 0)
        assert told(PROOF_BYPASSED.name) == {seller.pk}
        assert told(PARCEL_RETURNED.name) == {buyer.pk, seller.pk}

    @pytest.mark.parametrize("who", ["buyer", "seller", "courier", "stranger"])
    def test_only_staff(self, request, on_its_way, bypass, who):
        job = on_its_way()
        before = everything()

        with pytest.raises(PermissionDenied):
            bypass(job, request.getfixturevalue(who))

        assert everything() == before

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"reason": " "}, "reason"),
            ({"reason": "x" * 301}, "reason"),
            ({"photo": None}, "photo"),
            ({"photo": io.BytesIO(b"<svg onload=alert(1)>")}, "photo"),
        ],
    )
    def test_it_needs_a_reason_and_a_photo(self, on_its_way, admin, bypass, said, field):
        job = on_its_way()
        before = everything()

        with pytest.raises(Invalid) as refused:
            bypass(job, admin, **said)

        assert refused.value.field == field
        assert everything() == before

    def test_what_is_not_on_its_way_is_refused_and_leaves_no_photo(self, claimed, delivered, admin, bypass):
        jobs = [claimed(), delivered()]
        before = everything()

        for job in jobs:
            with pytest.raises(StaleState):
                bypass(job, admin)

        assert everything() == before


class TestSendingBack:
    def test_it_goes_back_and_the_seller_has_a_pin(self, on_its_way, admin, buyer, seller, confirm):
        job = on_its_way()

        for _ in range(2):
            shipment = send_back(shipment_id=job.shipment_id, actor=admin, reason="Recalled")

        shipment.refresh_from_db()
        job.refresh_from_db()
        assert (shipment.status, job.status) == (ShipmentStatus.RETURNING, DeliveryStatus.RETURNING)
        assert told(PARCEL_RETURNING.name) == {buyer.pk, seller.pk}
        confirm(job)
        shipment.refresh_from_db()
        assert shipment.status == ShipmentStatus.RETURNED

    @pytest.mark.parametrize("who", ["buyer", "seller", "courier"])
    def test_only_staff(self, request, on_its_way, who):
        job = on_its_way()
        before = everything()

        with pytest.raises(PermissionDenied):
            send_back(shipment_id=job.shipment_id, actor=request.getfixturevalue(who), reason="Mine")

        assert everything() == before

    def test_only_what_is_on_its_way(self, claimed, delivered, admin):
        jobs = [claimed(), delivered()]
        before = everything()

        for job in jobs:
            with pytest.raises(StaleState):
                send_back(shipment_id=job.shipment_id, actor=admin, reason="Recalled")
        with pytest.raises(Invalid):
            send_back(shipment_id=jobs[0].shipment_id, actor=admin, reason="")

        assert everything() == before


class TestVoidingAnAttempt:
    def test_it_no_longer_counts_towards_three(self, on_its_way, admin, fail):
        job = on_its_way()
        first = fail(job)
        fail(job)

        for _ in range(2):
            attempt = void_attempt(attempt_id=first.pk, actor=admin, reason="They were at home")

        assert attempt.outcome == AttemptOutcome.VOID
        note = job.shipment.events.last()
        assert (note.is_step, note.reason) == (False, "Attempt 1 does not count: They were at home")
        fail(job)
        job.refresh_from_db()
        assert job.status == DeliveryStatus.CARRYING
        fail(job)
        job.refresh_from_db()
        assert job.status == DeliveryStatus.RETURNING

    @pytest.mark.parametrize("who", ["buyer", "seller", "courier"])
    def test_only_staff(self, request, on_its_way, fail, who):
        attempt = fail(on_its_way())
        before = everything()

        with pytest.raises(PermissionDenied):
            void_attempt(attempt_id=attempt.pk, actor=request.getfixturevalue(who), reason="No")

        assert everything() == before

    def test_one_that_stands_is_not_voided(self, on_its_way, admin, fail, confirm):
        job = on_its_way()
        failed = fail(job)
        with pytest.raises(Invalid):
            void_attempt(attempt_id=failed.pk, actor=admin, reason="")
        confirm(job)
        before = everything()

        for attempt in Attempt.objects.all():
            with pytest.raises(StaleState):
                void_attempt(attempt_id=attempt.pk, actor=admin, reason="Too late")

        assert everything() == before


class TestLiftingASuspension:
    @pytest.fixture
    def suspended(self, on_its_way, courier, confirm, wrong_pin):
        """After nineteen wrong PINs at other doors, the twentieth."""
        job = on_its_way()
        ProofTry.objects.bulk_create(
            ProofTry(courier=courier, method=Method.PIN, right=False) for _number in range(19)
        )
        confirm(job, pin=wrong_pin(job.shipment))
        assert Courier.objects.get(pk=courier.pk).claims_suspended_at
        return courier

    def test_they_can_claim_again_and_start_from_none(self, suspended, admin, placed, confirm, wrong_pin):
        for _ in range(2):
            row = lift_suspension(courier_id=suspended.pk, actor=admin)

        told = Notification.objects.filter(kind=CLAIMS_OPEN.name)
        assert list(told.values_list("recipient_id", flat=True)) == [suspended.pk]
        assert clock.now() - row.forgiven_at < timedelta(minutes=1)
        assert claim_shipment(shipment_id=placed().pk, actor=suspended).is_active
        job = Delivery.objects.get(status=DeliveryStatus.CARRYING)
        for _ in range(3):
            confirm(job, pin=wrong_pin(job.shipment))
        row.refresh_from_db()
        assert row.claims_suspended_at is None

    @pytest.mark.parametrize("who", ["courier", "other_courier", "seller"])
    def test_only_staff(self, request, suspended, who):
        with pytest.raises(PermissionDenied):
            lift_suspension(courier_id=suspended.pk, actor=request.getfixturevalue(who))

        assert Courier.objects.get(pk=suspended.pk).claims_suspended_at

    def test_who_is_not_suspended_stays_so(self, courier, admin):
        row = lift_suspension(courier_id=courier.pk, actor=admin)

        assert not Notification.objects.filter(kind=CLAIMS_OPEN.name).exists()
        assert (row.claims_suspended_at, row.forgiven_at) == (None, None)


def test_who_works_here_now_confirms_neither_their_own_purchase_nor_their_own_sale(
    on_its_way, superadmin, bypass
):
    job = on_its_way()
    parties = [job.receiver_id, job.sender_id]
    User.objects.filter(pk__in=parties).update(role=Role.ADMIN)
    before, kept = everything(), photos_kept()

    for party in User.objects.filter(pk__in=parties):
        with pytest.raises(PermissionDenied):
            bypass(job, party)

    assert everything() == before
    assert photos_kept() == kept


def test_who_carries_a_parcel_does_not_confirm_it_whatever_else_they_are_now(
    on_its_way, going_back, superadmin, courier, bypass
):
    jobs = [on_its_way(), going_back()]
    User.objects.filter(pk=courier.pk).update(role=Role.ADMIN)
    carrier, before = User.objects.get(pk=courier.pk), everything()

    for job in jobs:
        with pytest.raises(PermissionDenied):
            bypass(job, carrier)

    assert everything() == before
    assert bypass(jobs[0], superadmin).status == ProofStatus.BYPASSED  # somebody else can


def test_who_carries_it_is_asked_again_once_nobody_can_change_it(
    on_its_way, superadmin, admin, bypass, monkeypatch
):
    """The photo is drawn before anything is locked; meanwhile the parcel may change hands."""
    job = on_its_way()
    store, before = photos.store_photo, photos_kept()

    def hand_over_and_store(*given):
        Delivery.objects.filter(pk=job.pk).update(courier=admin)
        Shipment.objects.filter(pk=job.shipment_id).update(courier=admin)
        return store(*given)

    monkeypatch.setattr(photos, "store_photo", hand_over_and_store)

    with pytest.raises(PermissionDenied):
        bypass(job, admin)

    assert Shipment.objects.get(pk=job.shipment_id).status == ShipmentStatus.SHIPPED
    assert photos_kept() == before
