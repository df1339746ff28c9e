"""How much may be paid in at once, and what the page offers."""

from django.conf import settings

from marketplace.common.money import exponent
from marketplace.wallet.payments import provider

_SMALLEST, _LARGEST = 1, 10_000
_SUGGESTED = (20, 50, 100, 250)


def top_up_range() -> tuple[int, int]:
    """The smallest and the largest top-up, in minor units."""
    return _SMALLEST * 10 ** exponent(), _LARGEST * 10 ** exponent()


def top_up_step() -> int:
    """What a top-up must be a multiple of, in minor units: the provider cannot take every part of every currency."""
    return provider().step(settings.STORE_CURRENCY)


def next_top_up(amount: int) -> int:
    """The smallest amount that can be paid in and is not less than `amount`, in minor units."""
    return -(-amount // top_up_step()) * top_up_step()


def suggested_top_ups() -> list[int]:
    """Amounts that the top-up page offers, in minor units."""
    return [amount * 10 ** exponent() for amount in _SUGGESTED]
