"""Whether a coupon holds: the pages ask, and the checkout asks again under the coupon's lock."""

from datetime import datetime

from django.utils.translation import gettext as _

from marketplace.common.money import format_money

from .models import Coupon
from .states import CouponState


def why_not(
    coupon: Coupon, *, now: datetime, goods: int, used_by_person: int, version_seen: int | None = None
) -> str:
    """The sentence why the coupon takes nothing off now, "" where it does.

    `goods` is what the goods of its seller cost without it, in minor units; `used_by_person` how often whoever orders
    has used it, `version_seen` the one that they were shown (None: the one of now).
    """
    words = {"code": coupon.code}
    state = coupon.state(now)
    if state == CouponState.STOPPED:
        return _("The coupon %(code)s was stopped by its seller.") % words
    if state == CouponState.ENDED:
        return _("The coupon %(code)s has ended.") % words
    if state == CouponState.USED_UP:
        return _("The coupon %(code)s has been used as often as it may be.") % words
    if state == CouponState.PLANNED:
        return _("The coupon %(code)s does not hold yet.") % words
    if coupon.most_a_person is not None and used_by_person >= coupon.most_a_person:
        return _("You have used the coupon %(code)s as often as you may.") % words
    if version_seen is not None and version_seen != coupon.version:
        return _("The coupon %(code)s was changed by its seller since you put it in.") % words
    if goods < coupon.smallest_cart:
        words["amount"] = format_money(coupon.smallest_cart)
        words["missing"] = format_money(coupon.smallest_cart - goods)
        return (
            _(
                "The coupon %(code)s is for goods of %(amount)s and more of this shop; %(missing)s are missing."
            )
            % words
        )
    return ""
