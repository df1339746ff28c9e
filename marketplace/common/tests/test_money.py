import pytest
from django.core.exceptions import ValidationError

from marketplace.common.money import format_money, parse_money, percent_of, split, to_plain


@pytest.mark.parametrize(
    ("typed", "minor"), [("19.99", 1999), ("19,9", 1990), ("20", 2000), (" 0.01 ", 1), ("0", 0)]
)
def test_money_is_read_as_people_type_it(typed, minor):
    assert parse_money(typed) == minor


@pytest.mark.parametrize(
    "typed", ["1_000", "1e3", "-0", "-5", "٣", "1.999", "", "NaN", "1 000", "\x00", "9" * 30]
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


def test_shares_sum_to_the_whole():
    assert split(100, {"a": 1, "b": 1, "c": 1}) == {"a": 34, "b": 33, "c": 33}
    assert sum(split(9_999, dict(enumerate([7, 11, 13, 17]))).values()) == 9_999


def test_percentages_round_half_up():
    assert percent_of(1999, 1_000) == 200
    assert percent_of(5, 1_000) == 1
    assert percent_of(4, 1_000) == 0
