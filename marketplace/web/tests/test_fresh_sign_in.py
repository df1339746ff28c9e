"""What guards an account is changed by somebody who has just shown that they are its owner."""

import html
import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from marketplace.accounts.addresses import confirm_address
from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.web.tests.test_sign_in import LOGIN, PASSWORD, code_in

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

REAUTHENTICATE = "/accounts/reauthenticate/"
OTHER = "other@example.org"


@pytest.fixture
def signed_in(buyer):
    """Signed in with the password, a second ago."""
    browser = Client()
    browser.post(LOGIN, {"login": buyer.email, "password": PASSWORD})
    return browser


@pytest.fixture
def stolen(as_person, buyer):
    """A session whose password was shown long ago, or never."""
    return as_person(buyer)


def without_password(user: User) -> None:
    user.set_unusable_password()
    user.save(update_fields=["password"])
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})


def test_who_signed_in_a_second_ago_is_not_asked_again(signed_in):
    assert signed_in.get("/accounts/2fa/totp/activate/").status_code == 200
    assert (
        signed_in.post("/accounts/email/", {"action_add": "", "email": OTHER}).url
        == "/accounts/confirm-email/"
    )
    assert signed_in.post("/accounts/sessions/").url == "/accounts/sessions/"


def test_after_five_minutes_it_is_asked(signed_in):
    with time_machine.travel(clock.now() + timedelta(minutes=5, seconds=1)):
        assert signed_in.get("/accounts/2fa/totp/activate/").url.startswith(REAUTHENTICATE)


def test_a_code_out_of_a_mail_is_no_proof_of_the_password(client):
    form = {"email": OTHER, "password1": "a quite long phrase", "password2": "a quite long phrase"}
    client.post("/accounts/signup/", form)
    client.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])})

    assert client.get("/accounts/2fa/totp/activate/").url.startswith(REAUTHENTICATE)


CHANGES = {
    "address": ("/accounts/email/", {"action_add": "", "email": OTHER}),
    "sessions": ("/accounts/sessions/", {}),
    "app": ("/accounts/2fa/totp/activate/", {"code": "123456"}),
    "passkey": ("/accounts/2fa/webauthn/add/", {"name": "Key", "credential": "{}"}),
}


@pytest.mark.parametrize(("path", "fields"), CHANGES.values(), ids=CHANGES.keys())
def test_a_stolen_session_changes_nothing_that_guards_the_account(stolen, signed_in, buyer, path, fields):
    answer = stolen.post(path, fields)

    assert (answer.status_code, answer.url.partition("?")[0]) == (302, REAUTHENTICATE)
    assert not mail.outbox and not Authenticator.objects.exists()
    assert signed_in.get("/account/").status_code == 200
    assert User.objects.get(pk=buyer.pk).email == buyer.email


def test_a_stolen_session_sets_no_password_where_there_is_none(stolen, buyer):
    without_password(buyer)
    browser = Client()
    browser.force_login(User.objects.get(pk=buyer.pk))
    new = "another quite long phrase"

    answer = browser.post("/accounts/password/set/", {"password1": new, "password2": new})

    assert answer.url.startswith("/accounts/2fa/reauthenticate/")
    assert not User.objects.get(pk=buyer.pk).has_usable_password()


def test_what_was_asked_for_is_done_once_the_password_is_shown(stolen, buyer):
    answer = stolen.post("/accounts/email/", {"action_add": "", "email": OTHER})

    answer = stolen.post(answer.url, {"password": PASSWORD, "next": "/accounts/email/"})

    assert answer.url == "/accounts/confirm-email/"
    assert mail.outbox[-1].to == [OTHER]


def link_in(message) -> str:
    return re.search(r"http://localhost:8000(/accounts/email/undo/\S+)", message.body)[1]


@pytest.fixture
def changed(signed_in, buyer):
    """The address was changed; the mail to the old one."""
    signed_in.post("/accounts/email/", {"action_add": "", "email": OTHER})
    signed_in.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])})
    assert User.objects.get(pk=buyer.pk).email == OTHER
    return mail.outbox[-1]


def test_the_old_address_undoes_the_change_and_chooses_a_new_password(changed, buyer, signed_in):
    assert changed.to == [buyer.email]
    assert OTHER in changed.body and "three days" in changed.body
    owner, link = Client(), link_in(changed)

    page = owner.get(link)
    assert page.status_code == 200 and "Take my account back" in page.content.decode()
    assert User.objects.get(pk=buyer.pk).email == OTHER  # a mail program that looks at links undoes nothing

    answer = owner.post(link)
    assert answer.status_code == 303
    form = owner.get(answer.url, follow=True)
    new = "another quite long phrase"
    owner.post(form.request["PATH_INFO"], {"password1": new, "password2": new})

    assert User.objects.get(pk=buyer.pk).email == buyer.email
    assert owner.post(LOGIN, {"login": buyer.email, "password": new}).url == "/"
    assert signed_in.get("/account/").status_code == 302
    assert Client().post(LOGIN, {"login": OTHER, "password": PASSWORD}).status_code == 422


def test_a_used_or_forged_link_says_so(changed, client):
    link = link_in(changed)
    client.post(link)

    for path in (link, "/accounts/email/undo/nonsense/"):
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code == 404
            assert "does not work any more" in answer.content.decode()


def test_an_address_that_somebody_took_meanwhile_is_told_and_no_error(signed_in, buyer, person):
    signed_in.post("/accounts/email/", {"action_add": "", "email": OTHER})
    person(email=OTHER)

    answer = signed_in.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])})

    assert answer.status_code == 422
    assert "already registered" in answer.content.decode()
    assert User.objects.get(pk=buyer.pk).email == buyer.email


def test_an_address_that_its_owner_may_still_come_back_to_is_refused(signed_in, buyer, person):
    confirm_address(user_id=person(email=OTHER).pk, email="elsewhere@example.org")
    signed_in.post("/accounts/email/", {"action_add": "", "email": OTHER})

    answer = signed_in.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])}, follow=True)

    assert "There is an account with this e-mail address already" in html.unescape(answer.content.decode())
    assert User.objects.get(pk=buyer.pk).email == buyer.email


def test_the_sessions_page_itself_asks_nothing(stolen):
    assert stolen.get("/accounts/sessions/").status_code == 200
