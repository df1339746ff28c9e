import pytest

from marketplace.wallet.checks import payments_are_real, payments_are_set_up, stripe_takes_the_currency


def ids(problems):
    return [problem.id for problem in problems]


def test_a_provider_that_nobody_knows_is_an_error(settings):
    settings.PAYMENT_PROVIDER = "bank"

    assert ids(payments_are_set_up(None)) == ["wallet.E001"]


@pytest.mark.parametrize(("secret", "webhook", "errors"), [("", "", 2), ("sk", "", 1), ("sk", "wh", 0)])
def test_stripe_needs_its_secrets(settings, secret, webhook, errors):
    settings.PAYMENT_PROVIDER = "stripe"
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = secret, webhook

    assert ids(payments_are_set_up(None)) == ["wallet.E002"] * errors


@pytest.mark.parametrize(
    ("provider", "said_so", "warnings"), [("demo", False, 1), ("demo", True, 0), ("stripe", False, 0)]
)
def test_play_money_in_a_real_store_is_said(settings, provider, said_so, warnings):
    settings.PAYMENT_PROVIDER, settings.DEMO_MONEY = provider, said_so

    assert len(payments_are_real(None)) == warnings


@pytest.mark.parametrize(
    ("provider", "currency", "errors"),
    [
        ("stripe", "EUR", []),
        ("stripe", "KWD", []),
        ("stripe", "UGX", []),
        ("stripe", "IQD", ["wallet.E003"]),
        ("stripe", "CLF", ["wallet.E003"]),
        ("demo", "IQD", []),
    ],
)
def test_a_currency_whose_factor_at_stripe_nobody_knows_is_an_error(settings, provider, currency, errors):
    settings.PAYMENT_PROVIDER, settings.STORE_CURRENCY = provider, currency

    assert ids(stripe_takes_the_currency(None)) == errors
