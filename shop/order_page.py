"""What the page of an order shows."""

from dataclasses import dataclass

from marketplace.accounts.models import User
from marketplace.delivery.selectors import Way, tracking_token, ways_of
from marketplace.orders.models import Order
from marketplace.orders.selectors import ShipmentView, order_view

from .live import ask_again_with, look_every


@dataclass(frozen=True)
class Part:
    """A shipment on the page: what it is, its way, and the token of its tracking link."""

    part: ShipmentView
    way: Way
    track: str


def order_context(user: User, order: Order, stamp: str) -> dict[str, object]:
    """The context of shop/orders/detail.html, in seven queries however many shipments and lines there are.

    `stamp` was asked for before: what changes in between is seen at the next look.
    """
    view = order_view(order)
    ways = ways_of(user, [(part.shipment, part.events) for part in view.shipments])
    return {
        "view": view,
        "order": order,
        "parts": [
            Part(part, ways[part.shipment.pk], tracking_token(part.shipment)) for part in view.shipments
        ],
        "is_mine": order.buyer_id == user.pk,
        "look_every": look_every(part.shipment.status for part in view.shipments),
        "known": ask_again_with(stamp),
    }
