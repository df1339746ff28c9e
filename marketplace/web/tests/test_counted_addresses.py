"""Whom limits count: an address of IPv4, a home of IPv6, however the server or a proxy writes it."""

import pytest
from django.test import Client, RequestFactory

from marketplace.web.access import client_address, counted_address
from marketplace.web.tests.test_sign_in import LOGIN, PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.mark.parametrize(
    ("address", "seen", "counted"),
    [
        ("203.0.113.9", "203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9", "203.0.113.9"),  # a server that listens on [::]
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::1", "fe80::/64"),
        ("127.0.0.1%eth0", "127.0.0.1%eth0", "unknown"),
        ("", "", "unknown"),
        ("x" * 5_000, "x" * 5_000, "unknown"),
    ],
)
def test_limits_count_a_home_and_not_its_every_address(address, seen, counted):
    """Of IPv6 everybody has 2^64 addresses; and of all people on IPv4 none shares a count with another."""
    request = RequestFactory().get("/", REMOTE_ADDR=address)

    assert client_address(request, 0) == seen
    assert counted_address(request, 0) == counted


@pytest.mark.parametrize("path", ["/search/", "/search/suggest/", "/track/x/"])
def test_another_address_of_the_same_home_is_no_way_round_a_limit(client, settings, path):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, (3, 3_600))

    answers = [client.get(path, REMOTE_ADDR=f"2001:db8::{number}").status_code for number in range(1, 6)]

    assert 429 not in answers[:3] and answers[3:] == [429, 429]


def test_people_on_ipv4_do_not_share_a_limit_where_the_server_listens_on_ipv6(settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "3/m/ip"}

    def sign_in(address: str) -> int:
        form = {"login": "nobody@example.org", "password": "wrong"}
        return Client(REMOTE_ADDR=address).post(LOGIN, form).status_code

    assert [sign_in("::ffff:203.0.113.9") for _number in range(4)] == [422] * 3 + [429]
    assert sign_in("::ffff:203.0.113.10") == 422


def test_an_address_with_a_zone_signs_in(buyer):
    form = {"login": buyer.email, "password": PASSWORD}

    assert Client(REMOTE_ADDR="fe80::1%eth0").post(LOGIN, form).status_code == 302
