"""E-mail addresses as people type and paste them: what an account cannot be reached by is told at once."""

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.accounts.services import EmailTaken, create_account
from marketplace.common.errors import Invalid

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

PASSWORD = "correct horse battery staple"
SIGNUP = "/accounts/signup/"
DOMAIN = f"{'d' * 60}.{'e' * 60}.{'f' * 60}.example.org"
TOO_LONG = [f"{'a' * (length - len(DOMAIN) - 1)}@{DOMAIN}" for length in (255, 256)]


def new(email: str) -> dict[str, str]:
    return {"email": email, "password1": "a quite long phrase", "password2": "a quite long phrase"}


@pytest.mark.parametrize("email", TOO_LONG, ids=len)
def test_an_address_that_is_too_long_makes_no_account_and_says_so(client, email):
    answer = client.post(SIGNUP, new(email))

    assert answer.status_code == 422
    assert "254" in answer.content.decode()
    assert not User.objects.exists() and not mail.outbox


def test_an_address_of_254_characters_makes_an_account(client):
    email = TOO_LONG[0][1:]

    assert client.post(SIGNUP, new(email)).url == reverse("account_email_verification_sent")
    assert User.objects.get().email == email


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/accounts/password/reset/", {}),
        ("/accounts/email/", {"action_add": ""}),
        ("/accounts/login/", {"password": PASSWORD}),
    ],
    ids=["reset", "change", "sign in"],
)
def test_no_other_form_takes_an_address_that_is_too_long(client, as_person, buyer, path, fields):
    browser = as_person(buyer) if "email" in path else client
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for email in TOO_LONG:
        answer = browser.post(path, {"email": email, "login": email, **fields})

        assert answer.status_code == 422
    assert not mail.outbox


def test_who_mistyped_cannot_change_to_an_address_that_is_too_long(client):
    client.post(SIGNUP, new("new@example.org"))

    answer = client.post(
        reverse("account_email_verification_sent"), {"action": "change", "email": TOO_LONG[0]}
    )

    assert answer.status_code == 422
    assert User.objects.get().email == "new@example.org"
    assert len(mail.outbox) == 1


def test_only_a_taken_address_counts_as_taken(client, monkeypatch):
    """Whatever else the service says is no secret, and nobody waits for a code that never comes."""

    def refuse(**account):
        raise Invalid("not like this", field="email")

    monkeypatch.setattr("marketplace.web.account_forms.create_account", refuse)

    answer = client.post(SIGNUP, new("new@example.org"))

    assert answer.status_code == 422
    assert "not like this" in answer.content.decode()
    assert not mail.outbox


@pytest.mark.parametrize("email", TOO_LONG, ids=len)
def test_the_service_holds_it_too(email):
    with pytest.raises(Invalid) as refusal:
        create_account(email=email, password=PASSWORD)

    assert refusal.value.field == "email"
    assert not User.objects.exists()


SPELLINGS = [
    "Kim@Example.org",
    "kim@example.org\u200b",
    "\u202akim@example.org\u202c",
    "ｋｉｍ＠ｅｘａｍｐｌｅ．ｏｒｇ",
    "\u212aim@example.org",
    "kim\u00ad@example.org",
]


@pytest.mark.parametrize("typed", SPELLINGS, ids=ascii)
def test_however_it_is_pasted_an_address_is_the_one_that_is_typed(client, typed):
    client.post(SIGNUP, new(typed))

    assert User.objects.get().email == "kim@example.org"
    assert User.objects.get().emailaddress_set.get().email == "kim@example.org"
    assert mail.outbox[0].to == ["kim@example.org"]


@pytest.mark.parametrize("typed", SPELLINGS, ids=ascii)
def test_no_spelling_of_an_address_makes_a_second_account_and_each_signs_in(client, person, typed):
    person(email="kim@example.org")

    client.post(SIGNUP, new(typed))
    assert User.objects.count() == 1
    client.post("/accounts/logout/")

    assert client.post("/accounts/login/", {"login": typed, "password": PASSWORD}).url == "/"
    with pytest.raises(EmailTaken):
        create_account(email=typed, password=PASSWORD)
    assert User.objects.get(email=typed).email == "kim@example.org"


@pytest.mark.parametrize(
    "typed",
    ["\u200b", "k\u0456m@example.org", "k\u0131m@example.org", "kim@ex\u0430mple.org", "kim@example.org\x00"],
    ids=ascii,
)
def test_an_address_that_looks_like_another_or_is_none_is_refused(client, typed):
    assert client.post(SIGNUP, new(typed)).status_code == 422
    if "\x00" not in typed:
        with pytest.raises(Invalid):
            create_account(email=typed, password=PASSWORD)
    assert not User.objects.exists() and not mail.outbox


def test_a_domain_of_another_script_is_kept_as_mail_finds_it(client):
    client.post(SIGNUP, new("kim@Bücher.example"))

    assert User.objects.get().email == "kim@xn--bcher-kva.example"
    client.post("/accounts/logout/")
    answer = client.post("/accounts/password/reset/", {"email": "KIM@bücher.example"})
    assert answer.status_code == 302
    assert mail.outbox[-1].to == ["kim@xn--bcher-kva.example"]


@pytest.mark.parametrize("typed", SPELLINGS, ids=ascii)
def test_a_change_of_address_is_cleaned_as_well(as_person, person, buyer, typed):
    person(email="kim@example.org")
    browser = as_person(buyer)
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})

    browser.post("/accounts/email/", {"action_add": "", "email": typed})

    assert mail.outbox[-1].to == ["kim@example.org"]
    assert User.objects.filter(email="kim@example.org").count() == 1


def test_mariadb_compares_addresses_letter_by_letter(db):
    if connection.vendor != "mysql":
        pytest.skip("the other databases have no collation that folds")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT collation_name FROM information_schema.columns WHERE table_schema = DATABASE()"
            " AND column_name = 'email' AND table_name IN ('accounts_user', 'account_emailaddress')"
        )
        assert [name for (name,) in cursor.fetchall()] == ["utf8mb4_bin", "utf8mb4_bin"]
