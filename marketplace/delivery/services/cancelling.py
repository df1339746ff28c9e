"""Cancelling, for the faces: as the orders' own, and a courier who was coming for it is told.

A buyer, seller or admin who cancels leaves no courier on the way to nothing, so this is what pages call;
the orders' functions know nothing of couriers and stay inside (pyproject.toml holds the faces to it).
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import ngettext

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.sweeping import Swept, sweep_rows
from marketplace.common.transactions import service
from marketplace.delivery.states import DeliveryStatus
from marketplace.notifications.models import Kind
from marketplace.notifications.services import notify_many
from marketplace.orders.models import Shipment, ShipmentLine
from marketplace.orders.services import cancelling
from marketplace.orders.services.shipments import lock_shipment_if_free
from marketplace.orders.states import BEFORE_PICK_UP, ShipmentStatus

from .jobs import Job, end_job, lock_live_job
from .locks import lock_shipment
from .notices import to_courier


@service
def cancel_shipment(*, shipment_id: int, actor: User | None, reason: str = "") -> Shipment:
    """Cancel all that is left of a shipment before its pick-up; the courier who claimed it is told.

    As `orders.services.cancelling.cancel_shipment`, which says who may and what it raises.
    """
    job = lock_live_job(lock_shipment(shipment_id))
    shipment = cancelling.cancel_shipment(shipment_id=shipment_id, actor=actor, reason=reason)
    _end_with(shipment, job, reason)
    return shipment


@service
def cancel_line(
    *, line_id: int, quantity: int, actor: User | None, form_key: str, reason: str = ""
) -> ShipmentLine:
    """Cancel pieces of a line before the pick-up; with the last of a shipment its courier's job ends.

    As `orders.services.cancelling.cancel_line`, which says who may and what it raises.
    """
    shipment_id = ShipmentLine.objects.values_list("shipment_id", flat=True).get(pk=line_id)
    job = lock_live_job(lock_shipment(shipment_id))
    line = cancelling.cancel_line(
        line_id=line_id, quantity=quantity, actor=actor, form_key=form_key, reason=reason
    )
    _end_with(Shipment.objects.get(pk=shipment_id), job, reason)
    return line


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
    if not shipment or shipment.status not in BEFORE_PICK_UP:
        return False
    if shipment.placed_at > clock.now() - timedelta(days=days):
        return False
    reason = ngettext(
        "It was not picked up within %(days)d day.", "It was not picked up within %(days)d days.", days
    ) % {"days": days}
    cancel_shipment(shipment_id=shipment_id, actor=None, reason=reason)
    return True


def _end_with(shipment: Shipment, job: Job | None, reason: str) -> None:
    """End the job of a shipment that is no more; one of which only a part was cancelled goes on."""
    if job is None or shipment.status != ShipmentStatus.CANCELLED:
        return
    reason = reason.strip()
    end_job(job.delivery, DeliveryStatus.CANCELLED, reason=reason)
    extra = {"reason": reason} if reason else {}
    notify_many([to_courier(job.delivery, Kind.JOB_CANCELLED, "cancelled", **extra)])
