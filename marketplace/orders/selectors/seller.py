"""What a seller reads of the shipments that they send."""

from dataclasses import dataclass, replace

from django.db.models import Case, F, Q, QuerySet, Sum, When

from marketplace.accounts.models import User
from marketplace.common.counts import Count, count_up_to
from marketplace.orders.models import Settlement, Shipment
from marketplace.orders.states import BEFORE_PICK_UP, FINAL, ON_THE_WAY, ShipmentStatus

SHIPMENTS_SHOWN = 10
PAYMENTS_SHOWN = 5
MOST_COUNTED = 100
_GOODS = F("total") - F("delivery_price") - F("delivery_back") - F("delivery_extra")
_UNDER_WAY = (*ON_THE_WAY, ShipmentStatus.DELIVERED)


def shipments_of_seller(user: User) -> QuerySet[Shipment]:
    """The shipments that this person has to send; other sellers' parts of the same orders are not theirs."""
    return Shipment.objects.filter(seller=user)


@dataclass(frozen=True)
class SellerDesk:
    """What a seller has to do and to expect.

    The shipments to pack and how many `more` wait; those packed or `under_way`; the last ones that were
    `paid`; what is held for open ones, in minor units.
    """

    to_pack: list[Shipment]
    more: Count
    under_way: list[Shipment]
    paid: list[Settlement]
    held: int


def seller_desk(user: User) -> SellerDesk:
    """The oldest shipments that `user` has to pack, with their lines, and what became of the others.

    Six queries at most, however many there are.
    """
    shipments = shipments_of_seller(user)
    waiting = shipments.filter(status__in=BEFORE_PICK_UP, packed_at=None).order_by("placed_at", "pk")
    to_pack = list(waiting.prefetch_related("lines")[: SHIPMENTS_SHOWN + 1])
    more = Count(0)
    if len(to_pack) > SHIPMENTS_SHOWN:
        count = count_up_to(waiting, SHIPMENTS_SHOWN + MOST_COUNTED)
        more = replace(count, number=count.number - SHIPMENTS_SHOWN)
    packed = Q(status__in=BEFORE_PICK_UP, packed_at__isnull=False)
    # What comes back needs the seller at the door, so it stands first.
    comes_back = Case(When(status=ShipmentStatus.RETURNING, then=0), default=1)
    under_way = shipments.filter(packed | Q(status__in=_UNDER_WAY)).order_by(comes_back, "-pk")
    paid = Settlement.objects.filter(shipment__seller=user).order_by("-pk")
    held = shipments.exclude(status__in=FINAL).aggregate(held=Sum(_GOODS))["held"] or 0
    return SellerDesk(
        to_pack[:SHIPMENTS_SHOWN],
        more,
        list(under_way[:SHIPMENTS_SHOWN]),
        list(paid.annotate(shipment_number=F("shipment__number"))[:PAYMENTS_SHOWN]),
        held,
    )
