"""A shipment as its seller sees it: their own lines, where it is, what they get; of the buyer only the area."""

from dataclasses import dataclass
from datetime import datetime

from marketplace.accounts.models import User
from marketplace.common.authorisation import may
from marketplace.common.money import percent_of
from marketplace.delivery.areas import area_of
from marketplace.delivery.shown import mark_of_row, with_mark
from marketplace.orders.models import Settlement, Shipment, ShipmentEvent, ShipmentLine
from marketplace.orders.selectors import shipments_of_seller
from marketplace.orders.services.packing import require_packable
from marketplace.orders.states import TONES, ShipmentStatus

from .ways import Way, ways_of


@dataclass(frozen=True)
class ShipmentView:
    """A seller's shipment. `gross` (the goods), `fee`, the `delivery` that they pay themselves
    and `net` are what will be or was paid, in minor units."""

    shipment: Shipment
    lines: list[ShipmentLine]
    notes: list[ShipmentEvent]
    way: Way
    area: str
    settlement: Settlement | None
    gross: int
    fee: int
    delivery: int
    can_be_packed: bool
    mark: str
    """What the forms on its page are drawn for (marketplace/delivery/shown.py)."""

    @property
    def coupon_code(self) -> str:
        return self.shipment.coupon.code if self.shipment.coupon else ""

    @property
    def coupon_off(self) -> int:
        """What a coupon of theirs takes off the kept pieces, in minor units."""
        return sum(line.coupon_off for line in self.lines)

    @property
    def tone(self) -> str:
        return TONES[self.shipment.status]

    @property
    def net(self) -> int:
        return self.gross - self.fee - self.delivery

    @property
    def will_be_paid(self) -> bool:
        return self.shipment.status not in (
            ShipmentStatus.CANCELLED,
            ShipmentStatus.RETURNING,
            ShipmentStatus.RETURNED,
        )

    @property
    def paid_at(self) -> datetime | None:
        return self.settlement.at if self.settlement else None


def shipment_of_seller(user: User, number: str) -> ShipmentView | None:
    """The shipment with this number if `user` sends it, in five queries; None otherwise."""
    mine = shipments_of_seller(user).filter(number=number).select_related("order", "settlement", "coupon")
    shipment = with_mark(mine).first()
    if shipment is None:
        return None
    events = list(ShipmentEvent.objects.filter(shipment=shipment).order_by("pk"))
    settlement = getattr(shipment, "settlement", None)
    gross = settlement.gross if settlement else shipment.goods_total
    return ShipmentView(
        shipment=shipment,
        mark=mark_of_row(shipment),
        can_be_packed=may(require_packable, user, shipment),
        lines=list(ShipmentLine.objects.filter(shipment=shipment).order_by("pk")),
        notes=[event for event in events if not event.is_step],
        way=ways_of(user, [(shipment, events)])[shipment.pk],
        area=area_of(shipment.order.place),
        settlement=settlement,
        gross=gross,
        delivery=settlement.delivery if settlement else shipment.delivery_by_seller,
        fee=settlement.fee if settlement else percent_of(gross, shipment.commission_bps),
    )
