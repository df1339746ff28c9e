"""Tables as files that spreadsheets open: CSV as a reader's language has it, and XLSX. Nothing in them is a formula.

A row is a list of cells: text, an amount (`Money`), or a moment. Texts come from people, so they are written so that
no reader takes one for a formula (OWASP: CSV injection), whichever separator it splits at.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain

import xlsxwriter
from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol
from django.utils import timezone
from django.utils.translation.trans_real import parse_accept_lang_header

from marketplace.common.formulas import defuse
from marketplace.common.money import exponent, to_plain

MOST_XLSX_ROWS = 50_000
"""A workbook is written before its first byte is sent: a few seconds' work at most."""


@dataclass(frozen=True)
class Money:
    """An amount in minor units."""

    minor: int


@dataclass(frozen=True)
class Dialect:
    """How a language's spreadsheets read CSV: what stands between cells, and between whole and part."""

    separator: str
    decimal_sign: str


POINT, COMMA = Dialect(",", "."), Dialect(";", ",")

Cell = str | Money | datetime


def dialect_of(accept_language: str) -> Dialect:
    """What the spreadsheets of somebody's first language read (an `Accept-Language` header)."""
    for name, _quality in parse_accept_lang_header(accept_language[:500]):
        try:
            locale = Locale.parse(name, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
        return COMMA if get_decimal_symbol(locale) == "," else POINT
    return POINT


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]], dialect: Dialect) -> Iterator[str]:
    """A CSV file line by line (RFC 4180), with the mark by which spreadsheets know UTF-8. All texts are quoted."""
    yield "\ufeff"
    for row in chain([header], rows):
        yield dialect.separator.join(_csv_cell(cell, dialect) for cell in row) + "\r\n"


def _csv_cell(cell: Cell, dialect: Dialect) -> str:
    if isinstance(cell, Money):
        return to_plain(cell.minor).replace(".", dialect.decimal_sign)
    if isinstance(cell, datetime):
        return timezone.localtime(cell).isoformat(timespec="seconds")
    return '"' + defuse(cell, dialect.separator).replace('"', '""') + '"'


def xlsx_file(title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> io.BytesIO:
    """A workbook of one sheet with real numbers and real times (of the active zone).

    Its rows pass through memory one at a time; of `MOST_XLSX_ROWS` a few megabytes remain. Every text is written
    as text, so that none can be a formula or a link.
    """
    file = io.BytesIO()
    _fill(file, title, header, rows)
    file.seek(0)
    return file


def _fill(file: io.BytesIO, title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    digits = exponent()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        money = book.add_format({"num_format": "#,##0" + (f".{'0' * digits}" if digits else "")})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\\\']", " ", title)[:31])
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(header) - 1, 20)
        for column, name in enumerate(header):
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, Money):
                    sheet.write_number(number, column, float(Decimal(cell.minor).scaleb(-digits)), money)
                elif isinstance(cell, datetime):
                    sheet.write_datetime(number, column, timezone.make_naive(cell), moment)
                else:
                    sheet.write_string(number, column, cell)
