"""What can be done with carts, orders and shipments. A module a use case."""

from marketplace.orders.cart_ref import CartRef

from .cancelling import cancel_line, cancel_shipment
from .cart import (
    Added,
    accept_prices,
    add_to_cart,
    change_quantity,
    forget_old_carts,
    merge_carts,
    remove_line,
)
from .checkout import Recipient, hold_key, place_order
from .reordering import Reordered, reorder
from .returning import take_back
from .shipments import advance, derive_status

__all__ = [
    "Added",
    "CartRef",
    "Recipient",
    "Reordered",
    "accept_prices",
    "add_to_cart",
    "advance",
    "cancel_line",
    "cancel_shipment",
    "change_quantity",
    "derive_status",
    "forget_old_carts",
    "hold_key",
    "merge_carts",
    "place_order",
    "remove_line",
    "reorder",
    "take_back",
]
