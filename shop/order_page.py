"""What the page of an order shows, and the stamp by which its live part knows whether anything changed."""

import json
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.http import parse_etags
from django.utils.translation import get_language

from marketplace.delivery.selectors import Way, order_stamp, tracking_token, ways_of
from marketplace.orders.models import Order
from marketplace.orders.selectors import ShipmentView, order_view
from marketplace.orders.states import ShipmentStatus

# Seconds between two looks: while somebody is or soon will be at a door, and while it only waits.
SOON, LATER = 10, 60
_WAITS = (ShipmentStatus.DELIVERED,)


@dataclass(frozen=True)
class Part:
    """A shipment on the page: what it is, its way, and the token of its tracking link."""

    part: ShipmentView
    way: Way
    track: str


def stamp_for(request: HttpRequest, number: str) -> str:
    """The ETag of the live part of an order's page, in one query; "" if the order is not this person's.

    Asked for before the page is read: what changes in between is seen at the next look.
    """
    stamp = order_stamp(request.user, number)
    return f'"{stamp}-{get_language() or ""}"' if stamp else ""


def is_known(request: HttpRequest, stamp: str) -> bool:
    """Whether the browser has what `stamp` stands for; a proxy that compresses makes an ETag a weak one."""
    return any(
        tag.removeprefix("W/") == stamp for tag in parse_etags(request.headers.get("If-None-Match", ""))
    )


def order_context(request: HttpRequest, order: Order, stamp: str) -> dict[str, object]:
    """The context of shop/orders/detail.html, in nine queries however many shipments and lines there are."""
    view = order_view(order)
    for part in view.shipments:
        part.shipment.order = order
    ways = ways_of(request.user, [(part.shipment, part.events) for part in view.shipments])
    return {
        "view": view,
        "order": order,
        "parts": [
            Part(part, ways[part.shipment.pk], tracking_token(part.shipment)) for part in view.shipments
        ],
        "is_mine": order.buyer_id == request.user.pk,
        "look_every": _look_every(view.shipments),
        "known": json.dumps({"If-None-Match": stamp}),
    }


def _look_every(parts: list[ShipmentView]) -> int:
    """Seconds until the page looks again whether anything changed; 0 once nothing can."""
    open_ones = [part.shipment.status for part in parts if not part.is_final]
    if not open_ones:
        return 0
    return LATER if all(status in _WAITS for status in open_ones) else SOON
