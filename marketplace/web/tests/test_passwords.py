"""The pages that ask for a new password: all of them say the rules in one line and hold them."""

import re

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.utils.html import escape

from marketplace.accounts.models import User
from marketplace.accounts.passwords import RULES

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"
BAD = {"spaces": " " * 12, "one letter": "a" * 12, "long": "abcd efgh " * 13}


@pytest.fixture(params=["sign up", "change", "set", "reset"])
def door(request, client, as_person, buyer):
    """Whoever asks, the page's address, and what else its form holds."""
    if request.param == "sign up":
        return client, "/accounts/signup/", {"email": "new@example.org"}
    if request.param == "reset":
        link = f"/accounts/password/reset/key/{user_pk_to_url_str(buyer)}-{default_token_generator.make_token(buyer)}/"
        return client, client.get(link).url, {}
    if request.param == "set":
        buyer.set_unusable_password()
        buyer.save(update_fields=["password"])
    return as_person(buyer), f"/accounts/password/{request.param}/", {"oldpassword": PASSWORD}


def test_the_page_says_the_rules_in_one_line(door):
    browser, address, _fields = door

    html = browser.get(address).content.decode()

    assert html.count(escape(str(RULES))) == 1
    assert not re.search(r"<ul>\s*<li>Your password", html)


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_password_is_refused_and_nothing_changes(door, bad):
    browser, address, fields = door
    before = list(User.objects.order_by("pk").values_list("email", "password"))

    answer = browser.post(address, {**fields, "password1": bad, "password2": bad})

    assert answer.status_code == 422
    assert list(User.objects.order_by("pk").values_list("email", "password")) == before
