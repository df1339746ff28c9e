"""What is read of carts, orders and shipments, and by whom."""

from .cart import cart_count, cart_view, is_somebody_elses
from .cart_parts import CartItem, CartView, Door, SellerPart
from .frozen import FrozenListing, frozen_listing
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
from .taxes import TaxOfSales, tax_of_sales
from .timeline import Step, steps_of

__all__ = [
    "CartItem",
    "CartView",
    "Door",
    "FrozenListing",
    "LineView",
    "OrderCard",
    "OrderPage",
    "OrderView",
    "SellerDesk",
    "SellerPart",
    "ShipmentView",
    "Step",
    "TaxOfSales",
    "cart_count",
    "cart_view",
    "first_pictures",
    "frozen_listing",
    "is_somebody_elses",
    "order_view",
    "orders_for",
    "orders_of_buyer",
    "orders_page",
    "seller_desk",
    "shipments_of_seller",
    "steps_of",
    "tax_of_sales",
]
