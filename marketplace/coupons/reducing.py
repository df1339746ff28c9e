"""What a coupon takes off. Pure: no query, no clock; amounts in minor units."""

from collections.abc import Mapping
from typing import TypeVar

from marketplace.common.money import percent_of, split

from .models import Coupon

Key = TypeVar("Key")


def taken_off(coupon: Coupon, lines: Mapping[Key, int]) -> dict[Key, int]:
    """Line → what the coupon takes off it; `lines` say what each costs without it, 1 at least.

    The whole is the percentage of all of them, rounded half up once, or the amount; it is split by what the lines
    cost, with the largest remainder. No line is ever for nothing: 1 minor unit of each stays to be paid, for money
    that is held is more than none, whichever of its pieces are cancelled later. So the weights are what can be taken.
    """
    most = {key: cost - 1 for key, cost in lines.items()}
    whole = min(reduction_of(coupon, sum(lines.values())), sum(most.values()))
    return split(whole, most) if whole else dict.fromkeys(lines, 0)


def reduction_of(coupon: Coupon, goods: int) -> int:
    """What the coupon promises to take off goods that cost so much."""
    return coupon.amount if coupon.amount is not None else percent_of(goods, coupon.percent_bps or 0)


def kept_part(agreed: int, *, kept: int, quantity: int) -> int:
    """What is still taken off for `kept` pieces of `quantity`, of which all had `agreed` off: rounded down once.

    It hangs on what is kept alone, so whatever is cancelled in whichever steps, the refunds sum to the same.
    """
    return agreed * kept // quantity
