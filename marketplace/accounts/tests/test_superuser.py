"""Accounts that commands and the shell make are whole: with a profile and an address."""

import pytest
from django.core.management import call_command

from marketplace.accounts.models import User

pytestmark = pytest.mark.django_db


def test_createsuperuser_makes_somebody_who_signs_in_without_a_code(client, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery staple")

    call_command("createsuperuser", "--noinput", email="Root@Example.org")

    user = User.objects.get()
    address = user.emailaddress_set.get()
    assert (user.email, user.role) == ("root@example.org", "superadmin")
    assert (address.email, address.primary, address.verified) == ("root@example.org", True, True)
    answer = client.post(
        "/accounts/login/", {"login": "root@example.org", "password": "correct horse battery staple"}
    )
    assert answer.url == "/"
    assert client.get("/backoffice/").status_code == 200


def test_an_account_from_the_shell_still_proves_its_address():
    user = User.objects.create_user("ann@example.org", "one")

    assert list(user.emailaddress_set.values_list("email", "primary", "verified")) == [
        ("ann@example.org", True, False)
    ]
    assert user.profile.name == ""
