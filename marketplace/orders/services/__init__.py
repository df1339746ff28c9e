"""What can be done with carts, orders and shipments. A module a use case.

Cancelling and completing are not among it: pages do both through marketplace.delivery.services, which tell
the courier and know how a parcel was handed over.
"""

from marketplace.orders.cart_ref import CartRef

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
from .settlement import complete_due, pack_shipment, remind_of_completion
from .shipments import advance, derive_status, hand_over, lock_shipment, start_completion

__all__ = [
    "Added",
    "CartRef",
    "Recipient",
    "Reordered",
    "accept_prices",
    "add_to_cart",
    "advance",
    "change_quantity",
    "complete_due",
    "derive_status",
    "forget_old_carts",
    "hand_over",
    "hold_key",
    "lock_shipment",
    "merge_carts",
    "pack_shipment",
    "place_order",
    "remind_of_completion",
    "remove_line",
    "reorder",
    "start_completion",
    "take_back",
]
