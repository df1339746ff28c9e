"""The consignments of this domain: a shipment on its way to its buyer, and back to its seller if it fails."""

from typing import Any

from django.conf import settings
from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from marketplace.accounts.models import User
from marketplace.common.authorisation import Actor
from marketplace.common.errors import StaleState
from marketplace.notifications.services import notify_many
from marketplace.orders.models import Shipment
from marketplace.orders.notices import to_buyer, to_seller
from marketplace.orders.services.delivering import charge_way_back, give_back, pay_delivery
from marketplace.orders.services.returning import take_back
from marketplace.orders.services.shipments import advance, hand_over, start_completion
from marketplace.orders.states import ShipmentStatus, not_possible
from marketplace.wallet.services import lock_wallets

from .errors import AlreadyClaimed
from .extras import extras_of
from .loads import columns_of
from .models import SHIPMENT, Attempt, Consignment, Proof
from .notices import (
    COURIER_AT_DOOR,
    DELIVERY_FAILED,
    ORDER_DELIVERED,
    ORDER_SHIPPED,
    PARCEL_CLAIMED,
    PARCEL_RETURNED,
    PARCEL_RETURNING,
    PROOF_BYPASSED,
    PROOF_LOCKED,
)
from .services.jobs import Job
from .states import Purpose


class ShipmentKind:
    """A seller's part of an order, whose status follows its job. It waits from its checkout on."""

    name = SHIPMENT

    def waiting(self, user: User) -> QuerySet[Any]:
        placed = Shipment.objects.filter(status=ShipmentStatus.PLACED)
        return (
            placed.filter(~Q(order__buyer=user), ~Q(seller=user))
            .values("number", "packed_at", "placed_at")
            .annotate(
                row=F("pk"),
                fee=Case(
                    When(rates=None, then=Value(settings.COURIER_FEE)),
                    default=F("courier_share"),
                    output_field=BigIntegerField(),
                ),
                **columns_of("pk"),
                ships_from=F("seller__seller_profile__ships_from"),
                from_lat=Coalesce(F("pick_up_lat"), F("seller__profile__location_lat")),
                from_lng=Coalesce(F("pick_up_lng"), F("seller__profile__location_lng")),
                to_lat=F("order__ship_lat"),
                to_lng=F("order__ship_lng"),
            )
        )

    def require_waiting(self, consignment: Consignment) -> None:
        status = consignment.shipment.status
        if status in (ShipmentStatus.CANCELLED, ShipmentStatus.RETURNED):
            raise StaleState(not_possible(status, ShipmentStatus.PROCESSING))
        if status != ShipmentStatus.PLACED:
            raise AlreadyClaimed

    def claimed(self, job: Job, actor: Actor) -> None:
        shipment, delivery = job.shipment, job.delivery
        shipment.courier_id = delivery.courier_id
        advance(shipment, ShipmentStatus.PROCESSING, actor_id=actor.pk, also_save=["courier_id"])
        notify_many([to_seller(shipment, PARCEL_CLAIMED, f"delivery:{delivery.pk}:claimed")])

    def waits_again(self, job: Job, actor: Actor, reason: str) -> None:
        advance(job.shipment, ShipmentStatus.PLACED, actor_id=actor.pk, reason=reason)

    def handed_over(self, job: Job, actor: Actor, reason: str) -> None:
        hand_over(job.shipment, courier_id=job.delivery.courier_id, actor_id=actor.pk, reason=reason)

    def picked_up(self, job: Job, actor: Actor) -> None:
        advance(job.shipment, ShipmentStatus.SHIPPED, actor_id=actor.pk)
        event_key = f"delivery:{job.delivery.pk}:picked_up"
        notify_many([to_buyer(job.shipment, ORDER_SHIPPED, event_key)])

    def failed(self, job: Job, attempt: Attempt) -> None:
        about = {"reason": attempt.reason, "attempt": attempt.number}
        notify_many([to_buyer(job.shipment, DELIVERY_FAILED, f"attempt:{attempt.pk}:failed", **about)])

    def waits_at_the_door(self, job: Job, number: int) -> None:
        shipment, table = job.shipment, job.shipment.rates
        assert table, "it has a fee for waiting"
        about = {"minutes": table.wait_free, "fee": table.wait_fee, "most": table.wait_most}
        event_key = f"delivery:{job.delivery.pk}:at_door:{number}"
        notify_many([to_buyer(shipment, COURIER_AT_DOOR, event_key, **about)])

    def proof_locked(self, job: Job, proof: Proof) -> None:
        event_key = f"proof:{proof.pk}:locked"
        if proof.purpose == Purpose.RETURN:
            notify_many([to_seller(job.shipment, PROOF_LOCKED, event_key, seller=True)])
        else:
            notify_many([to_buyer(job.shipment, PROOF_LOCKED, event_key)])

    def sent_back(self, job: Job, actor: Actor, reason: str) -> None:
        shipment, event_key = job.shipment, f"shipment:{job.shipment.pk}:returning"
        advance(shipment, ShipmentStatus.RETURNING, actor_id=actor.pk, reason=reason)
        notify_many(
            [
                to_buyer(shipment, PARCEL_RETURNING, event_key, reason=reason),
                to_seller(shipment, PARCEL_RETURNING, event_key, seller=True, reason=reason),
            ]
        )

    def delivered(self, job: Job, actor: Actor, bypassed: str) -> None:
        """The clock that pays the seller starts: COMPLETION_DAYS, twice as long where nobody gave a PIN."""
        shipment = job.shipment
        advance(
            shipment,
            ShipmentStatus.DELIVERED,
            actor_id=actor.pk,
            reason=bypassed,
            also_save=start_completion(shipment, doubled=True) if bypassed else (),
        )
        kind = PROOF_BYPASSED if bypassed else ORDER_DELIVERED
        assert shipment.completes_at is not None  # advance set it
        extra = {"completes_at": shipment.completes_at.isoformat()}
        if bypassed:
            extra["reason"] = bypassed
        event_key = f"shipment:{shipment.pk}:delivered"
        notify_many(
            [
                to_buyer(shipment, kind, event_key, **extra),
                to_seller(shipment, kind, event_key, seller=True, **extra),
            ]
        )
        pay_delivery(shipment, extras_of(job.delivery).receiver)

    def came_back(self, job: Job, actor: Actor, bypassed: str) -> None:
        """The buyer's money and the pieces come back, but for the way of a parcel that they did not take."""
        shipment, held = job.shipment, job.shipment.total
        extra = extras_of(job.delivery).receiver
        take_back(shipment, actor_id=actor.pk, reason=bypassed, extra=extra)
        event_key, amount = f"shipment:{shipment.pk}:returned", held - shipment.total
        notices = [
            to_buyer(shipment, PARCEL_RETURNED, event_key, amount=amount),
            to_seller(shipment, PARCEL_RETURNED, event_key, seller=True, amount=amount),
        ]
        if bypassed and job.proof:
            about = {"seller": True, "returned": True, "reason": bypassed}
            key = f"proof:{job.proof.pk}:bypassed"
            notices.insert(0, to_seller(shipment, PROOF_BYPASSED, key, **about))
        notify_many(notices)
        lock_wallets(owner_ids=[shipment.order.buyer_id, shipment.seller_id, job.delivery.courier_id])
        give_back(shipment)
        charge_way_back(shipment)


KINDS = [ShipmentKind()]
