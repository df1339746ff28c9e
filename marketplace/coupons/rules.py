"""Who may do what with coupons (docs/permissions.md)."""

import rules

from marketplace.accounts.models import User

from .models import Coupon


@rules.predicate
def is_seller(user: User) -> bool:
    return user.is_seller


@rules.predicate
def is_its_seller(user: User, coupon: Coupon | None) -> bool:
    return coupon is not None and coupon.seller_id == user.pk


rules.add_perm("coupons.make", is_seller)
rules.add_perm("coupons.change", is_seller & is_its_seller)
