"""The statement: rows, filters by the person's days, and the files that it comes as."""

import csv
import io
import re
from datetime import datetime

import openpyxl
import pytest

from marketplace.common.errors import TooMany
from marketplace.wallet.services import (
    release_hold,
    top_up_wallet,
)
from shop.tests.wallet_forms import GARBAGE, hold, next_page, page

pytestmark = pytest.mark.usefixtures("books_balance")

TOP_UP = "/wallet/top-up/"


def test_the_statement_lists_rows_with_what_was_left(bea, buyer, fund):
    fund(buyer, 5_000)
    hold(buyer, 1_200)
    release_hold(open_key="shipment:1", amount=200, key="part", memo="One <b>piece</b> cancelled")

    shown = page(bea.get("/wallet/statement/"))

    assert shown.count("statement-row") == 3
    assert "+€50.00" in shown
    assert "-€12.00" in shown
    assert "€40.00" in shown
    assert "One &lt;b&gt;piece&lt;/b&gt; cancelled" in shown


@pytest.mark.every_database
def test_the_statement_goes_on_below_the_last_row(bea, buyer):
    for number in range(1, 31):
        top_up_wallet(owner_id=buyer.pk, amount=number, key=f"gift:{number}", memo=f"gift no {number};")

    first = page(bea.get("/wallet/statement/"))
    more = next_page(first)
    part = page(bea.get(more, headers={"HX-Request": "true"}))
    whole = page(bea.get(more))

    assert (first.count("statement-row"), part.count("statement-row")) == (25, 5)
    assert "gift no 6;" in first
    assert "gift no 5;" in part
    assert 'data-testid="more"' not in part
    assert part.lstrip().startswith("<tbody>")
    assert "<html" in whole


@pytest.mark.every_database
def test_the_statement_shows_nothing_of_others(bea, buyer, stranger, fund):
    fund(stranger, 7_777)

    assert "77.77" not in page(bea.get("/wallet/statement/"))
    assert "77.77" not in text_of(bea.get("/wallet/statement.csv"))
    assert workbook(bea.get("/wallet/statement.xlsx")) == []


@pytest.mark.every_database
def test_the_filters_follow_the_persons_days(bea, buyer, fund, time_machine):
    buyer.profile.time_zone = "Pacific/Auckland"
    buyer.profile.save(update_fields=["time_zone"])
    time_machine.move_to("2026-05-01 13:00Z")  # the second of May in Auckland
    fund(buyer, 1_111)
    time_machine.move_to("2026-05-03 13:00Z")  # the fourth
    fund(buyer, 2_222)
    bea.force_login(buyer)

    def rows(**filters):
        return page(bea.get("/wallet/statement/", filters)).count("statement-row")

    assert rows() == 2
    assert rows(since="2026-05-02", until="2026-05-02") == 1
    assert rows(since="2026-05-03") == 1
    assert rows(until="2026-05-01") == 0
    assert rows(kind="top_up") == 2
    assert rows(kind="fee") == 0


def test_the_filters_follow_the_days_of_the_device_as_its_script_writes_them(bea, buyer, fund, time_machine):
    time_machine.move_to("2026-07-02 01:30Z")  # the first of July in Lima
    fund(buyer, 1_111)
    bea.force_login(buyer)
    bea.cookies["tz"] = "America%2FLima"

    def rows(day):
        return page(bea.get("/wallet/statement/", {"since": day, "until": day})).count("statement-row")

    assert (rows("2026-07-01"), rows("2026-07-02")) == (1, 0)
    assert "2026-07-01T20:30:00-05:00" in text_of(bea.get("/wallet/statement.csv"))


@pytest.mark.parametrize("text", GARBAGE)
@pytest.mark.parametrize("name", ["kind", "since", "until", "after"])
def test_garbage_in_a_filter_never_breaks_the_statement(bea, buyer, fund, name, text):
    fund(buyer, 100)

    status = 200 if name == "after" else 422
    assert bea.get("/wallet/statement/", {name: text}).status_code == status
    assert bea.get("/wallet/statement.csv", {name: text}).status_code == status


@pytest.mark.parametrize("path", ["/wallet/statement/", "/wallet/statement.csv", "/wallet/statement.xlsx"])
def test_days_in_the_wrong_order_are_said(bea, path):
    """No file either: of the days that were not asked for."""
    answer = bea.get(path, {"since": "2026-05-02", "until": "2026-05-01"})

    assert answer.status_code == 422
    assert "This day is before the first one." in page(answer)


def text_of(response):
    return b"".join(response.streaming_content).decode()


def test_the_csv_holds_every_row_in_the_persons_zone(bea, buyer, fund, time_machine):
    buyer.profile.time_zone = "Pacific/Auckland"
    buyer.profile.save(update_fields=["time_zone"])
    time_machine.move_to("2026-05-01 13:00Z", tick=False)
    fund(buyer, 5_000)
    hold(buyer, 1_200)
    bea.force_login(buyer)

    response = bea.get("/wallet/statement.csv")
    rows = list(csv.DictReader(io.StringIO(text_of(response).removeprefix("\ufeff"))))

    assert response["Content-Disposition"] == 'attachment; filename="statement-2026-05-02.csv"'
    assert [row["Change of the balance"] for row in rows] == ["50.00", "-12.00"]
    assert rows[1]["Balance after"] == "38.00"
    assert rows[1]["Held after"] == "12.00"
    assert rows[0]["Time"] == "2026-05-02T01:00:00+12:00"


@pytest.mark.parametrize("memo", ["=1+1", "+1", "Foo;=1+1", "\ufeff=1", "＝1"])
def test_no_cell_of_a_file_is_a_formula(bea, buyer, memo):
    top_up_wallet(owner_id=buyer.pk, amount=1, key="gift", memo=memo)

    [row] = csv.DictReader(io.StringIO(text_of(bea.get("/wallet/statement.csv")).removeprefix("\ufeff")))
    [sheet] = workbook(bea.get("/wallet/statement.xlsx"))

    assert row["Note"].replace("'", "", 1) == memo
    assert "'" in row["Note"]
    assert (sheet["Note"].value, sheet["Note"].data_type) == (memo, "s")


def workbook(response):
    """The rows of a workbook, each a dict of cells by the words of its column."""
    header, *rows = openpyxl.load_workbook(
        io.BytesIO(b"".join(response.streaming_content))
    ).active.iter_rows()
    return [dict(zip((cell.value for cell in header), row, strict=True)) for row in rows]


@pytest.mark.every_database
def test_the_workbook_has_real_numbers_and_real_times(bea, buyer, fund, time_machine):
    buyer.profile.time_zone = "Pacific/Auckland"
    buyer.profile.save(update_fields=["time_zone"])
    time_machine.move_to("2026-05-01 13:00Z", tick=False)
    fund(buyer, 5_000)
    hold(buyer, 1_234)
    bea.force_login(buyer)

    response = bea.get("/wallet/statement.xlsx")
    first, second = workbook(response)

    assert response["Content-Disposition"] == 'attachment; filename="statement-2026-05-02.xlsx"'
    assert first["Time (Pacific/Auckland)"].value == datetime.fromisoformat("2026-05-02T01:00")
    assert first["Time (Pacific/Auckland)"].is_date
    assert [row["Change of the balance"].value for row in (first, second)] == [50, -12.34]
    assert second["Balance after"].number_format == "#,##0.00"
    assert second["Currency"].value == "EUR"


@pytest.mark.parametrize(
    ("asked", "language", "cell", "separator"),
    [
        ({}, "", "-12.34", ","),
        ({}, "en-GB,de;q=0.5", "-12.34", ","),
        ({}, "de-DE,de;q=0.9,en;q=0.8", "-12,34", ";"),
        ({}, "nonsense,fr", "-12,34", ";"),
        ({"decimal": "point"}, "de", "-12.34", ","),
        ({"decimal": "comma"}, "en", "-12,34", ";"),
        ({"decimal": "=1"}, "en", "-12.34", ","),
    ],
)
def test_a_csv_is_as_the_spreadsheets_of_a_language_read_it(
    bea, buyer, fund, asked, language, cell, separator
):
    fund(buyer, 5_000)
    hold(buyer, 1_234)

    text = text_of(bea.get("/wallet/statement.csv", asked, headers={"Accept-Language": language}))
    _first, second = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=separator)

    assert second["Change of the balance"] == cell
    assert f"{separator}{cell}{separator}" in text


def test_the_page_offers_all_files_the_likeliest_csv_first(bea, buyer, fund):
    fund(buyer, 5_000)

    def order(language):
        shown = page(bea.get("/wallet/statement/", {"kind": "top_up"}, headers={"Accept-Language": language}))
        assert "/wallet/statement.xlsx?kind=top_up" in shown
        return re.findall(r"statement\.csv\?kind=top_up&amp;decimal=(\w+)", shown)

    assert order("en") == ["point", "comma"]
    assert order("de") == ["comma", "point"]


@pytest.mark.every_database
def test_a_statement_that_is_too_long_for_a_workbook_is_said(bea, buyer, fund, monkeypatch):
    monkeypatch.setattr("shop.views.wallet_files.MOST_XLSX_ROWS", 1)
    for _ in range(2):
        fund(buyer, 100)

    answer = bea.get("/wallet/statement.xlsx", follow=True)

    assert answer.redirect_chain == [("/wallet/statement/", 303)]
    assert "A workbook holds 1 rows at most" in page(answer)


def test_exports_are_limited(bea, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "export": (3, 3600)}

    answers = [bea.get("/wallet/statement.csv").status_code for _ in range(4)]

    assert answers == [200, 200, 200, TooMany.status]


def test_the_statement_costs_the_same_however_long_it_is(bea, buyer, fund, django_assert_max_num_queries):
    for number in range(1, 20):
        fund(buyer, 100)
        hold(buyer, 10, number)
    bea.get("/wallet/statement/")

    with django_assert_max_num_queries(9):
        bea.get("/wallet/statement/")
