"""After the delivery: the seller is paid, once, by the buyer's word, an admin's or the clock's."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.authorisation import authorize
from marketplace.common.errors import Invalid, InvalidTransition, StaleState
from marketplace.common.locking import lock_row, lock_row_if_free
from marketplace.common.money import percent_of
from marketplace.common.sweeping import Swept, sweep_rows
from marketplace.common.transactions import service
from marketplace.notifications.models import Kind
from marketplace.notifications.services import Notice, notify, notify_many
from marketplace.orders.models import Settlement, Shipment
from marketplace.orders.states import BEFORE_PICK_UP, ShipmentStatus, not_possible
from marketplace.points.services import award_points
from marketplace.wallet.services import capture_hold

from .checkout import hold_key
from .shipments import advance, lock_shipment, lock_shipment_if_free

MAX_REASON = 300
REMIND_BEFORE = timedelta(days=1)
NOT_WITHIN = timedelta(hours=1)  # of the delivery, which told the same


@service
def pack_shipment(*, shipment_id: int, actor: User) -> Shipment:
    """The seller (or staff) says that the parcel is packed; saying it again keeps the first moment.

    Raises `PermissionDenied`, and `StaleState` once it was picked up or cancelled.
    """
    shipment = lock_row(Shipment, shipment_id)
    authorize(actor, "orders.pack_shipment", shipment)
    if shipment.packed_at:
        return shipment
    if shipment.status not in BEFORE_PICK_UP:
        raise StaleState(_("This parcel is not waiting to be packed any more."))
    shipment.packed_at = clock.now()
    shipment.save(update_fields=["packed_at"])
    return shipment


@service
def complete_shipment(*, shipment_id: int, actor: User | None, reason: str = "") -> Shipment:
    """Pay the seller of a delivered shipment out of what its buyer's wallet holds for it, less the fee.

    The buyer may say so any time after the delivery, staff with a reason, the clock (`actor` None) once
    `completes_at` has come; nobody while part of it is frozen. What is completed already stays so: a
    success that changes nothing. Raises `PermissionDenied`, `Invalid` (field "reason") and `StaleState`.
    """
    shipment = lock_shipment(shipment_id)
    authorize(actor, "orders.complete_shipment", shipment)
    if shipment.status == ShipmentStatus.COMPLETED:
        return shipment
    reason = _require_reason(actor, shipment, reason)
    if shipment.status != ShipmentStatus.DELIVERED:
        raise InvalidTransition(not_possible(shipment.status, ShipmentStatus.COMPLETED))
    if shipment.frozen:
        raise StaleState(_("Part of this is held back at the moment; nobody is paid until that is settled."))
    if actor is None and not _has_come(shipment):
        raise StaleState(_("It is too early: its buyer may still look it over."))
    settle(shipment, actor=actor, reason=reason)
    return shipment


def settle(shipment: Shipment, *, actor: User | None, reason: str = "") -> Settlement:
    """Complete a locked, delivered shipment whose buyer, staff or hour has come, with all that follows.

    The fee is `commission_bps` of the total, rounded half up once; the rest is the seller's.
    """
    key = f"{hold_key(shipment)}:completed"
    fee = percent_of(shipment.total, shipment.commission_bps)
    net, points = shipment.total - fee, settings.POINTS_PER_SHIPMENT
    actor_id = actor.pk if actor else None
    advance(shipment, ShipmentStatus.COMPLETED, actor_id=actor_id, reason=reason)
    settlement = Settlement.objects.create(
        shipment=shipment,
        gross=shipment.total,
        fee=fee,
        net=net,
        points=points,
        actor=actor,
        reason=reason,
        at=shipment.completed_at,
    )
    if points:
        award_points(seller_id=shipment.seller_id, amount=points, cause="shipment_completed", key=key)
    about = {"number": shipment.order.number, "shipment": shipment.number}
    notify_many(
        [
            Notice(shipment.order.buyer_id, Kind.ORDER_COMPLETED, shipment, f"{key}:buyer", about),
            Notice(
                shipment.seller_id,
                Kind.SELLER_PAYMENT,
                shipment,
                f"{key}:seller",
                about | {"amount": net, "fee": fee},
            ),
        ]
    )
    payees = {shipment.seller_id: net} if net else {}
    capture_hold(open_key=hold_key(shipment), payees=payees, fee=fee, key=key)
    return settlement


def complete_due(now: datetime) -> Swept:
    """Sweep: pay the sellers of delivered shipments whose time to be looked over is up at `now`.

    What is frozen waits, however long.
    """
    due = Shipment.objects.filter(status=ShipmentStatus.DELIVERED, frozen=0, completes_at__lte=now)
    return sweep_rows("complete_due", due.order_by("completes_at", "pk"), _complete_if_due, now=now)


@service
def _complete_if_due(shipment_id: int) -> bool:
    shipment = lock_shipment_if_free(shipment_id)
    if not shipment or shipment.status != ShipmentStatus.DELIVERED:
        return False
    if shipment.frozen or not _has_come(shipment):
        return False
    settle(shipment, actor=None)
    return True


def remind_of_completion(now: datetime) -> Swept:
    """Sweep: tell buyers, once and a day before, that a seller will be paid.

    Not where it will not happen (frozen), nor where the whole time is no longer than that day.
    """
    soon = Shipment.objects.filter(
        status=ShipmentStatus.DELIVERED,
        frozen=0,
        reminded_at=None,
        completes_at__gt=now,
        completes_at__lte=now + REMIND_BEFORE,
    ).filter(completes_at__gt=F("delivered_at") + REMIND_BEFORE + NOT_WITHIN)
    return sweep_rows("remind_of_completion", soon.order_by("completes_at", "pk"), _remind, now=now)


@service
def _remind(shipment_id: int) -> bool:
    shipment = lock_row_if_free(Shipment, shipment_id)
    if not shipment or shipment.status != ShipmentStatus.DELIVERED:
        return False
    if shipment.frozen or shipment.reminded_at or _has_come(shipment):
        return False
    shipment.reminded_at = clock.now()
    shipment.save(update_fields=["reminded_at"])
    notify(
        recipient_id=shipment.order.buyer_id,
        kind=Kind.COMPLETION_SOON,
        subject=shipment,
        event_key=f"{hold_key(shipment)}:completion_soon",
        number=shipment.order.number,
        shipment=shipment.number,
        completes_at=shipment.completes_at.isoformat(),
    )
    return True


def _has_come(shipment: Shipment) -> bool:
    return shipment.completes_at is not None and clock.now() >= shipment.completes_at


def _require_reason(actor: User | None, shipment: Shipment, reason: str) -> str:
    reason = reason.strip()
    if len(reason) > MAX_REASON:
        raise Invalid(_("Please say it in 300 characters at most."), field="reason")
    if not reason and actor is not None and actor.pk != shipment.order.buyer_id:
        raise Invalid(_("Please say why: it stays with the payment."), field="reason")
    return reason
