"""Nobody learns from signing up whether somebody else has an account: not by the page, not by the time it takes."""

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.web.tests.test_sign_in import NEW, SIGNUP, code_in

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

CODE = reverse("account_email_verification_sent")
TAKEN, FREE = "bea@example.org", "ann@example.org"


@pytest.fixture
def bea(person):
    return person(email=TAKEN)


def seen(answer) -> tuple[int, str, str]:
    """What a browser sees of an answer, but for the address and the token."""
    html = re.sub(r'csrfmiddlewaretoken" value="[^"]+|nonce="[^"]+', "", answer.content.decode())
    return answer.status_code, answer.get("Location", ""), html.replace(TAKEN, "X").replace(FREE, "X")


STEPS = {
    "the page": [],
    "a wrong code": [{"code": "AAAA-AAAA"}],
    "a new code": [{"action": "resend"}],
    "no address": [{"action": "change", "email": "nobody"}],
    "the same address": [{"action": "change", "email": "SAME"}],
    "codes without end": [{"code": f"AAAA-AAA{n}"} for n in "BCDFGH"],
}


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS.keys())
def test_whatever_is_tried_a_taken_address_looks_like_a_free_one(client, client_too, bea, steps):
    sights = []
    for browser, email in ((client, TAKEN), (client_too, FREE)):
        answers = [browser.post(SIGNUP, NEW | {"email": email}), browser.get(CODE)]
        for step in steps:
            fields = {name: email if value == "SAME" else value for name, value in step.items()}
            answers += [browser.post(CODE, fields), browser.get(CODE)]
        answers += [browser.get("/accounts/login/"), browser.get(SIGNUP)]
        sights.append([seen(answer) for answer in answers])

    assert sights[0] == sights[1]
    assert len([m for m in mail.outbox if m.to == [TAKEN]]) == len([m for m in mail.outbox if m.to == [FREE]])


@pytest.fixture
def client_too():
    return Client()


def test_a_taken_address_costs_as_many_hashes_as_a_free_one(client, client_too, bea, monkeypatch):
    """A hash is nearly all of the time that signing up takes: 7 ms without one, 200 ms with it."""
    hashed = []
    real = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda *args, **kw: hashed.append(1) or real(*args, **kw)
    )
    costs = []
    for browser, email in ((client, TAKEN), (client_too, FREE)):
        hashed.clear()
        browser.post(SIGNUP, NEW | {"email": email})
        costs.append(len(hashed))

    assert costs == [1, 1]


def test_who_mistyped_into_a_taken_address_changes_it_and_signs_in_with_the_password(client, bea):
    client.post(SIGNUP, NEW | {"email": TAKEN})

    client.post(CODE, {"action": "change", "email": FREE})

    assert User.objects.get(email=FREE).check_password(NEW["password1"])
    assert mail.outbox[-1].to == [FREE]
    answer = client.post(CODE, {"code": code_in(mail.outbox[-1])})
    assert answer.url == reverse("shop:location")
    assert client.get("/account/").status_code == 200
    address = User.objects.get(email=FREE).emailaddress_set.get()
    assert (address.email, address.primary, address.verified) == (FREE, True, True)
    assert User.objects.get(pk=bea.pk).check_password("correct horse battery staple")


def test_who_mistyped_changes_the_address_and_the_first_one_is_free_again(client):
    client.post(SIGNUP, NEW)

    client.post(CODE, {"action": "change", "email": FREE})

    address = User.objects.get().emailaddress_set.get()
    assert (User.objects.get().email, address.email, address.primary) == (FREE, FREE, True)
    client.post(CODE, {"code": code_in(mail.outbox[-1])})
    assert User.objects.get().emailaddress_set.get().verified


def test_a_change_to_a_taken_address_is_not_given_away_and_can_be_taken_back(client, bea):
    client.post(SIGNUP, NEW)

    answer = client.post(CODE, {"action": "change", "email": TAKEN})

    assert (answer.status_code, answer.url) == (302, CODE)
    assert "already" in mail.outbox[-1].subject
    assert set(User.objects.values_list("email", flat=True)) == {TAKEN, "new@example.org"}
    client.post(CODE, {"action": "change", "email": FREE})
    client.post(CODE, {"code": code_in(mail.outbox[-1])})
    assert set(User.objects.values_list("email", flat=True)) == {TAKEN, FREE}


def test_two_who_change_their_address_at_once_do_not_meet_in_an_empty_one(client, client_too, monkeypatch):
    """allauth's own change passes through an account without an address, which only one can be."""
    client.post(SIGNUP, NEW)
    client_too.post(SIGNUP, NEW | {"email": "other@example.org"})
    emails = []
    real = User.save
    monkeypatch.setattr(User, "save", lambda user, **kw: emails.append(user.email) or real(user, **kw))

    for browser, email in ((client, FREE), (client_too, "third@example.org")):
        browser.post(CODE, {"action": "change", "email": email})

    assert "" not in emails
    assert set(User.objects.values_list("email", flat=True)) == {FREE, "third@example.org"}
