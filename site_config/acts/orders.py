"""Shoppers fill carts and order what is in them."""

from collections.abc import Mapping

from marketplace.accounts.models import User
from marketplace.orders.models import Order, Shipment
from marketplace.orders.selectors import cart_view
from marketplace.orders.services import CartRef, add_to_cart, pack_shipment, place_order
from marketplace.products.models import Product

from . import form_key


def fill_cart(buyer: User, quantities: Mapping[Product, int]) -> CartRef:
    """Put so many of each into somebody's cart."""
    cart = CartRef(user_id=buyer.pk)
    for product, quantity in quantities.items():
        add_to_cart(cart=cart, product_id=product.pk, quantity=quantity)
    return cart


def check_out(buyer: User, **changes: object) -> Order:
    """Order what is in somebody's cart, as the checkout page would; `changes` are `place_order`'s arguments."""
    view = cart_view(CartRef(user_id=buyer.pk))
    page = {
        "actor": buyer,
        "form_key": form_key(buyer, "checkout"),
        "seen_total": view.total,
        "seen_lines": view.seen_lines,
    }
    return place_order(**page | changes)


def buy(buyer: User, quantities: Mapping[Product, int]) -> Order:
    """Order so many of each."""
    fill_cart(buyer, quantities)
    return check_out(buyer)


def buy_shipment(buyer: User, product: Product, *, quantity: int = 1) -> Shipment:
    """Order something that is a parcel by itself."""
    return buy(buyer, {product: quantity}).shipments.select_related("order").get()


def pack(shipment: Shipment) -> None:
    """Its seller has it ready."""
    pack_shipment(shipment_id=shipment.pk, actor=shipment.seller)
