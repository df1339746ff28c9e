"""Sellers make coupons, shoppers put them into their carts."""

from marketplace.accounts.models import User
from marketplace.coupons.models import Coupon
from marketplace.coupons.services import CouponTerms, make_coupon
from marketplace.orders.coupons import Applied
from marketplace.orders.services import CartRef, apply_coupon

from . import form_key


def make(seller: User, code: str = "SAVE10", **terms: object) -> Coupon:
    """A coupon of this seller: 10 % off, unless its terms say otherwise."""
    if "amount" not in terms:
        terms = {"percent_bps": 1000} | terms
    key = form_key(seller, "coupon_new")
    return make_coupon(actor=seller, code=code, terms=CouponTerms(**terms), form_key=key)


def apply(buyer: User, coupon: Coupon) -> Applied:
    """Put it into somebody's cart."""
    return apply_coupon(cart=CartRef(user_id=buyer.pk), seller_id=coupon.seller_id, code=coupon.code)
