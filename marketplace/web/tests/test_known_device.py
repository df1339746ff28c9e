"""Who guesses somebody's password from elsewhere does not lock the owner out of their own device."""

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.test import Client

from marketplace.web import known_device
from marketplace.web.tests.test_sign_in import LOGIN, PASSWORD

pytestmark = pytest.mark.django_db

LIMIT = {"login_failed": "5/5m/key"}


@pytest.fixture(autouse=True)
def limits(settings):
    settings.ACCOUNT_RATE_LIMITS = LIMIT


@pytest.fixture
def own(admin):
    """The admin's own device: they signed in there once, and out."""
    browser = Client()
    assert sign_in(browser, admin).status_code == 302
    browser.post("/accounts/logout/")
    return browser


def sign_in(browser, user, password=PASSWORD):
    return browser.post(LOGIN, {"login": user.email, "password": password})


def guess(user, browser=None, times=6) -> list[int]:
    browser = browser or Client()
    return [sign_in(browser, user, f"wrong {number}").status_code for number in range(times)]


def test_five_wrong_passwords_from_elsewhere_do_not_lock_the_owner_out(admin, own):
    assert guess(admin) == [422] * 5 + [429]

    assert sign_in(own, admin).status_code == 302
    assert sign_in(Client(), admin).status_code == 429


def test_a_known_device_has_five_tries_of_its_own_and_no_more(admin, own):
    assert guess(admin, own) == [422] * 5 + [429]

    assert sign_in(own, admin).status_code == 429
    assert sign_in(Client(), admin).status_code == 302


def test_a_device_is_known_to_the_account_that_signed_in_there_and_to_no_other(admin, own, buyer):
    guess(buyer)

    assert sign_in(own, buyer).status_code == 429


@pytest.mark.parametrize("forged", ["x", "", "e30:x:y", '{"a": "b"}', "é"])
def test_a_forged_cookie_is_worth_nothing(admin, forged):
    guess(admin)
    browser = Client()
    browser.cookies[known_device.NAME] = forged

    assert sign_in(browser, admin).status_code == 429


def test_the_cookie_is_signed_and_names_nobody(admin, own):
    cookie = own.cookies[known_device.NAME]

    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/accounts/")
    assert admin.email.partition("@")[0] not in cookie.value


def test_a_device_keeps_its_name_and_knows_the_last_five_people(admin, own, person):
    name = named(own, admin)
    sign_in(own, admin)
    assert named(own, admin) == name

    others = [person() for _number in range(5)]
    for other in others:
        own.post("/accounts/logout/")
        sign_in(own, other)
    assert named(own, admin) == ""
    assert all(named(own, other) for other in others)


def named(browser, user) -> str:
    class Request:
        COOKIES = {known_device.NAME: browser.cookies[known_device.NAME].value}

    return known_device.name_of(Request, user.email)


def test_a_new_password_lets_its_owner_try_again_everywhere(admin, own):
    guess(admin)
    guess(admin, own)
    admin.refresh_from_db()
    link = f"/accounts/password/reset/key/{user_pk_to_url_str(admin)}-{default_token_generator.make_token(admin)}/"
    new = "another quite long phrase"
    own.post(own.get(link).url, {"password1": new, "password2": new})

    for browser in (own, Client()):
        assert sign_in(browser, admin, new).status_code == 302


def test_a_device_stays_known_while_the_store_changes_its_secret_key(admin, own, settings):
    name = named(own, admin)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "quite another key, which is long enough for all"
    guess(admin)

    assert sign_in(own, admin).status_code == 302

    settings.SECRET_KEY_FALLBACKS = []
    assert named(own, admin) == name
