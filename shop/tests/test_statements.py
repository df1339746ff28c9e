"""Monthly statements: opening and entries are the closing, and months are their reader's."""

import csv
import io
import re
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from marketplace.accounts.shops import set_small_business
from marketplace.desk.statement_paper import Line, draw_statement
from marketplace.desk.statements import Month, Sums, monthly_statement, months_of
from marketplace.wallet.selectors import wallet_of

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def spring(seller, earn, fund, payouts, admin):
    """The seller earned in February and March; a payout of April was sent, another one waits."""
    with time_machine.travel("2026-02-10T12:00:00Z"):
        earn(seller, 3_000)
    with time_machine.travel("2026-03-31T22:30:00Z"):  # April in Athens
        earn(seller, 500)
    with time_machine.travel("2026-04-02T12:00:00Z"):
        payouts.give_account(seller)
        payouts.send(payouts.ask(seller, 2_000), admin)
        payouts.ask(seller, 700)
    with time_machine.travel("2026-05-01T12:00:00Z"):
        yield seller


def month_of(owner, month):
    return monthly_statement(owner.pk, Month(2026, month))


def closing_of(statement):
    after = [statement.opening, *(entry.after for entry in statement.entries(iter(statement.rows)))]
    return after[-1]


def test_each_month_begins_where_the_one_before_ended(spring):
    months = months_of(spring.pk)
    assert months == [Month(2026, month) for month in (5, 4, 3, 2)]

    statements = [monthly_statement(spring.pk, month) for month in reversed(months)]

    for statement in statements:
        for entry in statement.entries(iter(statement.rows)):
            assert entry.after.balance == entry.row.balance_after
            assert entry.after.held == entry.row.held_after
    for before, after in pairwise(statements):
        assert after.opening == closing_of(before)
    assert (statements[0].opening.balance, statements[0].opening.held) == (0, 0)
    now = wallet_of(spring.pk)
    assert closing_of(statements[-1]) == Sums(now.balance, now.held_balance)


def test_a_month_is_that_of_the_readers_zone(spring):
    assert month_of(spring, 3).rows.count() == 1

    with timezone.override("Europe/Athens"):
        assert month_of(spring, 3).rows.count() == 0
        assert month_of(spring, 4).rows.first().balance_delta == 500


def test_the_years_turn():
    assert Month(2026, 12).following == Month(2027, 1)
    assert Month.of(datetime(2026, 12, 31, 23, tzinfo=UTC), ZoneInfo("Asia/Tokyo")) == Month(2027, 1)


def get(browser, kind, month, year=2026):
    return browser.get(reverse(f"shop:statement_month_{kind}", args=[year, month]))


def test_as_csv_it_adds_up(spring, as_person):
    answer = get(as_person(spring), "csv", 4)

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert answer["Content-Disposition"] == 'attachment; filename="statement-2026-04.csv"'
    assert [row["What"] for row in rows][:: len(rows) - 1] == ["Opening balance", "Closing balance"]
    changes = [float(row["Change of the balance"] or 0) for row in rows]
    assert float(rows[0]["Balance after"]) + sum(changes) == float(rows[-1]["Balance after"]) == 8.0
    assert float(rows[-1]["Held after"]) == 7.0
    assert "BANK-2026-1" in text


def test_what_comes_in_while_it_is_written_is_in_its_closing_or_not_in_it(spring, earn, as_person):
    """The present month's file is written while it is sent, and money moves meanwhile."""
    earn(spring, 100)
    answer = get(as_person(spring), "csv", 5)
    earn(spring, 400)

    text = b"".join(answer.streaming_content).decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(text)))
    changes = [float(row["Change of the balance"] or 0) for row in rows]
    assert float(rows[0]["Balance after"]) + sum(changes) == float(rows[-1]["Balance after"])


def test_as_pdf_it_is_one(spring, as_person):
    answer = get(as_person(spring), "pdf", 4)

    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Disposition"] == 'inline; filename="statement-2026-04.pdf"'


def test_what_is_held_for_a_payout_is_set_aside_and_no_escrow(spring, as_person):
    text = b"".join(get(as_person(spring), "csv", 4).streaming_content).decode("utf-8-sig")

    held = [row for row in csv.DictReader(io.StringIO(text)) if row["About"].startswith("Payout ")]
    assert [row["What"] for row in held] == ["Set aside", "Payout", "Set aside"]


def test_what_is_too_long_for_a_pdf_is_said(spring, as_person, monkeypatch):
    monkeypatch.setattr("shop.views.monthly.MOST_ROWS", 1)

    answer = as_person(spring).get(reverse("shop:statement_month_pdf", args=[2026, 4]), follow=True)

    assert "A PDF holds 1 rows at most" in answer.content.decode()


@pytest.mark.parametrize(("year", "month"), [(2026, 1), (2026, 6), (2026, 13), (2026, 0), (0, 4), (10**9, 4)])
@pytest.mark.parametrize("kind", ["csv", "pdf"])
def test_there_is_none_of_other_months(spring, as_person, kind, year, month):
    assert get(as_person(spring), kind, month, year).status_code == 404


def test_its_list_names_every_month(spring, seller, as_person):
    page = as_person(spring).get(reverse("shop:statements")).content.decode()

    names = re.findall(r"(\w+ 2026): PDF", page)
    assert names == ["May 2026", "April 2026", "March 2026", "February 2026"]


def test_who_has_earned_nothing_has_none(courier, as_person):
    assert months_of(courier.pk) == []
    assert "None yet" in as_person(courier).get(reverse("shop:statements")).content.decode()


@pytest.mark.parametrize("month", [2, 4])
def test_a_file_asks_as_little_for_many_entries(spring, as_person, month, django_assert_num_queries):
    browser = as_person(spring)
    get(browser, "pdf", month)

    with django_assert_num_queries(8):  # the last is the tax of its sales
        get(browser, "pdf", month)


@pytest.mark.parametrize("name", ["王小明", "سلمى", "Νίκος", "สมชาย", "🙂"])
def test_names_of_every_script_are_drawn(spring, name):
    statement = month_of(spring, 4)
    lines = [Line(entry, name) for entry in statement.entries(iter(statement.rows))]

    assert draw_statement(statement, lines, owner=name).startswith(b"%PDF-")


@pytest.mark.parametrize("is_small", [False, True])
def test_a_month_says_what_of_its_sales_was_tax(seller, placed, walk, as_person, settings, is_small):
    settings.TAX_RATES = {"DE": {"standard": 1900}}
    set_small_business(user_id=seller.pk, is_small_business=is_small, actor=seller)
    sale = walk(placed(seller=seller, price=3_000), "processing", "shipped", "delivered", "completed")
    month = Month.of(sale.completed_at, UTC)

    browser = as_person(seller)
    text = b"".join(get(browser, "csv", month.month, month.year).streaming_content).decode("utf-8-sig")

    rows = [row for row in csv.reader(io.StringIO(text)) if row and row[2] == "19%"]
    assert [row[5:8] for row in rows] == ([] if is_small else [["25.21", "4.79", "30.00"]])
    assert ("as a small business contains no tax" in text) is is_small
    assert get(browser, "pdf", month.month, month.year).content.startswith(b"%PDF-")


def test_a_month_without_sales_says_nothing_of_tax(spring, as_person, settings):
    settings.TAX_RATES = {"DE": {"standard": 1900}}

    text = b"".join(get(as_person(spring), "csv", 3).streaming_content).decode("utf-8-sig")

    assert "Tax in the sales" not in text
