"""What the migrations make of accounts that are there."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from marketplace.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

addresses_as_kept = import_module("marketplace.accounts.migrations.0003_addresses_as_kept")


def spell(user: User, email: str) -> None:
    """As an account of before has it: past the column that cleans."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET email = %s WHERE id = %s", [email, user.pk])
        cursor.execute("UPDATE account_emailaddress SET email = %s WHERE user_id = %s", [email, user.pk])


def test_an_address_that_nobody_could_type_is_one_that_signs_in_and_a_taken_one_stays(person):
    kim, double, shopper = person(), person(), person(email="shopper@example.org")
    spell(kim, "kim@example.org\u200b")
    spell(double, "\u017fhopper@example.org")

    for _again in range(2):
        addresses_as_kept.clean_what_is_there(apps, None)

    spellings = {user.pk: user.email for user in User.objects.all()}
    assert spellings[kim.pk] == "kim@example.org" == kim.emailaddress_set.get().email
    assert spellings[double.pk] == "\u017fhopper@example.org"
    assert spellings[shopper.pk] == "shopper@example.org"
