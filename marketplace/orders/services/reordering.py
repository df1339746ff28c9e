"""Buying the same again."""

from dataclasses import dataclass, field

from django.conf import settings
from django.db import IntegrityError
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import clock, idempotency
from marketplace.common.authorisation import authorize
from marketplace.common.transactions import service
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.models import Cart, CartLine, Order, ShipmentLine
from marketplace.products.buying import is_for_sale, open_now
from marketplace.products.models import Variant
from marketplace.products.prices import prices_now

from .cart import lock_cart, touch


@dataclass(frozen=True)
class Reordered:
    """How many products went into the cart, and what did not go in as it was, a sentence each.

    `was_done`: the same form had been carried out before, and nothing was added now.
    """

    added: int
    left_out: list[str] = field(default_factory=list)
    was_done: bool = False


def reorder(*, order_id: int, actor: User, form_key: str) -> Reordered:
    """Put what an order had into the buyer's cart again, as far as it can still be bought.

    A quantity never passes the stock or 99, with what is in the cart already. The same `form_key` again
    adds nothing. Raises `PermissionDenied`.
    """
    try:
        return _reorder(order_id=order_id, actor=actor, form_key=form_key)
    except IntegrityError:  # somebody made the cart in the same moment
        return _reorder(order_id=order_id, actor=actor, form_key=form_key)


@service
def _reorder(*, order_id: int, actor: User, form_key: str) -> Reordered:
    order = Order.objects.get(pk=order_id)
    authorize(actor, "orders.reorder", order)
    done = idempotency.begin(
        form_key=form_key,
        user_id=actor.pk,
        action="reorder",
        subject=order_id,
        payload={},
        result=order.number,
    )
    if done:
        return Reordered(added=0, was_done=True)
    ref = CartRef(user_id=actor.pk)
    cart = lock_cart(ref) or Cart.objects.create(**ref.owner)
    ordered = list(ShipmentLine.objects.filter(shipment__order_id=order_id))
    variants = (
        Variant.objects.select_related("product")
        .annotate(shop_is_open=open_now("seller__seller_profile"))
        .in_bulk([line.variant_id for line in ordered])
    )
    prices = prices_now(variants.values(), clock.now())
    in_cart = {line.variant_id: line for line in CartLine.objects.filter(cart=cart)}
    more: list[CartLine] = []
    new: list[CartLine] = []
    left_out: list[str] = []
    for line in ordered:
        variant, there = variants[line.variant_id], in_cart.get(line.variant_id)
        before = there.quantity if there else 0
        is_live = is_for_sale(variant, is_open=variant.shop_is_open)
        limit = 0
        if is_live and variant.seller_id != actor.pk:
            limit = min(variant.stock, settings.CART_MAX_PIECES)
        if there is None and len(in_cart) + len(new) >= settings.CART_MAX_LINES:
            limit = 0
        quantity = min(before + line.quantity, limit)
        if quantity < before + line.quantity:
            left_out.append(_shortfall(line.full_title, max(quantity, before)))
        if quantity <= before:
            continue
        if there:
            there.quantity = quantity
            more.append(there)
        else:
            new.append(CartLine(cart=cart, variant=variant, quantity=quantity, price_seen=prices[variant.pk]))
    CartLine.objects.bulk_update(more, ["quantity"])
    CartLine.objects.bulk_create(new)
    touch(cart)
    return Reordered(added=len(more) + len(new), left_out=left_out)


def _shortfall(title: str, quantity: int) -> str:
    if quantity:
        return _("“%(title)s”: your cart has %(count)d now, there are no more.") % {
            "title": title,
            "count": quantity,
        }
    return _("“%(title)s” cannot be bought right now.") % {"title": title}
