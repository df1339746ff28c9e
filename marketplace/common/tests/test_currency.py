"""The currency of the amounts stands beside them, and another one over them is told."""

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from marketplace.common import currency
from marketplace.common.checks import currency_is_the_books_own
from marketplace.common.models import BookCurrency

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture(autouse=True)
def nobody_wrote_it_down(db):
    BookCurrency.objects.all().delete()


def ids() -> list[str]:
    return [problem.id for problem in currency_is_the_books_own(None)]


def test_a_changed_currency_over_amounts_is_told_and_stays_what_it_was(settings, product):
    currency.keep()
    settings.STORE_CURRENCY = "JPY"

    assert ids() == ["common.E008"]
    currency.keep()
    assert currency.kept() == "EUR"
    assert currency.differs() == "The amounts in this database are EUR, but STORE_CURRENCY is JPY."
    with pytest.raises(CommandError):
        call_command("audit_books")

    settings.STORE_CURRENCY = "EUR"
    assert ids() == []
    call_command("audit_books")


def test_before_there_are_amounts_a_store_may_choose_anew(settings):
    currency.keep()
    settings.STORE_CURRENCY = "JPY"

    assert not currency.has_amounts()
    assert ids() == []
    currency.keep()
    assert currency.kept() == "JPY"


def test_money_in_a_wallet_is_an_amount_too(buyer, fund):
    assert not currency.has_amounts()

    fund(buyer, 500)

    assert currency.has_amounts()


def test_migrate_writes_it_down_and_tells_another_one(settings, make_product, capsys):
    call_command("migrate", verbosity=0)
    assert currency.kept() == "EUR"

    make_product()
    settings.STORE_CURRENCY = "JPY"
    call_command("migrate", verbosity=0)
    assert "STORE_CURRENCY is JPY" in capsys.readouterr().err


def test_a_plan_of_migrations_writes_nothing():
    call_command("migrate", "--plan", verbosity=0)

    assert currency.kept() is None


def test_a_database_that_does_not_answer_is_said_and_no_traceback(monkeypatch):
    def away():
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection.introspection, "table_names", away)

    assert ids() == ["common.W002"]
