"""After the delivery: the seller is paid, once, by the buyer's word, an admin's or the clock's."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM, Actor, authorize, may
from marketplace.common.errors import InvalidTransition, StaleState
from marketplace.common.locking import lock_row_if_free
from marketplace.common.money import percent_of
from marketplace.common.sweeping import Swept, sweep_rows
from marketplace.common.transactions import service
from marketplace.notifications.services import notify_many
from marketplace.orders.models import Settlement, Shipment
from marketplace.orders.notices import COMPLETION_SOON, ORDER_COMPLETED, SELLER_PAYMENT, to_buyer, to_seller
from marketplace.orders.states import ShipmentStatus, not_possible
from marketplace.points.services import award_points
from marketplace.wallet.services import pay_seller

from .shipments import advance, lock_shipment_if_free

REMIND_BEFORE = timedelta(days=1)
NOT_WITHIN = timedelta(hours=1)  # of the delivery, which told the same


def require_settleable(actor: Actor, shipment: Shipment) -> None:
    """Whether `actor` may have the seller of this shipment paid, as far as the orders know.

    Raises `PermissionDenied`, `InvalidTransition` unless it is delivered, and `StaleState` while part of it is
    frozen, and for the clock before `completes_at`. Whether a buyer who gave no PIN has looked it over,
    `delivery.services.require_completable` asks besides.
    """
    authorize(actor, "orders.complete_shipment", shipment)
    if shipment.status != ShipmentStatus.DELIVERED:
        raise InvalidTransition(not_possible(shipment.status, ShipmentStatus.COMPLETED))
    if shipment.frozen:
        raise StaleState(_("Part of this is held back at the moment; nobody is paid until that is settled."))
    if actor is SYSTEM and not _has_come(shipment):
        raise StaleState(_("It is too early: its buyer may still look it over."))


def settle(shipment: Shipment, *, actor: Actor, reason: str = "") -> Settlement:
    """Complete a shipment and pay its seller, with all that follows.

    The fee is `commission_bps` of the goods, rounded half up once; a delivery that the seller pays comes off
    besides, and the rest is the seller's. What the buyer pays for the delivery was paid by the proof. An inner
    step: the caller has the locks of the order and the shipment (`lock_shipment`) and no wallet's, and asked
    `require_settleable`.
    """
    key = f"{shipment.hold_key}:completed"
    gross, delivery, points = shipment.goods_total, shipment.delivery_by_seller, settings.POINTS_PER_SHIPMENT
    fee = percent_of(gross, shipment.commission_bps)
    net = gross - fee - delivery
    advance(shipment, ShipmentStatus.COMPLETED, actor_id=actor.pk, reason=reason)
    assert shipment.completed_at, "`advance` has just set it"
    settlement = Settlement.objects.create(
        shipment=shipment,
        gross=gross,
        fee=fee,
        net=net,
        delivery=delivery,
        points=points,
        waits_for_invoice=True if fee or delivery else None,
        actor_id=actor.pk,
        reason=reason,
        at=shipment.completed_at,
    )
    if points:
        award_points(seller_id=shipment.seller_id, amount=points, cause="shipment_completed", key=key)
    notify_many(
        [
            to_buyer(shipment, ORDER_COMPLETED, f"{key}:buyer"),
            to_seller(shipment, SELLER_PAYMENT, f"{key}:seller", amount=net, fee=fee),
        ]
    )
    pay_seller(
        open_key=shipment.hold_key,
        seller_id=shipment.seller_id,
        amount=net,
        fee=fee + delivery,
        key=key,
        subject=shipment,
    )
    return settlement


def note_invoiced(settlement_ids: Collection[int]) -> None:
    """Step: an invoice counts the fees of these settlements; the caller has the lock of its number series."""
    Settlement.objects.filter(pk__in=settlement_ids).update(waits_for_invoice=None)


def complete_due(now: datetime) -> Swept:
    """Sweep: pay the sellers of delivered shipments whose time to be looked over is up at `now`.

    What is frozen waits, however long.
    """
    due = Shipment.objects.filter(status=ShipmentStatus.DELIVERED, frozen=0, completes_at__lte=now)
    return sweep_rows("complete_due", due.order_by("completes_at", "pk"), _complete_if_due, now=now)


@service
def _complete_if_due(shipment_id: int) -> bool:
    shipment = lock_shipment_if_free(shipment_id)
    if not shipment or not may(require_settleable, SYSTEM, shipment):
        return False
    settle(shipment, actor=SYSTEM)
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
    assert shipment.completes_at, "what was delivered has one"
    shipment.reminded_at = clock.not_before(shipment.delivered_at)
    shipment.save(update_fields=["reminded_at"])
    event_key, completes_at = f"{shipment.hold_key}:completion_soon", shipment.completes_at.isoformat()
    notify_many([to_buyer(shipment, COMPLETION_SOON, event_key, completes_at=completes_at)])
    return True


def _has_come(shipment: Shipment) -> bool:
    return shipment.completes_at is not None and clock.now() >= shipment.completes_at
