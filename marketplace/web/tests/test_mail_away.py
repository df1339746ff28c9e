"""While the mail server is away people sign up, get back in and change their password all the same."""

import re
import socket
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse

from marketplace.common import clock
from marketplace.mail.delivery import send_due
from marketplace.mail.models import OutgoingMail, State

PASSWORD = "correct horse battery staple"
NEW = {"email": "new@example.org", "password1": "a quite long phrase", "password2": "a quite long phrase"}
ANOTHER = "a fresh and longer phrase"
CONFIRM = "/accounts/confirm-email/"
pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def mail_is_away(settings):
    """Nobody listens where mail should go. Called, it lets mail through again."""
    usual = settings.MAIL_BACKEND
    with (
        socket.socket() as taken
    ):  # bound and not listening: connections are refused, and nobody gets the port
        taken.bind(("127.0.0.1", 0))
        settings.MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = taken.getsockname()
        yield lambda: setattr(settings, "MAIL_BACKEND", usual)


def code_in(message) -> str:
    return re.search(r"^ {4}(\S+)$", message.body, re.MULTILINE)[1]


def later(minutes: int = 1):
    return clock.now() + timedelta(minutes=minutes)


def test_signing_up_goes_on_and_the_code_comes_when_mail_is_back(client, mail_is_away):
    answer = client.post("/accounts/signup/", NEW)

    assert (answer.status_code, answer.url) == (302, CONFIRM)
    assert client.get(CONFIRM).status_code == 200
    assert OutgoingMail.objects.get().state == State.WAITING

    mail_is_away()
    assert send_due(later()) == (1, 0)
    client.post(CONFIRM, {"code": code_in(mail.outbox[0])})
    assert EmailAddress.objects.get().verified


def test_a_code_that_could_not_be_sent_is_asked_for_again_at_once_and_as_often_as_needed(
    client, mail_is_away, settings
):
    settings.ACCOUNT_RATE_LIMITS = {}  # those of allauth
    client.post("/accounts/signup/", NEW)

    for _ in range(4):
        answer = client.post(CONFIRM, {"action": "resend"})
        assert (answer.status_code, answer.url) == (302, CONFIRM)
    mail_is_away()
    assert client.post(CONFIRM, {"action": "resend"}).status_code == 302

    assert len(mail.outbox) == 1, "the codes that are no good any more do not come after it"
    assert send_due(later()) == (0, 0)
    assert client.post(CONFIRM, {"code": code_in(mail.outbox[0])}).url == reverse("shop:location")


def test_a_code_that_was_sent_is_not_asked_for_again_at_once(client, settings):
    """The control: the waiting time is there for mails that left."""
    settings.ACCOUNT_RATE_LIMITS = {}  # those of allauth
    client.post("/accounts/signup/", NEW)

    assert client.post(CONFIRM, {"action": "resend"}).status_code == 429
    assert len(mail.outbox) == 1


def test_a_link_to_a_new_password_comes_when_mail_is_back(client, buyer, mail_is_away):
    answer = client.post("/accounts/password/reset/", {"email": buyer.email})
    assert (answer.status_code, answer.url) == (302, reverse("account_reset_password_done"))

    mail_is_away()
    assert send_due(later()) == (1, 0)
    link = re.search(r"http://localhost:8000(\S+)", mail.outbox[0].body)[1]
    page = client.get(link, follow=True)
    assert page.status_code == 200
    assert OutgoingMail.objects.get().content == ""


def test_setting_the_password_by_a_link_and_changing_it_need_no_mail_server(
    client, as_person, buyer, mail_is_away
):
    answer = as_person(buyer).post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER},
    )

    assert answer.status_code == 302
    buyer.refresh_from_db()
    assert buyer.check_password(ANOTHER)
    mail_is_away()
    assert send_due(later()) == (1, 0)
    assert "password" in mail.outbox[0].subject.lower()
