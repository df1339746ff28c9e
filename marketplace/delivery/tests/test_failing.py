"""A try at the door that came to nothing, and what follows from the third."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from PIL import ExifTags, Image

from marketplace.common.errors import Invalid, KeyReused, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.common.places import Place
from marketplace.delivery import photos
from marketplace.delivery.models import Attempt, Delivery, Proof, private_storage
from marketplace.delivery.services import failing
from marketplace.delivery.states import FailReason
from marketplace.notifications.models import Notification
from marketplace.orders.models import Shipment
from marketplace.wallet.models import Hold


def told(kind: str) -> list[int]:
    return sorted(Notification.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def stored() -> list[str]:
    try:
        return private_storage().listdir(photos.ATTEMPTS)[1]
    except FileNotFoundError:
        return []


@pytest.fixture
def photo(picture_file):
    """A photo of a door, as a phone makes it: it says where it was taken."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Cara's phone"
    return picture_file("JPEG", exif=exif)


class TestATryThatFailed:
    def test_is_written_with_all_that_was_said(self, on_its_way, fail, buyer, photo):
        job = on_its_way()

        attempt = fail(
            job,
            "absent",
            note=" Nobody opened. ",
            photo=photo,
            place=Place(Decimal("52.520908"), Decimal("13.404954"), 8),
        )

        attempt.refresh_from_db()
        assert (attempt.outcome, attempt.reason, attempt.note) == ("failed", "absent", "Nobody opened.")
        assert (attempt.number, attempt.distance_m, attempt.accuracy_m) == (1, 100, 8)
        with attempt.photo.open() as file, Image.open(file) as image:
            assert image.format == "WEBP"
            assert not image.getexif()
        assert told("delivery_failed") == [buyer.pk]

    def test_the_parcel_stays_with_its_courier_and_the_pin_stays_good(self, on_its_way, fail, confirm):
        job = on_its_way()

        fail(job)

        job.refresh_from_db()
        assert (job.status, Shipment.objects.get().status) == ("carrying", "shipped")
        assert confirm(job).result == "confirmed"
        assert list(Attempt.objects.values_list("number", "outcome")) == [(1, "failed"), (2, "succeeded")]

    def test_the_same_form_again_is_the_same_try(self, on_its_way, fail, courier, photo):
        job = on_its_way()
        before = len(stored())
        form = {"form_key": new_form_key(user_id=courier.pk, action="fail_attempt", subject=job.pk)}

        first = fail(job, "absent", photo=photo, **form)
        photo.seek(0)
        second = fail(job, "absent", photo=photo, **form)

        assert first == second
        assert Attempt.objects.count() == 1
        assert len(stored()) == before + 1
        with pytest.raises(KeyReused):
            fail(job, "unsafe", **form)

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"reason": "bored"}, "reason"),
            ({"reason": ""}, "reason"),
            ({"note": "x" * 301}, "note"),
        ],
        ids=str,
    )
    def test_what_cannot_be_taken_is_refused_with_its_field(self, on_its_way, fail, given, field):
        job = on_its_way()

        with pytest.raises(Invalid) as refusal:
            fail(job, **given)

        assert refusal.value.field == field
        assert not Attempt.objects.exists()

    def test_what_is_no_photo_is_refused(self, on_its_way, fail, tmp_path):
        job = on_its_way()
        (tmp_path / "door.jpg").write_bytes(b"<script>")

        with (tmp_path / "door.jpg").open("rb") as file, pytest.raises(Invalid) as refusal:
            fail(job, photo=file)

        assert refusal.value.field == "photo"
        assert not Attempt.objects.exists()

    def test_another_courier_writes_nothing(self, on_its_way, fail, other_courier):
        job = on_its_way()

        with pytest.raises(PermissionDenied):
            fail(job, actor=other_courier)

        assert not Attempt.objects.exists()

    @pytest.mark.parametrize("at", ["claimed", "delivered", "going_back"])
    def test_only_what_is_on_its_way_can_fail(self, request, fail, photo, at):
        job = request.getfixturevalue(at)()
        attempts, files = Attempt.objects.count(), len(stored())

        with pytest.raises(StaleState):
            fail(job, photo=photo)

        assert Attempt.objects.count() == attempts
        assert len(stored()) == files

    def test_a_photo_whose_row_was_not_written_is_gone(self, on_its_way, fail, photo, monkeypatch):
        job, files = on_its_way(), len(stored())
        monkeypatch.setattr(failing, "write_attempt", lambda *given, **more: 1 / 0)

        with pytest.raises(ZeroDivisionError):
            fail(job, photo=photo)

        assert len(stored()) == files


class TestGoingBack:
    def test_the_third_failure_sends_it_back(self, on_its_way, fail, buyer, seller):
        job = on_its_way()

        for reason in ("absent", "unsafe"):
            fail(job, reason)
        assert Shipment.objects.get().status == "shipped"
        fail(job, "wrong_address")

        job.refresh_from_db()
        assert (job.status, Shipment.objects.get().status) == ("returning", "returning")
        assert told("delivery_failed") == [buyer.pk, buyer.pk]
        assert told("parcel_returning") == sorted([buyer.pk, seller.pk])

    @pytest.mark.parametrize("reason", FailReason.values)
    def test_refused_and_damaged_go_back_at_once(self, on_its_way, fail, reason):
        job = on_its_way()

        fail(job, reason)

        goes_back = reason in ("refused", "damaged")
        assert Shipment.objects.get().status == ("returning" if goes_back else "shipped")
        assert Delivery.objects.get().status == ("returning" if goes_back else "carrying")

    def test_a_try_that_does_not_count_does_not_send_it_back(self, on_its_way, fail):
        job = on_its_way()
        fail(job)
        Attempt.objects.update(outcome="void")

        fail(job)
        fail(job)

        assert Shipment.objects.get().status == "shipped"
        fail(job)
        assert Shipment.objects.get().status == "returning"

    def test_the_sellers_pin_is_asked_for_and_the_buyers_is_dead(self, going_back):
        going_back()

        buyers, sellers = Proof.objects.get(purpose="delivery"), Proof.objects.get(purpose="return")
        assert (buyers.status, buyers.current_key) == ("replaced", None)
        assert (sellers.status, sellers.issue, sellers.tries) == ("issued", 1, 0)

    def test_a_locked_pin_of_the_buyers_stops_no_return(self, on_its_way, confirm, fail, wrong_pin):
        job = on_its_way()
        for _try in range(5):
            confirm(job, pin=wrong_pin(job.shipment))

        fail(job, "refused")

        assert Shipment.objects.get().status == "returning"

    def test_the_money_waits_until_it_is_back(self, going_back):
        going_back()

        assert Hold.objects.get().status == "open"
