"""Sessions end: after a while without a request, and after a while in all."""

from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

PASSWORD = "correct horse battery staple"  # of everybody that the fixtures make


@pytest.fixture
def at(time_machine):
    """`at(minutes=29)`: that long after everybody signed in."""
    start = datetime.fromisoformat("2026-05-01T08:00:00+00:00")

    def move(**later: float) -> None:
        time_machine.move_to(start + timedelta(**later), tick=False)

    move()
    return move


@pytest.fixture
def signed_in(client, at):
    def sign_in(user):
        client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
        assert client.get("/account/").status_code == 200
        return client

    return sign_in


def is_in(client) -> bool:
    answer = client.get("/account/")
    assert answer.status_code in (200, 302)
    return answer.status_code == 200


def test_staff_sign_in_again_after_half_an_hour_away(signed_in, admin, at):
    client = signed_in(admin)

    at(minutes=29)
    assert is_in(client)
    at(minutes=58)
    assert is_in(client)
    at(minutes=89)
    answer = client.get("/account/")

    assert answer.url == f"{reverse('account_login')}?next=/account/"
    assert "Please sign in again." in client.get(answer.url).content.decode()
    assert not is_in(client)


def test_a_page_that_looks_by_itself_keeps_nobody_signed_in(signed_in, admin, at):
    client = signed_in(admin)

    for minutes in range(1, 30):
        at(minutes=minutes)
        assert client.get("/account/", headers={"If-None-Match": '"known"'}).status_code == 200
    at(minutes=31)

    assert not is_in(client)


def test_staff_sign_in_again_after_half_a_day_however_busy(signed_in, admin, at):
    client = signed_in(admin)

    for quarter in range(1, 48):
        at(minutes=15 * quarter)
        assert is_in(client)
    at(hours=12, seconds=1)

    assert not is_in(client)


def test_shoppers_sign_in_again_after_two_weeks_away(signed_in, buyer, at):
    client = signed_in(buyer)

    at(days=13)
    assert is_in(client)
    at(days=26)
    assert is_in(client)


def test_a_shopper_who_was_away_for_two_weeks_is_out(signed_in, buyer, at):
    client = signed_in(buyer)
    at(days=14, seconds=1)

    assert not is_in(client)


def test_shoppers_sign_in_again_after_a_month_however_busy(signed_in, buyer, at):
    client = signed_in(buyer)

    for day in range(1, 31):
        at(days=day)
        assert is_in(client)
    at(days=30, seconds=1)

    assert not is_in(client)


@pytest.mark.parametrize(
    ("who", "quiet", "noted"),
    [("admin", {"minutes": 4}, {"minutes": 5}), ("buyer", {"hours": 23}, {"hours": 24})],
)
@pytest.mark.every_database
def test_a_page_writes_the_visit_down_now_and_then_only(request, signed_in, at, who, quiet, noted):
    client = signed_in(request.getfixturevalue(who))
    before = Session.objects.get().session_data

    at(**quiet)
    client.get("/account/")
    assert Session.objects.get().session_data == before
    at(**noted)
    client.get("/account/")

    assert Session.objects.get().session_data != before


def test_a_session_of_staff_that_does_not_say_when_it_began_counts_from_now(as_person, admin, at):
    client = as_person(admin)
    assert is_in(client)

    at(minutes=31)

    assert not is_in(client)
