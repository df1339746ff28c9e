"""Fixtures of payouts through Stripe."""

import pytest
import stripe

from .at_stripe import OURS


@pytest.fixture
def in_no_hurry(monkeypatch):
    """Stripe's library asks again without waiting."""
    monkeypatch.setattr(stripe.HTTPClient, "_sleep_time_seconds", lambda *args, **kwargs: 0)


@pytest.fixture
def approved(seller, earn, payouts, admin, pays_by_stripe):
    """`approved("acct_…", 2_000)`: a payout of the seller's to such an account that an admin has approved."""

    def make(number=OURS, amount=2_000):
        earn(seller, amount + 1_000)
        payouts.give_account(seller, number=number)
        return payouts.approve(payouts.ask(seller, amount), admin)

    return make
