"""What waits for a buyer: a PIN to show, a delivery to confirm."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef

from marketplace.accounts.models import User
from marketplace.delivery.models import SHIPMENT, Proof
from marketplace.delivery.states import ProofStatus, Purpose
from marketplace.orders.models import Shipment
from marketplace.orders.states import ShipmentStatus

MOST_SHOWN = 10


@dataclass(frozen=True)
class Need:
    """A shipment that its buyer can do something about. `what`: "pin", "locked" or "confirm"."""

    what: str
    order: str
    shipment: str
    shop_name: str
    amount: int
    frozen: int
    completes_at: datetime | None


def needs_of_buyer(user: User) -> list[Need]:
    """The shipments that wait for `user`, those at the door first; one query, ten at most."""
    locked = Proof.objects.filter(
        consignment__shipment=OuterRef("pk"),
        consignment__kind=SHIPMENT,
        purpose=Purpose.DELIVERY,
        status=ProofStatus.LOCKED,
        current_key__isnull=False,
    )
    rows = (
        Shipment.objects.filter(
            order__buyer=user, status__in=[ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED]
        )
        .annotate(is_locked=Exists(locked))
        .order_by("-status", "completes_at", "pk")  # "shipped" before "delivered"
        .values(
            "status",
            "number",
            "frozen",
            "completes_at",
            "is_locked",
            goods=F("total") - F("delivery_price"),
            order_number=F("order__number"),
            shop=F("seller__seller_profile__shop_name"),
        )[:MOST_SHOWN]
    )
    return [
        Need(
            what=_what(row),
            order=row["order_number"],
            shipment=row["number"],
            shop_name=row["shop"] or "",
            amount=row["goods"],
            frozen=row["frozen"],
            completes_at=row["completes_at"],
        )
        for row in rows
    ]


def _what(row: Mapping[str, Any]) -> str:
    if row["status"] == ShipmentStatus.DELIVERED:
        return "confirm"
    return "locked" if row["is_locked"] else "pin"
