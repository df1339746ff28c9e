"""A seller's coupon goes into a cart, or out of it. As all of a cart it promises nothing until the checkout.

A guesser of codes is counted in the face, by person or address: a visitor can always take a new cart.
"""

from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.cleaning import clean_code
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.transactions import service
from marketplace.coupons.models import Coupon
from marketplace.coupons.selectors import used_by
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.coupons import Applied, applied
from marketplace.orders.models import CartCoupon
from marketplace.orders.selectors.cart import cart_view

from .cart import lock_cart, touch


@service
def apply_coupon(*, cart: CartRef, seller_id: int, code: str) -> Applied:
    """Put a seller's coupon into the cart, in the place of another one of theirs, as it is now.

    The code is cleaned as its seller's was. Returns what it takes off. Raises `Invalid` (field "code") for a code
    that this seller does not have, and with the reason where it takes nothing off now; `StaleState` where the cart
    holds nothing of theirs that can be bought, and `PermissionDenied` as every change of a cart does.
    """
    row = lock_cart(cart)
    part = next((part for part in cart_view(cart).parts if part.seller_id == seller_id), None)
    if row is None or part is None or not part.is_buyable:
        raise StaleState(_("There is nothing of this shop in your cart that can be bought right now."))
    if cart.user_id == seller_id:
        raise Invalid(_("This is your own coupon; you cannot use it."), field="code")
    code = clean_code(code)
    if not code:
        raise Invalid(_("Please type the coupon\u2019s code."), field="code")
    coupon = Coupon.objects.filter(seller=seller_id, code=code).first()
    if coupon is None:
        raise Invalid(_("This shop has no coupon with this code."), field="code")
    result = applied(
        coupon,
        costs=part.costs,
        used_by_person=used_by(cart.user_id, [coupon.pk]).get(coupon.pk, 0),
        now=clock.now(),
    )
    if result.why_not:
        raise Invalid(result.why_not, field="code")
    if not result.off:
        raise Invalid(_("The coupon %(code)s takes nothing off these goods.") % {"code": code}, field="code")
    changed = CartCoupon.objects.filter(cart=row, seller=seller_id).update(
        coupon=coupon, version_seen=coupon.version
    )
    if not changed:
        CartCoupon.objects.create(cart=row, seller_id=seller_id, coupon=coupon, version_seen=coupon.version)
    touch(row)
    return result


@service
def take_off_coupon(*, cart: CartRef, seller_id: int) -> None:
    """Take a seller's coupon out of the cart; one that is gone already is a success."""
    row = lock_cart(cart)
    if row is not None and CartCoupon.objects.filter(cart=row, seller=seller_id).delete()[0]:
        touch(row)
