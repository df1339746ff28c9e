"""How much may be paid in at once, and what the page offers."""

from marketplace.common.money import exponent

_SMALLEST, _LARGEST = 1, 10_000
_SUGGESTED = (20, 50, 100, 250)


def top_up_range() -> tuple[int, int]:
    """The smallest and the largest top-up, in minor units."""
    return _SMALLEST * 10 ** exponent(), _LARGEST * 10 ** exponent()


def suggested_top_ups() -> list[int]:
    """Amounts that the top-up page offers, in minor units."""
    return [amount * 10 ** exponent() for amount in _SUGGESTED]
