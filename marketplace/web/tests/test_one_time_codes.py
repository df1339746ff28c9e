"""A code of an authenticator app opens once, for as long as it would open at all."""

import re
import time

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core import mail
from django.urls import reverse

PASSWORD = "correct horse battery staple"
SECRET = "JBSWY3DPEHPK3PXP"
pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


def code_at(moment: float) -> str:
    return format_hotp_value(hotp_value(SECRET, int(moment) // 30))


@pytest.mark.parametrize("later", [1, 31, 59])
def test_a_used_code_is_refused_in_all_the_time_that_it_is_right(client, buyer, rf, later):
    """With a tolerance of one step either way a code of the next half minute is right for 90 seconds."""
    with context.request_context(rf.get("/")):
        TOTP.activate(buyer, SECRET)
    start = time.time() // 30 * 30 + 1
    code = code_at(start + 30)

    def sign_in() -> int:
        client.logout()
        client.post("/accounts/login/", {"login": buyer.email, "password": PASSWORD})
        return client.post(reverse("mfa_authenticate"), {"code": code}).status_code

    with time_machine.travel(start, tick=False):
        assert sign_in() == 302
    with time_machine.travel(start + later, tick=False):
        assert sign_in() == 422


def as_pasted(code: str, how: str) -> str:
    half = len(code) // 2
    return {
        "a blank that does not break": f"{code[:half]}\u00a0{code[half:]}",
        "a dash of print": f"{code[:half]}\u2013{code[half:]}",
        "an invisible sign": f"\u202d{code}\u200b",
        "full width": "".join(chr(ord(sign) + 0xFEE0) for sign in code),
        "Arabic digits": "".join(chr(0x660 + int(sign)) if sign.isdecimal() else sign for sign in code),
    }[how]


PASTED = [
    "a blank that does not break",
    "a dash of print",
    "an invisible sign",
    "full width",
    "Arabic digits",
]


@pytest.mark.parametrize("how", PASTED)
def test_a_code_of_an_app_is_taken_as_it_is_pasted(client, buyer, rf, how):
    with context.request_context(rf.get("/")):
        TOTP.activate(buyer, SECRET)
    start = time.time() // 30 * 30 + 1

    with time_machine.travel(start, tick=False):
        client.post("/accounts/login/", {"login": buyer.email, "password": PASSWORD})
        answer = client.post(reverse("mfa_authenticate"), {"code": as_pasted(code_at(start), how)})

    assert answer.status_code == 302


@pytest.mark.parametrize("how", PASTED)
def test_so_is_the_code_of_a_mail(client, how):
    client.post(
        "/accounts/signup/", {"email": "kim@example.org", "password1": PASSWORD, "password2": PASSWORD}
    )
    (letter,) = mail.outbox

    answer = client.post(
        reverse("account_email_verification_sent"), {"code": as_pasted(code_in(letter), how)}
    )

    assert answer.status_code == 302
    assert EmailAddress.objects.get(email="kim@example.org").verified


def code_in(letter) -> str:
    return re.search(r"\b[A-Z0-9]{4}-?[A-Z0-9]{4}\b|\b[0-9]{6}\b|\b[A-Z0-9]{6}\b", letter.body)[0]
