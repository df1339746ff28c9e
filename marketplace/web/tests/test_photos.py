"""Who sees a photo of a door or a parcel, and how it is handed out."""

import io
import mimetypes
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image

from marketplace.common import clock
from marketplace.delivery.models import Attempt, Proof

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "#6b7a55").save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def photographed(on_its_way, fail, picture):
    """A failed try whose courier took a photo; its public name."""
    job = on_its_way()
    attempt = fail(job, "absent")
    attempt.photo.save("door.jpg", ContentFile(picture))
    yield attempt.public_id
    attempt.photo.delete(save=False)


def see(client, public_id: str):
    return client.get(reverse("photo", args=[public_id]))


@pytest.mark.parametrize(("who", "status"), [("buyer", 200), ("admin", 200), ("stranger", 404)])
@pytest.mark.every_database
def test_so_is_the_one_of_a_handover_that_the_store_confirmed(
    request, client, on_its_way, bypass, who, status
):
    proof = bypass(on_its_way().shipment)
    client.force_login(request.getfixturevalue(who))

    assert see(client, proof.public_id).status_code == status


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("buyer", 200),
        ("seller", 200),
        ("courier", 200),
        ("admin", 200),
        ("superadmin", 200),
        ("stranger", 404),
        ("other_seller", 404),
        ("other_courier", 404),
        (None, 302),
    ],
)
@pytest.mark.every_database
def test_only_its_parcels_people_see_it(request, client, photographed, who, status):
    if who:
        client.force_login(request.getfixturevalue(who))

    assert see(client, photographed).status_code == status


@pytest.mark.parametrize(("days", "status"), [(29, 200), (31, 404)])
def test_the_courier_sees_it_for_thirty_days(client, courier, buyer, photographed, days, status):
    with clock.moved(timedelta(days=days)):
        client.force_login(courier)
        assert see(client, photographed).status_code == status
        client.force_login(buyer)
        assert see(client, photographed).status_code == 200


def test_it_is_handed_out_as_a_picture_that_can_do_nothing(client, buyer, photographed, picture):
    client.force_login(buyer)

    answer = see(client, photographed)

    assert answer.content == picture
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"] == f'inline; filename="{photographed}.jpg"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    assert answer["Content-Security-Policy"] == "sandbox"


@pytest.mark.parametrize(
    ("name", "kind"), [("door.jpg", "image/jpeg"), ("door.png", "image/png"), ("door.webp", "image/webp")]
)
def test_it_is_a_picture_also_where_the_machine_knows_no_types(
    client, buyer, photographed, picture, monkeypatch, name, kind
):
    """A slim image has no /etc/mime.types, and Python itself does not know every kind that we store."""
    monkeypatch.setattr(mimetypes, "guess_type", lambda *given, **more: (None, None))
    attempt = Attempt.objects.get(public_id=photographed)
    attempt.photo.delete(save=False)
    attempt.photo.save(name, ContentFile(picture))
    client.force_login(buyer)

    answer = see(client, photographed)

    assert answer["Content-Type"] == kind
    assert answer["Content-Disposition"].startswith("inline")
    attempt.photo.delete(save=False)


def test_a_file_that_is_no_picture_is_only_for_saving(client, buyer, photographed):
    attempt = Attempt.objects.get(public_id=photographed)
    attempt.photo.delete(save=False)
    attempt.photo.save("page.html", ContentFile(b"<script>alert(1)</script>"))
    client.force_login(buyer)

    answer = see(client, photographed)

    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    attempt.photo.delete(save=False)


def test_a_lost_file_or_no_photo_is_not_found(client, buyer, photographed):
    attempt = Attempt.objects.get(public_id=photographed)
    attempt.photo.storage.delete(attempt.photo.name)
    client.force_login(buyer)
    assert see(client, photographed).status_code == 404
    assert see(client, Proof.objects.get().public_id).status_code == 404
    assert see(client, "nothing").status_code == 404


def test_the_order_page_leads_to_it(client, buyer, photographed):
    attempt = Attempt.objects.get(public_id=photographed)
    client.force_login(buyer)

    page = client.get(reverse("shop:order_detail", args=[attempt.shipment.order.number])).content.decode()

    assert reverse("photo", args=[photographed]) in page
