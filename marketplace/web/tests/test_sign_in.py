"""Signing up, in and out through allauth: our accounts, our answers, our headers."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse

from marketplace.accounts.models import Profile, User
from marketplace.common.errors import Busy
from marketplace.common.idempotency import new_form_key
from marketplace.orders.models import CartLine
from marketplace.web import cart_cookie
from marketplace.web.account_forms import SignupForm

PASSWORD = "correct horse battery staple"  # of everybody that the fixtures make
pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

NEW = {"email": "New@Example.org", "password1": "a quite long phrase", "password2": "a quite long phrase"}
SIGNUP, LOGIN = "/accounts/signup/", "/accounts/login/"


def code_in(message) -> str:
    return re.search(r"^ {4}(\S+)$", message.body, re.MULTILINE)[1]


def test_signing_up_makes_an_account_with_a_profile_that_waits_for_its_code(client):
    answer = client.post(SIGNUP, NEW)

    assert (answer.status_code, answer.url) == (302, reverse("account_email_verification_sent"))
    user = User.objects.get()
    assert (user.email, user.role, user.profile.name) == ("new@example.org", "user", "")
    assert not EmailAddress.objects.get(user=user, primary=True).verified
    assert client.get("/account/").status_code == 302
    assert mail.outbox[0].to == ["new@example.org"]


def test_the_code_signs_in_and_asks_for_the_location(client):
    client.post(SIGNUP, NEW)

    answer = client.post(reverse("account_email_verification_sent"), {"code": code_in(mail.outbox[0])})

    assert (answer.status_code, answer.url) == (302, reverse("shop:location"))
    assert EmailAddress.objects.get().verified
    assert client.get("/account/").status_code == 200


def test_who_was_on_the_way_somewhere_gets_there_after_signing_up(client):
    client.post(SIGNUP, {**NEW, "next": "/account/profile/"})

    answer = client.post(reverse("account_email_verification_sent"), {"code": code_in(mail.outbox[0])})

    assert answer.url == "/account/profile/"


def test_a_wrong_code_is_told_and_signs_nobody_in(client):
    client.post(SIGNUP, NEW)

    answer = client.post(reverse("account_email_verification_sent"), {"code": "WRONG-CODE"})

    assert answer.status_code == 422
    assert not EmailAddress.objects.get().verified
    assert client.get("/account/").status_code == 302


def test_an_admins_session_ends_sooner_than_a_shoppers(client, admin, buyer, settings):
    client.post(LOGIN, {"login": admin.email, "password": PASSWORD})
    assert client.session.get_expiry_age() <= settings.STAFF_SESSION_AGE

    client.logout()
    client.post(LOGIN, {"login": buyer.email, "password": PASSWORD})
    assert client.session.get_expiry_age() > settings.STAFF_SESSION_AGE


@pytest.mark.parametrize(
    "bad",
    [
        {"email": "nobody"},
        {"password1": "short", "password2": "short"},
        {"password2": "another quite long phrase"},
        {"email": "a\x00b@example.org"},
    ],
)
def test_a_bad_form_says_so_keeps_what_was_typed_and_makes_nobody(client, bad):
    answer = client.post(SIGNUP, NEW | bad)

    assert answer.status_code == 422
    html = answer.content.decode()
    assert "invalid-feedback" in html or "errorlist" in html
    if "email" not in bad:
        assert 'value="New@Example.org"' in html
    assert NEW["password1"] not in html
    assert not User.objects.exists()


def test_a_taken_address_is_not_given_away(client, buyer):
    answer = client.post(SIGNUP, NEW | {"email": buyer.email.upper()})

    assert answer.url == reverse("account_email_verification_sent")
    assert User.objects.count() == 1
    assert "already" in mail.outbox[0].subject


def test_an_address_that_is_taken_while_the_form_is_checked_is_no_error(client, rf, monkeypatch):
    real = SignupForm.save

    def somebody_is_faster(form, request):
        User.objects.create_user("new@example.org")
        return real(form, request)

    monkeypatch.setattr(SignupForm, "save", somebody_is_faster)

    answer = client.post(SIGNUP, NEW)

    assert answer.url == reverse("account_email_verification_sent")
    assert User.objects.count() == Profile.objects.count() == 1


@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_the_case_of_the_address_does_not_matter_to_sign_in(client, buyer, case):
    answer = client.post(LOGIN, {"login": case(buyer.email), "password": PASSWORD})

    assert (answer.status_code, answer.url) == (302, "/")
    assert client.get("/account/").status_code == 200


def test_a_wrong_password_answers_as_an_unknown_address_does(client, buyer):
    wrong = client.post(LOGIN, {"login": buyer.email, "password": "wrong"})
    unknown = client.post(LOGIN, {"login": "who@example.org", "password": "wrong"})

    assert wrong.status_code == unknown.status_code == 422
    assert "are not correct" in wrong.content.decode()
    assert buyer.email in wrong.content.decode()
    assert "are not correct" in unknown.content.decode()


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/account/", "/account/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_signing_in_leads_to_pages_of_this_store_only(client, buyer, target, lands):
    answer = client.post(LOGIN, {"login": buyer.email, "password": PASSWORD, "next": target})

    assert answer.url == lands


def test_too_many_wrong_passwords_are_refused_for_a_while(client, buyer, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
    for _attempt in range(5):
        assert client.post(LOGIN, {"login": buyer.email, "password": "wrong"}).status_code == 422

    answer = client.post(LOGIN, {"login": buyer.email, "password": PASSWORD})

    assert answer.status_code == 429
    assert answer["Retry-After"]
    assert client.get("/account/").status_code == 302


def test_too_many_sign_ups_from_one_address_are_refused_and_a_proxy_is_believed_only_if_trusted(
    client, settings
):
    settings.ACCOUNT_RATE_LIMITS = {"signup": "2/h/ip"}

    def sign_up(number: int, forwarded: str) -> int:
        return client.post(
            SIGNUP, {"email": f"n{number}"}, headers={"X-Forwarded-For": forwarded}
        ).status_code

    assert [sign_up(n, f"198.51.100.{n}") for n in range(3)] == [422, 422, 429]
    settings.TRUSTED_PROXIES = 1
    assert [sign_up(n, f"198.51.100.{n}") for n in range(3)] == [422, 422, 422]


def test_a_nonsensical_forwarded_address_is_no_error(client, settings, buyer):
    settings.TRUSTED_PROXIES = 1
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip"}

    answer = client.post(
        LOGIN, {"login": buyer.email, "password": PASSWORD}, headers={"X-Forwarded-For": "x, <y>"}
    )

    assert answer.status_code == 302


def test_a_forgotten_password_is_chosen_anew_by_a_link_that_works_once(client, buyer):
    client.post("/accounts/password/reset/", {"email": buyer.email})
    link = re.search(r"http://localhost:8000(\S+)", mail.outbox[0].body)[1]

    page = client.get(link, follow=True)
    new = "another quite long phrase"
    answer = client.post(page.request["PATH_INFO"], {"password1": new, "password2": new})
    assert answer.status_code == 302
    client.logout()

    assert client.post(LOGIN, {"login": buyer.email, "password": new}).status_code == 302
    client.logout()
    assert "does not work any more" in client.get(link, follow=True).content.decode()


def test_an_unknown_address_gets_no_other_answer_than_a_known_one(client, buyer):
    answers = [
        client.post("/accounts/password/reset/", {"email": e}) for e in (buyer.email, "who@example.org")
    ]

    assert {(answer.status_code, answer.url) for answer in answers} == {
        (302, "/accounts/password/reset/done/")
    }


def test_a_new_address_counts_once_its_code_is_typed(as_person, buyer):
    client = as_person(buyer)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"action_add": "", "email": "Bea2@Example.org"})
    assert User.objects.get(pk=buyer.pk).email == buyer.email

    client.post(reverse("account_email_verification_sent"), {"code": code_in(mail.outbox[-1])})

    assert User.objects.get(pk=buyer.pk).email == "bea2@example.org"
    assert list(buyer.emailaddress_set.values_list("email", "primary", "verified")) == [
        ("bea2@example.org", True, True)
    ]


def test_a_closed_account_gets_no_session(client, buyer):
    User.objects.filter(pk=buyer.pk).update(is_active=False)

    answer = client.post(LOGIN, {"login": buyer.email, "password": PASSWORD}, follow=True)

    assert "account is closed" in answer.content.decode()
    assert client.get("/account/").status_code == 302


def test_signing_out_makes_the_browser_forget_what_it_kept(as_person, buyer):
    client = as_person(buyer)
    page = client.get("/account/")
    assert {"private", "no-store"} <= set(page["Cache-Control"].replace(" ", "").split(","))
    assert "Cookie" in page["Vary"]

    answer = client.post("/accounts/logout/")

    assert answer["Clear-Site-Data"] == '"cache"'
    assert client.get("/account/").status_code == 302
    assert "Clear-Site-Data" not in client.get("/accounts/login/")


def test_other_sessions_are_listed_and_ended(as_person, buyer):
    here, there = as_person(buyer), as_person(buyer)
    for browser in (here, there):
        browser.logout()
        browser.post(LOGIN, {"login": buyer.email, "password": PASSWORD}, headers={"User-Agent": IPHONE})

    page = here.get("/accounts/sessions/").content.decode()
    assert page.count("Safari on iPhone") == 2
    here.post("/accounts/sessions/")

    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


def put_in_cart(client, product, quantity):
    key = new_form_key(user_id=None, action="cart_add", subject=product.pk)
    form = {"product": product.pk, "quantity": quantity, "form_key": key}
    assert client.post(reverse("shop:cart_add"), form).status_code == 303


def test_what_was_in_the_cart_before_signing_in_comes_along(client, buyer, goods):
    product = goods()
    put_in_cart(client, product, 2)
    assert client.cookies["cart"].value

    answer = client.post(LOGIN, {"login": buyer.email, "password": PASSWORD})

    assert answer.cookies["cart"]["max-age"] == 0
    assert list(CartLine.objects.values_list("cart__user_id", "variant__product_id", "quantity")) == [
        (buyer.pk, product.pk, 2)
    ]


def test_a_busy_database_lets_people_in_and_keeps_their_cart_for_the_next_time(
    client, buyer, goods, monkeypatch
):
    def busy(**_cart):
        raise Busy("busy")

    put_in_cart(client, goods(), 1)
    monkeypatch.setattr(cart_cookie, "merge_carts", busy)

    assert client.post(LOGIN, {"login": buyer.email, "password": PASSWORD}).status_code == 302
    assert client.get("/account/").status_code == 200
    assert client.cookies["cart"].value


def test_who_owns_the_account_hears_of_what_guards_it(as_person, buyer):
    client, new = as_person(buyer), "another quite long phrase"

    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
        headers={"User-Agent": IPHONE},
    )

    [notice] = mail.outbox
    assert notice.to == [buyer.email]
    assert "password has been changed" in notice.body
    assert "127.0.0.1" in notice.body and "iPhone" in notice.body
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/accounts/password/reset/", {"email": "bea@example.org"}),
        ("/accounts/password/reset/", {"email": "nobody@example.org"}),
        (SIGNUP, NEW | {"email": "bea@example.org"}),
    ],
    ids=["reset", "unknown", "taken"],
)
def test_links_in_mails_lead_home_whatever_host_was_asked(client, person, path, fields):
    person(email="bea@example.org")

    client.post(path, fields, headers={"host": "localhost:4242"})

    assert "http://localhost:8000/accounts/" in mail.outbox[0].body
    assert "4242" not in mail.outbox[0].body + mail.outbox[0].subject


def test_wrong_passwords_count_together_whatever_host_they_were_sent_to(client, settings, buyer):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key"}

    answers = [
        client.post(LOGIN, {"login": buyer.email, "password": "wrong"}, headers={"host": f"localhost:{port}"})
        for port in range(4001, 4007)
    ]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
