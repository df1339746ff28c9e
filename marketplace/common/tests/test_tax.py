"""What of a price is tax, to the minor unit; many prices' taxes are that of their sum."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.money import MAX_MONEY
from marketplace.common.tax import TaxClass, rate_of, rates_in_force, shared_tax, tax_within

RATES = st.sampled_from([0, 1, 550, 700, 1000, 1900, 2000, 2700, 10_000])
AMOUNTS = st.lists(st.integers(0, 2_000) | st.integers(0, MAX_MONEY), max_size=12)


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [
        (11_900, 1900, 1_900),
        (10_700, 700, 700),
        (1_999, 1900, 319),  # 319.17
        (1_000, 700, 65),  # 65.42
        (3, 10_000, 2),  # 1.5, half up
        (0, 1900, 0),
        (1, 1900, 0),
        (1_999, 0, 0),
        (MAX_MONEY, 1900, 159_663_865_546_218),
    ],
)
def test_the_tax_within_a_price(gross, rate, tax):
    assert tax_within(gross, rate) == tax


@pytest.mark.parametrize(("gross", "rate"), [(-1, 1900), (100, -1)])
def test_nothing_below_zero_is_taxed(gross, rate):
    with pytest.raises(ValueError, match="within what was paid"):
        tax_within(gross, rate)


@given(AMOUNTS, RATES)
def test_shared_tax_adds_up_and_is_a_minor_unit_off_at_most(amounts, rate):
    taxes = shared_tax(amounts, rate)

    assert sum(taxes) == tax_within(sum(amounts), rate)
    for amount, tax in zip(amounts, taxes, strict=True):
        assert 0 <= tax <= amount
        assert abs(tax - Fraction(amount * rate, 10_000 + rate)) < 1


def test_missing_units_go_to_the_largest_remainders_and_of_equal_ones_to_the_first():
    """Of 1.00 at 19 % 0.1597 is tax: three of them contain 0.48, so two have the unit that 0.15 each leaves over."""
    assert tax_within(300, 1900) == 48
    assert shared_tax([100, 100, 100], 1900) == [16, 16, 16]
    assert shared_tax([10, 10, 10], 1900) == [2, 2, 1]  # 1.597 each, 4.79 in all
    assert shared_tax([10, 13, 0], 1900) == [2, 2, 0]


@pytest.mark.parametrize(
    ("rates", "found"),
    [
        ({}, [None, None, None, None]),
        ({"DE": {"standard": 1900, "reduced": 700}}, [1900, 700, 700, 0]),
        ({"DE": {"standard": 2000, "reduced": 1000, "low": 550}}, [2000, 1000, 550, 0]),
        ({"DE": {"standard": 2500}}, [2500, 2500, 2500, 0]),
        ({"AT": {"standard": 2000}}, [None, None, None, None]),
    ],
    ids=["no rates", "two", "three", "one", "another country's"],
)
def test_a_class_without_a_rate_has_the_next_higher_one(settings, rates, found):
    settings.TAX_RATES, settings.STORE_COUNTRIES = rates, ["DE", "AT"]

    assert [rate_of(name) for name in TaxClass] == found


def test_a_store_of_no_country_shows_no_tax(settings):
    settings.TAX_RATES, settings.STORE_COUNTRIES = {"DE": {"standard": 1900}}, []

    assert rates_in_force() == {}
