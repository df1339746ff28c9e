"""What can be done about coupons. A module a use case.

What an order does with them are steps (`steps.py`): `take` and `give_back` expect the coupons' locks.
"""

from .making import (
    MOST_USES,
    CouponTerms,
    change_coupon,
    make_coupon,
    require_changeable,
    resume_coupon,
    stop_coupon,
)

__all__ = [
    "MOST_USES",
    "CouponTerms",
    "change_coupon",
    "make_coupon",
    "require_changeable",
    "resume_coupon",
    "stop_coupon",
]
