"""A try at the door that came to nothing."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from marketplace.common.idempotency import new_form_key
from marketplace.delivery.models import Attempt, private_storage
from marketplace.delivery.shown import mark_of_try
from marketplace.products.pictures import MAX_BYTES
from marketplace.web.bodies import MOST_FORM, MOST_WITH_PHOTO


@pytest.fixture
def job(on_its_way):
    return on_its_way()


def drawn_for(job) -> dict[str, str]:
    """The try that the page's form is about: the next one."""
    return {"shown": mark_of_try(job.pk, "carrying", Attempt.objects.filter(outcome="failed").count())}


@pytest.fixture
def say(client, job, courier):
    """`say(reason="absent", note="…")` sends the form as the page has it."""

    def send(**typed: object):
        key = new_form_key(user_id=courier.pk, action="fail_attempt", subject=job.pk)
        return client.post(
            reverse("courier:fail", args=[job.number]), {"form_key": key, **drawn_for(job)} | typed
        )

    return send


def photo() -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "#888").save(file, "JPEG")
    return SimpleUploadedFile("door.jpg", file.getvalue(), "image/jpeg")


def test_the_page_says_which_try_it_is_and_what_comes_after_the_third(client, job, fail):
    address = reverse("courier:fail", args=[job.number])
    assert "Try 1 of 3." in client.get(address).content.decode()
    fail(job)
    fail(job)

    page = client.get(address).content.decode()

    assert "Try 3 of 3." in page
    assert "After this one the parcel goes back to the seller." in page


def test_it_is_written_down_with_note_photo_and_place(say, job):
    answer = say(
        reason="absent",
        note="Waited ten minutes",
        photo=photo(),
        lat="52.4812",
        lng="13.4311",
        accuracy="12.4",
    )

    assert (answer.status_code, answer.url) == (303, reverse("courier:job", args=[job.number]))
    attempt = Attempt.objects.get()
    assert (attempt.reason, attempt.note, attempt.accuracy_m) == ("absent", "Waited ten minutes", 13)
    assert attempt.photo
    assert attempt.distance_m < 100


def test_a_photo_as_a_phone_takes_it_goes_through_every_limit_on_its_way(say):
    """18 MB and 24 million pixels, from a browser that made it no smaller; the route's limit leaves the rest room."""
    file = io.BytesIO()
    Image.new("RGB", (6000, 4000), (200, 30, 30)).save(file, "JPEG")
    file.write(b"\0" * (18_000_000 - file.tell()))

    say(reason="absent", photo=SimpleUploadedFile("door.jpg", file.getvalue(), "image/jpeg"))

    with Attempt.objects.get().photo.open() as stored, Image.open(stored) as kept:
        assert kept.size == (2400, 1600)
    assert MAX_BYTES + MOST_FORM < MOST_WITH_PHOTO


def test_photos_are_limited_by_the_hour_and_tries_without_one_are_not(say, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"upload": (1, 3600)}

    answers = [say(reason="absent", photo=photo()) for _twice in range(2)]

    assert [answer.status_code for answer in answers] == [303, 429]
    assert answers[1]["Retry-After"]
    assert Attempt.objects.count() == 1
    assert say(reason="absent").status_code == 303


def test_a_photo_that_cannot_be_kept_is_a_503_and_the_same_form_may_be_sent_again(
    client, say, job, monkeypatch
):
    key = new_form_key(user_id=job.courier_id, action="fail_attempt", subject=job.pk)
    with monkeypatch.context() as patch:
        patch.setattr(private_storage(), "location", "/proc/nowhere")
        answer = say(reason="absent", note="Rang twice", photo=photo(), form_key=key)

    page = answer.content.decode()
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert f'value="{key}"' in page
    assert "Rang twice" in page
    assert not Attempt.objects.exists()
    for _turn in range(2):
        assert say(reason="absent", note="Rang twice", photo=photo(), form_key=key).status_code == 303
    assert Attempt.objects.count() == 1


def test_the_courier_finds_their_photo_beside_the_try(client, say, job):
    page = client.get(say(reason="absent", photo=photo()).url).content.decode()

    address = reverse("photo", args=[Attempt.objects.get().public_id])
    assert f'href="{address}"' in page
    assert client.get(address).status_code == 200


def test_the_same_form_sent_twice_is_one_try(client, job, courier):
    key = new_form_key(user_id=courier.pk, action="fail_attempt", subject=job.pk)
    for _ in range(2):
        answer = client.post(
            reverse("courier:fail", args=[job.number]),
            {"form_key": key, "reason": "absent", **drawn_for(job)},
        )
        assert answer.status_code == 303

    assert Attempt.objects.count() == 1


def test_a_refused_parcel_goes_back_at_once(say, job, client):
    answer = say(reason="refused")

    job.refresh_from_db()
    assert job.status == "returning"
    assert "Please bring the parcel back to the seller." in client.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Please choose a reason."),
        ({"reason": "bored"}, "Select a valid choice"),
        ({"reason": "absent", "note": "x" * 301}, "at most 300 characters"),
        ({"reason": "absent", "photo": SimpleUploadedFile("a.jpg", b"<svg/>", "image/jpeg")}, "picture"),
    ],
)
def test_what_cannot_be_taken_is_said_and_what_was_typed_kept(say, typed, sentence):
    answer = say(**{"note": "Waited ten minutes"} | typed)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert typed.get("note", "Waited ten minutes") in page
    assert not Attempt.objects.exists()


def test_a_place_that_makes_no_sense_is_left_out(say):
    assert say(reason="absent", lat="north", lng="1e9", accuracy="-").status_code == 303
    assert Attempt.objects.get().lat is None


def test_without_its_forms_key_nothing_is_written(client, job):
    answer = client.post(reverse("courier:fail", args=[job.number]), {"reason": "absent", "form_key": "x"})

    assert answer.status_code == 422
    assert not Attempt.objects.exists()


def test_a_job_that_is_over_gets_the_page_that_says_so(client, job, confirm, say):
    confirm(job)

    answer = say(reason="absent")

    assert answer.status_code == 409
    assert 'data-testid="job-done"' in answer.content.decode()
    assert client.get(reverse("courier:fail", args=[job.number])).status_code == 303
    assert Attempt.objects.count() == 1  # the one that succeeded


@pytest.mark.parametrize("step", ["fail", "give_back"])
def test_a_form_without_its_reason_of_a_job_that_moved_on_gets_the_page_that_says_so(client, job, say, step):
    say(reason="refused")  # it goes back: neither can be done any more

    answer = client.post(reverse(f"courier:{step}", args=[job.number]))

    assert answer.status_code == 422
    assert not answer.has_header("Location")
    page = answer.content.decode()
    assert "That is no longer possible." in page
    assert job.number in page
    assert Attempt.objects.count() == 1
