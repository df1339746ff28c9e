"""Files for spreadsheets: no text of anybody's is a formula, whatever separator a reader splits at."""

import csv
import io

import pytest

from marketplace.web.exports import COMMA, POINT, csv_lines, dialect_of

DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    " =1",
    "\t=1",
    "\ufeff=1+1",
    "\u200b\u200e=1+1",
    "\u00a0=1",
    "\u2060@A1",
    "＝1+1",
    "＋1",
    "－1",
    "﹣1",
    "−1",
    "＠A1",
    "Foo;=1+1",
    "Foo,=1+1",
    "Foo\t=1+1",
    "Foo|=1+1",
    "Foo\n=1+1",
    "Foo; \ufeff＝1+1",
    '";=1+1;"',
    'x",=1+1,"',
    'Foo;"=1+1',
]
HARMLESS = ["1=1", "Foo - bar", "Foo; bar", "a@b.example", "5 % off", ""]


def cells_as(text, separator):
    """What a reader that splits at `separator`, and knows no quotes, takes for cells."""
    return [piece.strip(' "') for line in text.splitlines() for piece in line.split(separator)]


def begins_formula(cell):
    """As spreadsheets see it: what cannot be seen is trimmed, and East Asian widths count as the plain sign."""
    shown = cell.lstrip(' "\t\ufeff\u200b\u200e\u00a0\u2060')
    return shown[:1] in set("=+-@＝＋－＠﹣−")


@pytest.mark.parametrize("dialect", [POINT, COMMA], ids=["point", "comma"])
@pytest.mark.parametrize("text", DANGEROUS)
def test_no_reader_finds_a_formula(text, dialect):
    line = "".join(csv_lines(["Note", "Name"], [[text, "Ada"]], dialect)).removeprefix("\ufeff")

    header, row = csv.reader(io.StringIO(line, newline=""), delimiter=dialect.separator)

    assert (header, row[1]) == (["Note", "Name"], "Ada")
    assert row[0].replace("'", "") == text
    assert not begins_formula(row[0])
    for separator in {",", ";", "\t", "|"} - {dialect.separator}:
        assert not any(begins_formula(cell) for cell in cells_as(line, separator)), separator


@pytest.mark.parametrize("dialect", [POINT, COMMA], ids=["point", "comma"])
@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_formula_is_left_as_it_is(text, dialect):
    [_mark, _header, line] = csv_lines(["Note"], [[text]], dialect)

    assert next(csv.reader([line], delimiter=dialect.separator)) == [text]


@pytest.mark.parametrize(
    ("language", "dialect"),
    [
        ("en", POINT),
        ("de-AT", COMMA),
        ("de-CH", POINT),
        ("pt-BR", COMMA),
        ("ja", POINT),
        ("*", POINT),
        ("x" * 5000, POINT),
    ],
)
def test_the_language_says_what_its_spreadsheets_read(language, dialect):
    assert dialect_of(language) == dialect
