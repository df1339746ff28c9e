"""Which files the statement comes as, and how they are asked for."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.web.exports import COMMA, POINT, Cell, Money, dialect_of
from marketplace.web.typed import asked
from shop.views.wallet_lines import StatementLine

DIALECTS = {"point": POINT, "comma": COMMA}


def statement_files(request: HttpRequest, parameters: dict[str, str]) -> list[tuple[str, str]]:
    """Addresses and words of the files that hold what the statement's page shows, the likeliest first."""
    labels = {
        "point": _("CSV with 1.50, for most programs"),
        "comma": _("CSV with 1,50 and semicolons, for spreadsheets with a decimal comma"),
    }
    mine = dialect(request)
    names = sorted(DIALECTS, key=lambda name: DIALECTS[name] != mine)
    csv_url, xlsx_url = reverse("shop:wallet_statement_csv"), reverse("shop:wallet_statement_xlsx")
    files = [(f"{csv_url}?{urlencode(parameters | {'decimal': name})}", labels[name]) for name in names]
    workbook = f"{xlsx_url}?{urlencode(parameters)}" if parameters else xlsx_url
    return [(workbook, _("Spreadsheet (XLSX)")), *files]


def dialect(request: HttpRequest):
    """The CSV that was asked for, or the one that the reader's language writes."""
    return DIALECTS.get(asked(request, "decimal")) or dialect_of(request.headers.get("Accept-Language", ""))


def header() -> list[str]:
    """The columns of every file of a wallet's lines: `line_cells`, and what is there after each."""
    return [
        _("Time"),
        _("What"),
        _("About"),
        _("Note"),
        _("Currency"),
        _("Change of the balance"),
        _("Change of what is held"),
        _("Balance after"),
        _("Held after"),
    ]


def line_cells(line: StatementLine) -> list[Cell]:
    """A line without what is there after it."""
    return [
        line.at,
        line.kind,
        line.about.text,
        line.memo,
        settings.STORE_CURRENCY,
        Money(line.balance_delta),
        Money(line.held_delta),
    ]
