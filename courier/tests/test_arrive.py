"""The courier says that they are at the door, where waiting there costs something."""

import pytest
from django.urls import reverse

from marketplace.accounts.models import Role
from marketplace.delivery.models import Delivery
from marketplace.delivery.shown import mark_of_try
from marketplace.rates.services import Rates, publish_rates

TABLE = Rates(base=0, again_fee=150, wait_fee=40, wait_free=5, wait_most=200)


@pytest.fixture
def job(person, on_its_way):
    publish_rates(rates=TABLE, actor=person(Role.ADMIN), expected_version=0)
    return on_its_way()


@pytest.fixture
def address(job):
    return reverse("courier:arrive", args=[job.number])


@pytest.fixture
def say(client, job, address):
    """`say(lat="…", lng="…")` sends the form as the page has it."""

    def send(**typed: object):
        mark = {"shown": mark_of_try(job.pk, "carrying", 0)}
        return client.post(address, mark | {"lat": "", "lng": "", "accuracy": ""} | typed)

    return send


AT_THE_DOOR = {"lat": "52.481", "lng": "13.431", "accuracy": "8"}


def test_the_page_says_what_waiting_costs(client, address, job):
    shown = client.get(reverse("courier:job", args=[job.number])).content.decode()
    assert 'data-testid="arrive"' in shown

    page = " ".join(client.get(address).content.decode().split())

    assert "5 minutes are free, then €0.40 a minute, €2.00 at most." in page


def test_it_is_counted_from_then_on_and_the_job_says_so(client, say, job):
    answer = say(**AT_THE_DOOR)

    back = reverse("courier:job", args=[job.number])
    assert (answer.status_code, answer.url) == (303, back)
    assert Delivery.objects.get(pk=job.pk).at_door_since
    page = client.get(back).content.decode()
    assert 'data-testid="at-the-door"' in page
    assert 'data-testid="arrive"' not in page
    assert say(**AT_THE_DOOR).status_code == 303  # twice is once


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Your phone has to say where it is"),
        ({"lat": "52.6", "lng": "13.4"}, "You are too far away from the door for that."),
        ({"lat": "north", "lng": "13.4"}, "place"),
    ],
)
def test_what_no_phone_at_the_door_says_is_refused(say, job, typed, sentence):
    answer = say(**typed)

    assert answer.status_code in (409, 422)
    assert sentence in answer.content.decode()
    assert Delivery.objects.get(pk=job.pk).at_door_since is None


def test_a_form_of_the_try_before_is_stale(say, fail, job):
    fail(job)

    assert say(**AT_THE_DOOR).status_code == 409
    assert Delivery.objects.get(pk=job.pk).at_door_since is None


def test_where_waiting_costs_nothing_nobody_is_asked(client, on_its_way):
    job = on_its_way()
    page = client.get(reverse("courier:job", args=[job.number])).content.decode()
    assert 'data-testid="arrive"' not in page

    address = reverse("courier:arrive", args=[job.number])
    assert client.get(address).status_code == 303
    assert client.post(address, AT_THE_DOOR).status_code == 409


def test_another_courier_finds_nothing(as_person, person, address):
    stranger = as_person(person(Role.DELIVERY))

    assert stranger.get(address).status_code == 404
    assert stranger.post(address, AT_THE_DOOR).status_code == 404
