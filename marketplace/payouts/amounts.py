"""How much may be paid out at once, and how often."""

from datetime import timedelta

from django.conf import settings

from marketplace.common.money import exponent

DAY = timedelta(hours=24)
WEEK = timedelta(days=7)


def payout_range() -> tuple[int, int]:
    """The smallest and the largest payout, in minor units."""
    unit = 10 ** exponent()
    return settings.PAYOUT_MINIMUM * unit, settings.PAYOUT_MAXIMUM * unit


def most_a_day() -> int:
    """How many payouts somebody may ask for within 24 hours."""
    return settings.PAYOUTS_A_DAY


def address_wait() -> timedelta:
    """So long a new payout address waits before anything is sent there."""
    return timedelta(hours=settings.PAYOUT_ADDRESS_WAIT_HOURS)
