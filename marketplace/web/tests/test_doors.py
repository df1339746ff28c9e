"""What is open and what is closed, and what every answer says about privacy, time and second factors."""

import base64
import hashlib
import hmac
import struct
import time

import pytest
from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from marketplace.accounts.models import User
from marketplace.accounts.services import save_profile
from marketplace.web.access import client_address
from marketplace.web.allauth_adapter import MFAAdapter
from marketplace.web.middleware import PersonsTimeZone
from marketplace.web.safe_next import safe_next

PASSWORD = "correct horse battery staple"  # of everybody that the fixtures make
pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

OPEN = {
    "account_login": 200,
    "account_signup": 200,
    "account_logout": 302,  # nobody is signed in: home
    "account_inactive": 200,
    "account_reset_password": 200,
    "account_reset_password_done": 200,
    "account_reset_password_from_key_done": 200,
    "account_email_verification_sent": 302,  # no code is awaited
    "account_confirm_login_code": 302,
    "mfa_authenticate": 302,  # nobody is half signed in
    "mfa_login_webauthn": 302,
    # A phone asks for them without cookies, and keeps them.
    "courier:manifest": 200,
    "courier:service_worker": 200,
    "courier:offline": 200,
}
CLOSED = [
    "account_email",
    "account_change_password",
    "account_set_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_reauthenticate",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "usersessions_list",
    "shop:account",
    "shop:profile",
    "shop:location",
]


# Whoever is signed in has these, whatever their role.
ANYBODYS = {
    "shop:account",
    "shop:application",
    "shop:application_withdraw",
    "shop:profile",
    "shop:location",
    "shop:addresses",
    "shop:address_add",
    "shop:address",
    "shop:address_remove",
    "shop:address_default",
    "shop:places",
    "shop:wallet",
    "shop:wallet_statement",
    "shop:wallet_statement_csv",
    "shop:wallet_statement_xlsx",
    "shop:payment",
    "shop:payment_pay",
    "shop:payment_check",
    "shop:demo_payment",
    "shop:notifications",
    "shop:notification_open",
    "shop:notifications_read_all",
    "photo",
}


def our_views(patterns: list, namespace: str = ""):
    """Name and view of every route of our own faces."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            if pattern.callback.__module__.partition(".")[0] not in ("allauth", "django"):
                yield f"{namespace}{pattern.name or pattern.pattern}", pattern.callback
        else:
            yield from our_views(
                pattern.url_patterns, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            )


def test_every_view_says_who_may_open_it():
    """Open to visitors, to roles, or knowingly to whoever is signed in; a forgotten decorator shows here."""
    views = dict(our_views(get_resolver().url_patterns))
    said = {
        name
        for name, view in views.items()
        if not getattr(view, "login_required", True) or getattr(view, "roles", ())
    }

    assert len(views) > 40
    assert set(views) - said == ANYBODYS


@pytest.mark.parametrize("name", OPEN)
def test_a_visitor_may_open(client, name):
    answer = client.get(reverse(name))

    assert answer.status_code == OPEN[name]
    if answer.status_code == 302:
        assert "next=" not in answer.url


@pytest.mark.parametrize("name", CLOSED)
def test_a_visitor_is_sent_to_sign_in_and_back(client, name):
    page = reverse(name)

    answer = client.get(page, {"a": "1"})

    assert (answer.status_code, answer.url) == (302, f"/accounts/login/?next={page}%3Fa%3D1")


@pytest.mark.parametrize("pk", [1, 10**30])
@pytest.mark.parametrize("name", ["mfa_edit_webauthn", "mfa_remove_webauthn"])
def test_somebody_elses_key_is_not_there(as_person, buyer, stranger, name, pk):
    key = Authenticator.objects.create(user=stranger, type="webauthn", data={"name": "Eve's key"})
    client = as_person(buyer)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    assert client.get(reverse(name, args=[key.pk if pk == 1 else pk])).status_code == 404
    assert client.post(reverse(name, args=[key.pk]), {"name": "mine"}).status_code == 404
    assert Authenticator.objects.get(pk=key.pk).data == {"name": "Eve's key"}


def test_a_form_of_a_visitor_leads_back_to_its_page_never_to_its_target(client):
    answer = client.post(
        "/account/profile/", {"name": "x"}, headers={"Referer": "http://testserver/search?q=a"}
    )
    foreign = client.post("/account/profile/", {}, headers={"Referer": "https://evil.example/account/"})

    assert answer.url == "/accounts/login/?next=/search%3Fq%3Da"
    assert foreign.url == "/accounts/login/?next=/"


def test_htmx_is_told_to_open_the_sign_in_page(client):
    answer = client.get(
        "/account/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/search?q=a"}
    )

    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/accounts/login/?next=/search%3Fq%3Da"
    assert not answer.content


def test_pages_of_a_visitor_may_be_kept_and_those_of_a_person_may_not(client, as_person, buyer):
    assert "private" not in client.get("/").get("Cache-Control", "")
    assert "no-store" in as_person(buyer).get("/")["Cache-Control"]


@pytest.mark.parametrize(
    ("cookie", "saved", "shown"),
    [
        ("", "", "UTC"),
        ("Asia/Tokyo", "", "Asia/Tokyo"),
        ("Asia/Tokyo", "America/Lima", "America/Lima"),
        ("Europe%2FLondon", "", "Europe/London"),
        ("America%2FArgentina%2FBuenos_Aires", "", "America/Argentina/Buenos_Aires"),
        ("Etc%2FGMT%2B5", "", "-05"),
        ("%2e%2e%2f%2e%2e%2fetc%2fpasswd", "", "UTC"),
        ("%00", "", "UTC"),
        ("%ff%fe", "", "UTC"),
        ("Mars/Olympus", "", "UTC"),
        ("../../../etc/passwd", "", "UTC"),
        ("America", "", "UTC"),
        ("\x00", "", "UTC"),
        ("x" * 5000, "", "UTC"),
    ],
)
def test_times_are_shown_in_the_persons_zone(rf, buyer, cookie, saved, shown):
    save_profile(user_id=buyer.pk, actor=buyer, name="", phone="", time_zone=saved)
    request = rf.get("/")
    request.COOKIES["tz"] = cookie
    request.user = User.objects.select_related("profile").get(pk=buyer.pk)

    answer = PersonsTimeZone(lambda _request: HttpResponse(timezone.get_current_timezone_name()))(request)

    assert answer.content.decode() == shown
    assert timezone.get_current_timezone_name() == "UTC"


# --- second factors ---


def one_time_code(secret: str) -> str:
    """RFC 6238, as an authenticator app works it out."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


def add_authenticator_app(client) -> str:
    """Set the app up through the pages; return its secret."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    answer = client.post(reverse("mfa_activate_totp"), {"code": one_time_code(secret)})
    assert answer.status_code == 302
    return secret


def test_signing_in_with_an_authenticator_app_takes_two_steps(as_person, client, buyer):
    secret = add_authenticator_app(as_person(buyer))
    app = Authenticator.objects.get(user=buyer, type="totp")
    assert secret not in str(app.data)

    first = client.post("/accounts/login/", {"login": buyer.email, "password": PASSWORD})
    assert first.url == reverse("mfa_authenticate")
    assert client.get("/account/").status_code == 302
    assert client.post(first.url, {"code": "000000"}).status_code == 422
    # The code that set the app up is used; a recovery code opens as well.
    codes = Authenticator.objects.get(user=buyer, type="recovery_codes").wrap().get_unused_codes()

    assert client.post(first.url, {"code": codes[0]}).status_code == 302
    assert client.get("/account/").status_code == 200


def test_a_recovery_code_opens_once(as_person, client, buyer):
    add_authenticator_app(as_person(buyer))
    code = Authenticator.objects.get(user=buyer, type="recovery_codes").wrap().get_unused_codes()[0]

    for expected in (302, 422):
        client.logout()
        client.post("/accounts/login/", {"login": buyer.email, "password": PASSWORD})
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == expected


def test_a_second_factor_asks_for_the_password_first(as_person, buyer):
    answer = as_person(buyer).get(reverse("mfa_activate_totp"))

    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/accounts/reauthenticate/")


@pytest.fixture
def strict(settings):
    settings.STAFF_NEED_SECOND_FACTOR = True


@pytest.mark.parametrize("who", ["admin", "superadmin"])
def test_admins_get_nowhere_without_a_second_factor_and_everywhere_with_one(strict, request, as_person, who):
    client = as_person(request.getfixturevalue(who))
    for page in ("/", "/account/", "/account/location/"):
        answer = client.get(page)
        assert (answer.status_code, answer.url) == (302, reverse("mfa_index"))
    assert client.get("/account/", headers={"HX-Request": "true"})["HX-Redirect"] == reverse("mfa_index")

    add_authenticator_app(client)

    assert client.get("/account/").status_code == 200


def test_an_admins_session_ends_sooner_than_a_shoppers(strict, as_person, client, admin, buyer, settings):
    add_authenticator_app(as_person(admin))
    code = Authenticator.objects.get(user=admin, type="recovery_codes").wrap().get_unused_codes()[0]
    client.post("/accounts/login/", {"login": admin.email, "password": PASSWORD})
    answer = client.post(reverse("mfa_authenticate"), {"code": code})
    assert answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 12 * 3600

    client.logout()
    answer = client.post("/accounts/login/", {"login": buyer.email, "password": PASSWORD})
    assert answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 14 * 24 * 3600


def test_a_new_secret_key_keeps_the_authenticator_apps(as_person, client, buyer, settings):
    add_authenticator_app(as_person(buyer))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-one"

    adapter = MFAAdapter()
    app = Authenticator.objects.get(user=buyer, type="totp")
    assert len(adapter.decrypt(app.data["secret"])) >= 32


def test_recovery_codes_alone_are_no_second_factor(strict, as_person, admin):
    Authenticator.objects.create(user=admin, type="recovery_codes", data={})

    assert as_person(admin).get("/account/").status_code == 302


def test_an_admin_cannot_give_up_the_last_second_factor(strict, as_person, admin):
    client = as_person(admin)
    add_authenticator_app(client)

    answer = client.post(reverse("mfa_deactivate_totp"))

    assert answer.status_code == 422
    assert Authenticator.objects.filter(user=admin, type="totp").exists()


def test_shoppers_may_give_up_theirs(strict, as_person, buyer):
    client = as_person(buyer)
    add_authenticator_app(client)

    assert client.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert not Authenticator.objects.filter(user=buyer).exists()
    assert client.get("/account/").status_code == 200


def test_nobody_else_is_asked_for_a_second_factor(strict, as_person, buyer, seller, courier):
    for person in (buyer, seller, courier):
        assert as_person(person).get("/account/").status_code == 200


# --- where somebody was going, and where they come from ---


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/checkout/", "/checkout/"),
        ("/search?q=a&b=c", "/search?q=a&b=c"),
        ("https://evil.example", ""),
        ("//evil.example", ""),
        ("/\\evil.example", ""),
        ("checkout/", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_next_is_a_page_of_this_store_or_nothing(rf, asked, given):
    assert safe_next(rf.get("/", {"next": asked})) == given
    assert safe_next(rf.post("/?next=/elsewhere/", {"next": asked or " "})) == (given or "")


@pytest.mark.parametrize(
    ("proxies", "seen"), [(0, "203.0.113.9"), (1, "192.0.2.2"), (2, "198.51.100.1"), (3, "203.0.113.9")]
)
def test_the_address_is_what_the_last_trusted_proxy_saw(proxies, seen):
    request = RequestFactory().get(
        "/", REMOTE_ADDR="203.0.113.9", headers={"X-Forwarded-For": "198.51.100.1, 192.0.2.2"}
    )

    assert client_address(request, proxies) == seen
