"""The one writer of a shipment's status, and of the order's that follows from it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Sum

from marketplace.common import clock
from marketplace.common.database_clock import require_right
from marketplace.common.locking import lock_row, lock_row_if_free
from marketplace.common.moving import move
from marketplace.orders.models import Order, Shipment, ShipmentEvent, ShipmentLine
from marketplace.orders.states import (
    FINAL,
    ON_THE_WAY,
    SHIPMENT_NEXT,
    OrderStatus,
    ShipmentStatus,
    not_possible,
)

_SINCE = {
    ShipmentStatus.PROCESSING: "claimed_at",
    ShipmentStatus.SHIPPED: "picked_up_at",
    ShipmentStatus.DELIVERED: "delivered_at",
    ShipmentStatus.COMPLETED: "completed_at",
    ShipmentStatus.CANCELLED: "cancelled_at",
    ShipmentStatus.RETURNED: "returned_at",
}


def lock_shipment(shipment_id: int) -> Shipment:
    """Lock a shipment's order, whose address may change, and then the shipment; its `order` is the locked row."""
    order_id = Shipment.objects.values_list("order_id", flat=True).get(pk=shipment_id)
    order = lock_row(Order, order_id)
    shipment = lock_row(Shipment, shipment_id)
    shipment.order = order
    return shipment


def lock_shipment_if_free(shipment_id: int) -> Shipment | None:
    """As `lock_shipment`; None where somebody else has one of the two right now (or it is gone)."""
    order_id = Shipment.objects.values_list("order_id", flat=True).filter(pk=shipment_id).first()
    order = lock_row_if_free(Order, order_id) if order_id else None
    shipment = lock_row_if_free(Shipment, shipment_id) if order else None
    if order and shipment:
        shipment.order = order
    return shipment


def start_completion(shipment: Shipment, *, doubled: bool = False, now: datetime | None = None) -> list[str]:
    """Set when the clock will pay the seller of a shipment that is delivered now: `COMPLETION_DAYS` on.

    Twice as long where nobody gave a PIN (`doubled`). Returns the names of the fields that it set, for
    `also_save` of `advance`, which does this by itself where it was not done.
    """
    window = timedelta(days=settings.COMPLETION_DAYS * (2 if doubled else 1))
    shipment.completes_at = (now or clock.not_before(*_moments(shipment))) + window
    return ["completes_at"]


def advance(
    shipment: Shipment,
    to: ShipmentStatus,
    *,
    actor_id: int | None,
    reason: str = "",
    also_save: Sequence[str] = (),
) -> None:
    """Move a shipment one step, write who did it and why, and bring its order up to date.

    The caller holds the locks of the order and the shipment. `also_save` names fields that were set
    on `shipment` and go into the same UPDATE. A delivered one gets its `completes_at`
    (`start_completion`); one that is given back forgets its courier. Raises `InvalidTransition` for a
    step that `SHIPMENT_NEXT` does not know, and `ClockOff`.
    """
    require_right()
    now = clock.not_before(*_moments(shipment))
    if to == ShipmentStatus.DELIVERED and "completes_at" not in also_save:
        also_save = [*also_save, *start_completion(shipment, now=now)]
    changes: dict[str, object] = {name: getattr(shipment, name) for name in also_save}
    if to == ShipmentStatus.DELIVERED:  # where there is no window (COMPLETION_DAYS=0), it is not before it
        changes["completes_at"] = max(shipment.completes_at or now, now)
    if to in _SINCE:
        changes[_SINCE[to]] = now
    if to == ShipmentStatus.PLACED:  # a courier gave it back
        changes |= {"claimed_at": None, "courier": None}
    before = move(shipment, to, steps=SHIPMENT_NEXT, refuse=not_possible, **changes)
    record(shipment, before, to, actor_id=actor_id, reason=reason)
    refresh_order(shipment.order_id)


def record(
    shipment: Shipment,
    before: str,
    to: str,
    *,
    actor_id: int | None,
    reason: str = "",
    pieces: int = 0,
    amount: int = 0,
) -> ShipmentEvent:
    """Write a row of the shipment's history; `pieces` worth `amount` were cancelled without a step."""
    return ShipmentEvent.objects.create(
        shipment=shipment,
        actor_id=actor_id,
        from_status=before,
        to_status=to,
        reason=reason,
        pieces=pieces,
        amount=amount,
        at=clock.not_before(*_moments(shipment)),
    )


def _moments(shipment: Shipment) -> tuple[datetime | None, ...]:
    """What has happened to a shipment: whatever comes next was not before it, by whichever machine's clock."""
    return (
        shipment.placed_at,
        shipment.claimed_at,
        shipment.picked_up_at,
        shipment.delivered_at,
        shipment.completed_at,
        shipment.cancelled_at,
        shipment.returned_at,
    )


def hand_over(shipment: Shipment, *, courier_id: int, actor_id: int | None, reason: str) -> None:
    """Note on a locked shipment who carries it from now on; it keeps its state, and its history says why."""
    shipment.courier_id = courier_id
    shipment.save(update_fields=["courier"])
    record(shipment, shipment.status, shipment.status, actor_id=actor_id, reason=reason)


def refresh_order(order_id: int) -> None:
    """Work out the order's status and flags from its shipments, whose order is locked."""
    statuses = list(Shipment.objects.filter(order_id=order_id).values_list("status", flat=True))
    status = derive_status(statuses)
    cancelled = ShipmentLine.objects.filter(shipment__order_id=order_id).aggregate(
        pieces=Sum("cancelled_quantity")
    )["pieces"]
    part_cancelled = bool(cancelled) and status != OrderStatus.CANCELLED
    Order.objects.filter(pk=order_id).update(status=status, part_cancelled=part_cancelled)


def derive_status(statuses: Iterable[str]) -> OrderStatus:
    """What an order's shipments make of it (docs/states.md); cancelled ones do not count."""
    live = {status for status in statuses if status != ShipmentStatus.CANCELLED}
    if not live:
        return OrderStatus.CANCELLED
    arrived = {*FINAL, ShipmentStatus.DELIVERED}
    if live <= {*FINAL}:
        return OrderStatus.COMPLETED
    if live <= arrived:
        return OrderStatus.DELIVERED
    if live <= arrived | {*ON_THE_WAY}:
        return OrderStatus.SHIPPED
    return OrderStatus.PLACED if live == {ShipmentStatus.PLACED} else OrderStatus.PROCESSING
