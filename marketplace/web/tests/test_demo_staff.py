"""The demo's admins have a password that everybody can read: they get in on the store's own machine only."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.urls import reverse

from marketplace.accounts.models import Role
from marketplace.web.access import came_from_this_machine

pytestmark = pytest.mark.django_db
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}
SENTENCE = "only on the machine that the store runs on"


@pytest.fixture
def demo_admin(person):
    return person(Role.SUPERADMIN, email="superadmin@demo.ecs")


@pytest.mark.parametrize(
    "name", ["backoffice:deliveries", "mfa_index", "mfa_activate_totp", "account_email", "shop:home"]
)
def test_from_elsewhere_they_get_nowhere_and_are_signed_out(as_person, demo_admin, name):
    client = as_person(demo_admin)

    answer = client.get(reverse(name), **ELSEWHERE)

    assert answer.status_code == 403
    assert SENTENCE in answer.content.decode()
    assert SESSION_KEY not in client.session


def test_the_password_from_the_readme_opens_nothing_from_elsewhere(client, demo_admin):
    client.post(
        reverse("account_login"),
        {"login": demo_admin.email, "password": "correct horse battery staple"},
        **ELSEWHERE,
    )

    client.post(reverse("mfa_activate_totp"), {"code": "123456"}, **ELSEWHERE)

    assert client.get(reverse("backoffice:deliveries"), **ELSEWHERE).status_code == 302
    assert not Authenticator.objects.exists()


def test_htmx_is_led_to_the_sign_in_page(as_person, demo_admin):
    answer = as_person(demo_admin).get("/", headers={"HX-Request": "true"}, **ELSEWHERE)

    assert (answer.status_code, answer["HX-Redirect"]) == (401, reverse("account_login"))


def test_on_this_machine_or_where_a_setting_says_so_they_work(as_person, demo_admin, settings):
    page = reverse("backoffice:deliveries")
    assert as_person(demo_admin).get(page).status_code == 200

    settings.DEMO_STAFF_FROM_ANYWHERE = True
    assert as_person(demo_admin).get(page, **ELSEWHERE).status_code == 200


def test_other_people_are_not_asked_where_they_are(as_person, admin, person):
    assert as_person(admin).get(reverse("backoffice:deliveries"), **ELSEWHERE).status_code == 200
    assert as_person(person(email="shopper@demo.ecs")).get("/", **ELSEWHERE).status_code == 200


@pytest.mark.parametrize(
    ("address", "headers", "proxies", "here"),
    [
        ("127.0.0.1", {}, 0, True),
        ("::1", {}, 0, True),
        ("::ffff:127.0.0.1", {}, 0, True),
        ("203.0.113.7", {}, 0, False),
        ("", {}, 0, False),  # a Unix socket
        # A proxy on this machine that nobody told the store about.
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 0, False),
        ("127.0.0.1", {"X-Forwarded-Proto": "https"}, 0, False),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 0, False),
        # One that the store knows.
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 1, True),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1, 203.0.113.7"}, 1, False),
        ("127.0.0.1", {}, 1, False),  # it did not say for whom
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 2, False),
    ],
)
def test_in_doubt_nobody_is_on_this_machine(rf, address, headers, proxies, here):
    request = rf.get("/", headers=headers, REMOTE_ADDR=address)

    assert came_from_this_machine(request, proxies) is here
