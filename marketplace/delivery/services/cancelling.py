"""Cancelling before the pick-up: a shipment, a line, or some pieces of it; a courier who was coming is told.

What it does to the shipment, its money and its goods is a step of the orders' (`cancel_pieces`), which know
nothing of couriers.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import ngettext

from marketplace.common import clock, idempotency
from marketplace.common.authorisation import SYSTEM, Actor, authorize, may
from marketplace.common.sweeping import Swept, sweep_rows
from marketplace.common.transactions import service
from marketplace.delivery.notices import JOB_CANCELLED, to_courier
from marketplace.delivery.shown import require_as_shown
from marketplace.delivery.states import DeliveryStatus
from marketplace.notifications.services import notify_many
from marketplace.orders.models import Shipment, ShipmentLine
from marketplace.orders.services.cancelling import (
    cancel_pieces,
    reason_for_cancelling,
    require_cancellable,
)
from marketplace.orders.services.shipments import lock_shipment_if_free
from marketplace.orders.states import BEFORE_PICK_UP, ShipmentStatus

from .jobs import Job, end_job, lock_live_job
from .locks import lock_shipment


@service
def cancel_shipment(
    *, shipment_id: int, actor: Actor, reason: str = "", expected: str | None = None
) -> Shipment:
    """Cancel all that is left of a shipment before its pick-up: its money and its stock go back.

    The courier who claimed it is told. The buyer needs no reason; the seller (it costs points, once a
    shipment), staff and the clock do. Cancelling what is cancelled already changes nothing. Raises
    `PermissionDenied`, `Invalid` (field "reason") and `StaleState` after the pick-up, and where it is not as
    `expected` (marketplace/delivery/shown.py).
    """
    shipment = lock_shipment(shipment_id)
    authorize(actor, "orders.cancel_shipment", shipment)
    if shipment.status == ShipmentStatus.CANCELLED:
        return shipment
    require_cancellable(actor, shipment)
    require_as_shown(expected, shipment)
    reason = reason_for_cancelling(actor, shipment, reason)
    job = lock_live_job(shipment)
    cancel_pieces(shipment, actor=actor, reason=reason)
    _end_with(shipment, job, reason)
    return shipment


@service
def cancel_line(
    *,
    line_id: int,
    quantity: int,
    actor: Actor,
    form_key: str,
    reason: str = "",
    expected: str | None = None,
) -> ShipmentLine:
    """Cancel `quantity` pieces of a line before the pick-up; the last of a shipment cancel the shipment.

    As `cancel_shipment`. The same `form_key` (action "cancel_line", subject: the line's pk) again changes
    nothing. Raises `Invalid` (field "quantity") for more pieces than are left.
    """
    done = idempotency.begin(
        form_key=form_key,
        user_id=actor.pk,
        action="cancel_line",
        subject=line_id,
        payload={"quantity": quantity, "reason": reason},
        result=str(line_id),
    )
    if done:
        return ShipmentLine.objects.get(pk=line_id)
    shipment = lock_shipment(ShipmentLine.objects.values_list("shipment_id", flat=True).get(pk=line_id))
    require_cancellable(actor, shipment)
    require_as_shown(expected, shipment)
    reason = reason_for_cancelling(actor, shipment, reason)
    job = lock_live_job(shipment)
    lines = cancel_pieces(shipment, {line_id: quantity}, actor=actor, reason=reason)
    _end_with(shipment, job, reason)
    return next(line for line in lines if line.pk == line_id)


def cancel_overdue(now: datetime) -> Swept:
    """Sweep: cancel what nobody has picked up within SHIP_BY_DAYS; claimed or not, its courier is told."""
    due = Shipment.objects.filter(
        status__in=BEFORE_PICK_UP, placed_at__lte=now - timedelta(days=settings.SHIP_BY_DAYS)
    )
    return sweep_rows("cancel_overdue", due.order_by("placed_at", "pk"), _cancel_if_overdue, now=now)


@service
def _cancel_if_overdue(shipment_id: int) -> bool:
    days = settings.SHIP_BY_DAYS
    shipment = lock_shipment_if_free(shipment_id)
    if not shipment or not may(require_cancellable, SYSTEM, shipment):
        return False
    if shipment.placed_at > clock.now() - timedelta(days=days):
        return False
    reason = ngettext(
        "It was not picked up within %(days)d day.", "It was not picked up within %(days)d days.", days
    ) % {"days": days}
    cancel_shipment(shipment_id=shipment_id, actor=SYSTEM, reason=reason)
    return True


def _end_with(shipment: Shipment, job: Job | None, reason: str) -> None:
    """End the job of a shipment that is no more; one of which only a part was cancelled goes on."""
    if job is None or shipment.status != ShipmentStatus.CANCELLED:
        return
    end_job(job.delivery, DeliveryStatus.CANCELLED, reason=reason)
    extra = {"reason": reason} if reason else {}
    notify_many([to_courier(job.delivery, JOB_CANCELLED, "cancelled", **extra)])
