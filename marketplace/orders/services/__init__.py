"""What can be done with carts, orders and shipments. A module a use case."""

from marketplace.orders.cart_ref import CartRef

from .cart import (
    accept_prices,
    add_to_cart,
    change_quantity,
    forget_old_carts,
    merge_carts,
    remove_line,
)

__all__ = [
    "CartRef",
    "accept_prices",
    "add_to_cart",
    "change_quantity",
    "forget_old_carts",
    "merge_carts",
    "remove_line",
]
