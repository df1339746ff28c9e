"""A store's rules as its environment gives them: what makes no sense is refused before it moves money."""

import pytest

from marketplace.common.checks import couriers_are_paid_from_fees, currency_is_known, rules_are_in_range


def ids(problems) -> list[str]:
    return [problem.id for problem in problems]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COMMISSION_BPS", -1),
        ("COMMISSION_BPS", 10_001),
        ("COURIER_FEE", -1),
        ("COURIER_MAX_ACTIVE", 0),
        ("COURIER_MAX_GIVEN_BACK", 0),
        ("COMPLETION_DAYS", -1),
        ("SHIP_BY_DAYS", 0),
        ("PAYOUT_MINIMUM", 0),
        ("PAYOUT_MAXIMUM", 0),
        ("PAYOUTS_A_DAY", 0),
        ("PAYOUT_ADDRESS_WAIT_HOURS", -1),
    ],
)
def test_a_rule_out_of_its_range_is_an_error_that_names_it(settings, name, value):
    setattr(settings, name, value)

    problems = rules_are_in_range(None)

    assert ids(problems) == ["common.E004"]
    assert name in problems[0].msg
    assert str(value) in problems[0].msg


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COMMISSION_BPS", 0),
        ("COMMISSION_BPS", 10_000),
        ("COURIER_FEE", 0),
        ("COURIER_MAX_ACTIVE", 1),
        ("COURIER_MAX_GIVEN_BACK", 1),
        ("COMPLETION_DAYS", 0),
        ("SHIP_BY_DAYS", 1),
        ("PAYOUT_MINIMUM", 1),
        ("PAYOUT_MAXIMUM", 1),
        ("PAYOUTS_A_DAY", 1),
        ("PAYOUT_ADDRESS_WAIT_HOURS", 0),
    ],
)
def test_a_rule_at_the_end_of_its_range_is_accepted(settings, name, value):
    setattr(settings, name, value)

    assert rules_are_in_range(None) == []


@pytest.mark.parametrize(
    ("fee", "commission", "warnings"), [(1, 0, 1), (0, 0, 0), (300, 250, 0), (0, 250, 0)]
)
def test_a_store_that_pays_couriers_and_takes_nothing_is_warned(settings, fee, commission, warnings):
    settings.COURIER_FEE, settings.COMMISSION_BPS = fee, commission

    assert ids(couriers_are_paid_from_fees(None)) == ["common.W001"] * warnings


@pytest.mark.parametrize("currency", ["", "XYZ", "eur", "EURO", "XAU", "XTS", "DEM"])
def test_a_currency_that_is_none_is_an_error_that_names_it(settings, currency):
    settings.STORE_CURRENCY = currency

    problems = currency_is_known(None)

    assert ids(problems) == ["common.E007"]
    assert repr(currency) in problems[0].msg


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD", "UGX", "CLF"])
def test_a_currency_of_iso_4217_is_fine(settings, currency):
    settings.STORE_CURRENCY = currency

    assert currency_is_known(None) == []
