"""What can be done with carts, orders and shipments. A module a use case.

Cancelling and completing are not among it: both touch the courier's job or the proof, so they are services of
marketplace.delivery. What the modules have besides (`cancel_pieces`, `settle`, `take_back`, `advance` …) are steps
inside of a service that has the locks; domains above import them from their module, faces never do.
"""

from marketplace.orders.cart_ref import CartRef

from .cancelling import require_cancellable
from .cart import (
    Added,
    Pick,
    accept_prices,
    add_to_cart,
    change_quantity,
    forget_old_carts,
    merge_carts,
    remove_line,
)
from .checkout import place_order
from .coupons import apply_coupon, take_off_coupon
from .packing import pack_shipment, require_packable
from .placing import Recipient
from .reordering import Reordered, reorder
from .settlement import complete_due, remind_of_completion

__all__ = [
    "Added",
    "CartRef",
    "Pick",
    "Recipient",
    "Reordered",
    "accept_prices",
    "add_to_cart",
    "apply_coupon",
    "change_quantity",
    "complete_due",
    "forget_old_carts",
    "merge_carts",
    "pack_shipment",
    "place_order",
    "remind_of_completion",
    "remove_line",
    "reorder",
    "require_cancellable",
    "require_packable",
    "take_off_coupon",
]
