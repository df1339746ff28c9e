"""What a form about a parcel was drawn for (marketplace/common/shown.py), for all that can be done with one.

A page reads the marks before anything else that it shows: what changes in between makes the form stale, never wrong.
"""

from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from marketplace.common import shown
from marketplace.orders.models import Order, Shipment

from .models import SHIPMENT, Delivery, Proof


def with_mark(shipments: QuerySet[Shipment]) -> QuerySet[Any]:
    """Shipments that know their mark (`mark_of_row`), for a page that reads them anyway."""
    mine = {"consignment__shipment": OuterRef("pk"), "consignment__kind": SHIPMENT}
    job = Delivery.objects.filter(**mine, live_key__isnull=False).order_by("-pk")
    proof = Proof.objects.filter(**mine, current_key__isnull=False).order_by("-pk")
    return shipments.annotate(
        live_job=Subquery(job.values("pk")[:1]), open_proof=Subquery(proof.values("pk")[:1])
    )


def mark_of_row(row: Any) -> str:
    """The mark of a shipment that was read `with_mark`.

    It changes with the state (so with whose PIN is waited for), with who carries it, with the PIN and with what
    its buyer pays for it.
    """
    return shown.mark_of("shipment", row.pk, row.status, row.total, row.live_job, row.open_proof)


def marks_of(shipments: QuerySet[Shipment]) -> dict[int, str]:
    """The marks of these shipments by id, in one query, for a page that reads them in another way."""
    rows = with_mark(shipments.order_by()).only("pk", "status", "total")
    return {row.pk: mark_of_row(row) for row in rows}


def mark_of(shipment_id: int) -> str:
    """As `marks_of`, of one."""
    return marks_of(Shipment.objects.filter(pk=shipment_id)).get(shipment_id, "")


def require_as_shown(expected: str | None, shipment: Shipment) -> None:
    """Raise `StaleState` unless this locked shipment still is what a form was drawn for.

    A service asks after its own precondition, whose sentence says more, and after what is done already.
    """
    if expected is not None:
        shown.require_as_shown(expected, mark_of(shipment.pk))


def mark_of_address(order: Order) -> str:
    """A mark of where an order goes and to whom."""
    door = (
        order.ship_name,
        order.ship_phone,
        order.ship_notes,
        order.ship_address,
        order.ship_lat,
        order.ship_lng,
    )
    return shown.mark_of("order address", order.pk, *door)


def require_order_as_shown(expected: str | None, order: Order) -> None:
    """Raise `StaleState` unless this locked order still goes where a form was drawn for."""
    shown.require_as_shown(expected, mark_of_address(order))


def mark_of_way(delivery_id: int, status: str) -> str:
    """A mark of which way a job goes: whose code ends it. A new PIN of the same person changes nothing."""
    return shown.mark_of("way", delivery_id, status)


def mark_of_try(delivery_id: int, status: str, failed: int) -> str:
    """A mark of the try at the door that comes next, after so many that `failed` and count: the third goes back."""
    return shown.mark_of("try", delivery_id, status, failed)


def mark_of_suspension(courier_id: int, suspended_at: datetime | None) -> str:
    """A mark of a courier's suspension: a later one is another."""
    return shown.mark_of("suspension", courier_id, suspended_at and suspended_at.timestamp())
