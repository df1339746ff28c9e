"""Days and prices of the demo, as its stories say them."""

from datetime import timedelta

from marketplace.common.money import exponent


def minor(hundredths: int) -> int:
    """Hundredths of the store's currency in its minor units: a yen has no hundredths."""
    return max(1, hundredths * 10 ** exponent() // 100)


def days(number: float) -> timedelta:
    return timedelta(days=number)
