"""What the page of an order shows."""

from dataclasses import dataclass

from marketplace.accounts.models import User
from marketplace.common.authorisation import may
from marketplace.delivery.selectors import Way, tracking_token, ways_of
from marketplace.delivery.services import require_cancellable, require_completable, require_readdressable
from marketplace.delivery.shown import marks_of
from marketplace.orders.models import Order, Shipment
from marketplace.orders.selectors import ShipmentView, order_view

from .live import ask_again_with, look_every


@dataclass(frozen=True)
class Part:
    """A shipment on the page: what it is, its way, the token of its tracking link, and what may be done with it.

    `mark` is what the forms about it are drawn for (marketplace/delivery/shown.py).
    """

    part: ShipmentView
    way: Way
    track: str
    may_cancel: bool
    may_complete: bool
    mark: str

    @property
    def cancellable_positions(self) -> set[int]:
        """The lines that can be cancelled alone. The only piece that is left goes with its whole shipment."""
        if not self.may_cancel:
            return set()
        lines = self.part.lines
        is_one_of_several = len(lines) > 1
        return {item.position for item in lines if item.line.kept_quantity > (0 if is_one_of_several else 1)}


def order_context(user: User, order: Order, stamp: str) -> dict[str, object]:
    """The context of shop/orders/detail.html, in eight queries however many shipments and lines there are.

    `stamp` was asked for before: what changes in between is seen at the next look.
    """
    marks = marks_of(Shipment.objects.filter(order=order))
    view, is_mine = order_view(order), order.buyer_id == user.pk
    ways = ways_of(user, [(part.shipment, part.events) for part in view.shipments])
    return {
        "view": view,
        "order": order,
        "parts": [
            Part(
                part=part,
                way=ways[part.shipment.pk],
                track=tracking_token(part.shipment),
                may_cancel=may(require_cancellable, user, part.shipment),
                # Staff complete in the back office, where they say why; not what they bought before they were staff.
                may_complete=is_mine
                and user.may_have_ordered
                and may(require_completable, user, part.shipment),
                mark=marks.get(part.shipment.pk, ""),
            )
            for part in view.shipments
        ],
        "is_mine": is_mine,
        "may_readdress": may(require_readdressable, user, order, [part.shipment for part in view.shipments]),
        "look_every": look_every(part.shipment.status for part in view.shipments),
        "known": ask_again_with(stamp),
    }
