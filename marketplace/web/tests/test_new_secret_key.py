"""SECRET_KEY was changed, the old one is a fallback or lost: nobody meets a 500 or is signed out for nothing."""

import pytest
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from marketplace.accounts import second_factor
from marketplace.accounts.second_factor import lost_factors, renew_factors

PASSWORD = "correct horse battery staple"
SECRET = "JBSWY3DPEHPK3PXP"
pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def new_key(settings):
    """Change the key; the old one stays a fallback unless it is lost."""

    def change(*, is_old_one_lost: bool = False) -> None:
        old, settings.SECRET_KEY = settings.SECRET_KEY, "a-new-key-of-the-store-that-nobody-outside-knows"
        settings.SECRET_KEY_FALLBACKS = [] if is_old_one_lost else [old]

    return change


@pytest.fixture
def factors(buyer, rf) -> list[str]:
    """The buyer has an authenticator app and recovery codes, which this returns."""
    with context.request_context(rf.get("/")):
        TOTP.activate(buyer, SECRET)
        return RecoveryCodes.activate(buyer).get_unused_codes()


def app_code(at: float) -> str:
    return format_hotp_value(hotp_value(SECRET, int(at) // 30))


def sign_in(client: Client, user, code: str):
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client.post(reverse("mfa_authenticate"), {"code": code})


def under(key: str, user) -> list[bool]:
    """Whether each second factor can be read with this key alone."""
    rows = Authenticator.objects.filter(user=user).order_by("pk")
    texts = [text for row in rows for text in second_factor._encrypted_in(row)]
    fernet = second_factor._fernet(key)

    def reads(text: str) -> bool:
        try:
            fernet.decrypt(text.encode())
        except second_factor.InvalidToken:
            return False
        return True

    return [reads(text) for text in texts]


# --- sessions -------------------------------------------------------------------------------------


@pytest.fixture(params=["ours", "control"])
def keeps(request, settings) -> bool:
    """The control puts Django's own middleware back, which moves the session to a new key."""
    if request.param == "control":
        place = settings.MIDDLEWARE.index("marketplace.web.signed_in.KnowsPeople")
        settings.MIDDLEWARE = [*settings.MIDDLEWARE]
        settings.MIDDLEWARE[place] = "django.contrib.auth.middleware.AuthenticationMiddleware"
    return request.param == "ours"


def test_several_requests_with_the_old_cookie_sign_nobody_out(client, buyer, new_key, settings, keeps):
    client.post("/accounts/login/", {"login": buyer.email, "password": PASSWORD})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    new_key()
    answers = []
    for _ in range(4):
        browser = Client()
        browser.cookies[settings.SESSION_COOKIE_NAME] = cookie
        answers.append(browser.get("/account/").status_code)

    assert answers == ([200] * 4 if keeps else [200, 302, 302, 302])
    assert UserSession.objects.filter(session_key=cookie).exists()


def test_the_hash_is_renewed_so_that_the_old_key_can_go(client, buyer, new_key, settings):
    client.post("/accounts/login/", {"login": buyer.email, "password": PASSWORD})
    new_key()
    assert client.get("/account/").status_code == 200

    settings.SECRET_KEY_FALLBACKS = []
    assert client.get("/account/").status_code == 200


def test_a_session_of_a_lost_key_ends_and_signing_in_still_changes_the_session(
    client, buyer, new_key, settings
):
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": buyer.email, "password": PASSWORD})
    first = client.cookies[settings.SESSION_COOKIE_NAME].value
    new_key(is_old_one_lost=True)
    assert client.get("/account/").status_code == 302

    client.post("/accounts/login/", {"login": buyer.email, "password": PASSWORD})
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != first
    assert client.get("/account/").status_code == 200


# --- second factors -------------------------------------------------------------------------------


def test_signing_in_writes_all_second_factors_under_the_new_key(client, buyer, factors, new_key, settings):
    new_key()
    assert under(settings.SECRET_KEY, buyer) == [False, False]

    assert sign_in(client, buyer, factors[0]).status_code == 302

    assert under(settings.SECRET_KEY, buyer) == [True, True]
    settings.SECRET_KEY_FALLBACKS = []
    client.logout()
    assert sign_in(client, buyer, factors[0]).status_code == 422, "a used code stays used"
    assert sign_in(client, buyer, factors[1]).status_code == 302


def test_without_the_old_key_a_code_is_refused_and_the_page_says_why(client, buyer, factors, new_key):
    new_key(is_old_one_lost=True)

    answer = sign_in(client, buyer, factors[0])

    assert answer.status_code == 422
    assert "has lost the key" in answer.content.decode()
    assert client.get("/account/").status_code == 302
    assert lost_factors(buyer.pk) == {"totp", "recovery_codes"}


def test_a_wrong_code_is_just_wrong_while_the_key_is_there(client, buyer, factors):
    answer = sign_in(client, buyer, "00000000")

    assert answer.status_code == 422
    assert "has lost the key" not in answer.content.decode()


def test_who_is_signed_in_makes_new_codes_and_is_shown_none_that_open_nothing(
    client, buyer, factors, new_key, settings
):
    assert sign_in(client, buyer, factors[0]).status_code == 302
    new_key()
    client.get("/account/")
    settings.SECRET_KEY_FALLBACKS = []
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    for page in ("mfa_view_recovery_codes", "mfa_download_recovery_codes"):
        answer = client.get(reverse(page))
        assert answer.status_code == 409
        assert "make new ones" in answer.content.decode()
    assert client.get(reverse("mfa_index")).status_code == 200
    assert client.get(reverse("mfa_generate_recovery_codes")).status_code == 200
    assert client.post(reverse("mfa_generate_recovery_codes")).status_code == 302
    assert client.get(reverse("mfa_view_recovery_codes")).status_code == 200
    assert lost_factors(buyer.pk) == {"totp"}


def test_everybodys_are_written_anew_by_a_command(buyer, factors, new_key, settings, capsys):
    new_key()

    for expected in ("renewed: 2\n", "renewed: 0\n"):
        call_command("renew_second_factors")
        assert capsys.readouterr().out == expected

    settings.SECRET_KEY_FALLBACKS = []
    assert lost_factors(buyer.pk) == set()


def test_the_command_leaves_what_is_lost_and_says_so(buyer, factors, new_key):
    before = [row.data for row in Authenticator.objects.order_by("pk")]
    new_key(is_old_one_lost=True)

    with pytest.raises(CommandError, match="2 second factors cannot be read"):
        call_command("renew_second_factors")

    assert [row.data for row in Authenticator.objects.order_by("pk")] == before


def test_what_is_under_the_present_key_is_left_alone(buyer, factors, django_assert_max_num_queries):
    before = [row.data for row in Authenticator.objects.order_by("pk")]

    assert renew_factors(user_id=buyer.pk) == 0
    assert [row.data for row in Authenticator.objects.order_by("pk")] == before
