"""What is read of carts, orders and shipments, and by whom."""

from .cart import CartItem, CartView, SellerPart, cart_count, cart_view
from .orders import (
    LineView,
    OrderCard,
    OrderPage,
    OrderView,
    ShipmentView,
    order_view,
    orders_for,
    orders_of_buyer,
    orders_page,
)
from .pictures import first_pictures
from .seller import SellerDesk, seller_desk, shipments_of_seller
from .timeline import Step, steps_of

__all__ = [
    "CartItem",
    "CartView",
    "LineView",
    "OrderCard",
    "OrderPage",
    "OrderView",
    "SellerDesk",
    "SellerPart",
    "ShipmentView",
    "Step",
    "cart_count",
    "cart_view",
    "first_pictures",
    "order_view",
    "orders_for",
    "orders_of_buyer",
    "orders_page",
    "seller_desk",
    "shipments_of_seller",
    "steps_of",
]
