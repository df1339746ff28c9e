"""Shoppers fill carts and order what is in them."""

from collections.abc import Mapping

from marketplace.accounts.address_book import AddressWish
from marketplace.accounts.models import User
from marketplace.accounts.selectors import addresses_of
from marketplace.common.places import Place
from marketplace.orders.models import Order, Shipment
from marketplace.orders.selectors import Door, cart_view
from marketplace.orders.services import CartRef, add_to_cart, pack_shipment, place_order
from marketplace.products.models import Product, Variant

from . import form_key
from .products import variant


def fill_cart(buyer: User, quantities: Mapping[Product | Variant, int]) -> CartRef:
    """Put so many of each into somebody's cart: of a variant, or of a product that has only one."""
    cart = CartRef(user_id=buyer.pk)
    for goods, quantity in quantities.items():
        chosen = goods if isinstance(goods, Variant) else variant(goods)
        add_to_cart(cart=cart, variant_id=chosen.pk, quantity=quantity)
    return cart


def check_out(buyer: User, **changes: object) -> Order:
    """Order what is in somebody's cart, as the checkout page would; `changes` are `place_order`'s arguments."""
    view = cart_view(CartRef(user_id=buyer.pk), _door(buyer, **changes))
    page = {
        "actor": buyer,
        "form_key": form_key(buyer, "checkout"),
        "seen_total": view.total,
        "seen_delivery": view.delivery,
        "seen_lines": view.seen_lines,
    }
    return place_order(**page | changes)


def _door(buyer: User, *, to: str = "", new_address: AddressWish | None = None, **_: object) -> Door | None:
    """Where the page says that it goes."""
    if new_address:
        return Door(Place(new_address.lat, new_address.lng))
    saved = addresses_of(buyer.pk).filter(public_id=to).first() if to else None
    return Door(saved.place) if saved else None


def buy(buyer: User, quantities: Mapping[Product | Variant, int]) -> Order:
    """Order so many of each."""
    fill_cart(buyer, quantities)
    return check_out(buyer)


def buy_shipment(buyer: User, product: Product | Variant, *, quantity: int = 1) -> Shipment:
    """Order something that is a parcel by itself."""
    return buy(buyer, {product: quantity}).shipments.select_related("order").get()


def pack(shipment: Shipment) -> None:
    """Its seller has it ready."""
    pack_shipment(shipment_id=shipment.pk, actor=shipment.seller)
