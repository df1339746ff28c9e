import pytest
from django.core.exceptions import ValidationError

from marketplace.common.money import format_money, parse_money, percent_of, split, to_plain


@pytest.mark.parametrize(
    ("typed", "minor"), [("19.99", 1999), ("19,9", 1990), ("20", 2000), (" 0.01 ", 1), ("0", 0)]
)
def test_money_is_read_as_people_type_it(typed, minor):
    assert parse_money(typed) == minor


@pytest.mark.parametrize(
    "typed",
    [
        "1_000",
        "1e3",
        "-0",
        "-5",
        "٣",
        "1.999",
        "",
        "NaN",
        "1 000",
        "1,00,000",
        "0.999",
        "1,000,00",
        "\x00",
        "9" * 30,
    ],
)
def test_money_refuses_what_python_would_take(typed):
    with pytest.raises(ValidationError):
        parse_money(typed)


@pytest.mark.parametrize(
    ("currency", "shown", "plain"),
    [("EUR", "€19.99", "19.99"), ("JPY", "¥1,999", "1999"), ("KWD", "KWD1.999", "1.999")],
)
def test_the_currency_decides_the_decimals(settings, currency, shown, plain):
    settings.STORE_CURRENCY = currency

    assert format_money(1999) == shown
    assert to_plain(1999) == plain
    assert parse_money(plain) == 1999


@pytest.mark.parametrize(
    ("currency", "minor", "shown"),
    [
        ("UGX", 1_500, "UGX1,500"),
        ("ISK", 1_500, "ISK1,500"),
        ("RSD", 150_000, "RSD1,500"),
        ("RSD", 150_050, "RSD1,500.50"),
        ("IQD", 1_500_250, "IQD1,500.250"),
        ("MGA", 150_000, "MGA1,500"),
    ],
)
def test_the_ledger_counts_as_iso_4217_does_and_no_part_is_hidden(settings, currency, minor, shown):
    """Babel's decimals are CLDR's, for display: no dinar of Serbia or Iraq has any there."""
    settings.STORE_CURRENCY = currency

    assert format_money(minor).replace("\xa0", "") == shown
    assert parse_money(to_plain(minor)) == minor


@pytest.mark.parametrize(
    ("currency", "typed", "asked"),
    [
        ("KWD", "1,000", "1000 or 1.000"),
        ("KWD", "12,345", "12345 or 12.345"),
        ("EUR", "1,000", "mean 1000"),
        ("EUR", "1.000", "mean 1000"),
        ("JPY", "1,000", "mean 1000"),
        ("JPY", "1.000.000", "1000000"),
        ("EUR", "1,000.50", "1000.50"),
        ("EUR", "1.000,50", "1000.50"),
        ("EUR", "1 000", "1000"),
        ("EUR", "1\u202f000,50", "1000.50"),
        ("EUR", "1'000", "1000"),
        ("KWD", "1,000,500", "1000500"),
    ],
)
def test_what_could_be_thousands_or_decimals_is_asked(settings, currency, typed, asked):
    settings.STORE_CURRENCY = currency

    with pytest.raises(ValidationError) as refused:
        parse_money(typed)

    assert refused.value.code == "ambiguous"
    assert f"{asked}?" in " ".join(refused.value.messages)


@pytest.mark.parametrize(
    ("typed", "minor"),
    [("1.000", 1_000), ("0,500", 500), ("1234,567", 1_234_567), ("1,5", 1_500), ("1,50", 1_500)],
)
def test_what_can_only_be_decimals_is_read(settings, typed, minor):
    """A point is the decimal sign that this store writes itself, in fields and addresses."""
    settings.STORE_CURRENCY = "KWD"

    assert parse_money(typed) == minor


def test_shares_sum_to_the_whole():
    assert split(100, {"a": 1, "b": 1, "c": 1}) == {"a": 34, "b": 33, "c": 33}
    assert sum(split(9_999, dict(enumerate([7, 11, 13, 17]))).values()) == 9_999


def test_percentages_round_half_up():
    assert percent_of(1999, 1_000) == 200
    assert percent_of(5, 1_000) == 1
    assert percent_of(4, 1_000) == 0
