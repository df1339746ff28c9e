"""How a parcel's way ends: with its buyer, on its way back, or with its seller again.

What is here joins a service's transaction: it has the locks of the job (jobs.lock_job) and no wallet's yet.
"""

from marketplace.common import clock
from marketplace.common.authorisation import Actor
from marketplace.delivery.models import Attempt, Delivery
from marketplace.delivery.notices import ORDER_DELIVERED, PARCEL_RETURNED, PARCEL_RETURNING, PROOF_BYPASSED
from marketplace.delivery.states import OPEN_PROOFS, AttemptOutcome, DeliveryStatus, Purpose
from marketplace.notifications.kinds import Kind
from marketplace.notifications.services import notify_many
from marketplace.orders.notices import to_buyer, to_seller
from marketplace.orders.services.returning import take_back
from marketplace.orders.services.shipments import advance, start_completion
from marketplace.orders.states import ShipmentStatus
from marketplace.wallet.services import lock_wallets, pay_from_fees, release_hold

from .jobs import Job, end_job, move_job
from .proofs import issue_proof, retire_proof


def complete_delivery(
    job: Job,
    *,
    actor: Actor,
    at_place: dict[str, object] | None = None,
    kind: Kind = ORDER_DELIVERED,
    reason: str = "",
    doubled: bool = False,
) -> Attempt:
    """The buyer has the parcel, and its proof was used: the clock that pays the seller starts.

    The buyer has COMPLETION_DAYS to say that something is wrong, twice as long if `doubled`; buyer and
    seller are told (`kind`), the courier gets their fee.
    """
    delivery, shipment = job.delivery, job.shipment
    advance(
        shipment,
        ShipmentStatus.DELIVERED,
        actor_id=actor.pk,
        reason=reason,
        also_save=start_completion(shipment, doubled=True) if doubled else (),
    )
    attempt = write_attempt(job, AttemptOutcome.SUCCEEDED, **at_place or {})
    end_job(delivery, DeliveryStatus.DELIVERED, reason=reason)
    extra = {"completes_at": shipment.completes_at.isoformat()}
    if kind == PROOF_BYPASSED:
        extra["reason"] = reason
    event_key = f"shipment:{shipment.pk}:delivered"
    notify_many(
        [
            to_buyer(shipment, kind, event_key, **extra),
            to_seller(shipment, kind, event_key, seller=True, **extra),
        ]
    )
    _pay_courier(delivery)
    return attempt


def start_return(job: Job, *, actor: Actor, reason: str) -> None:
    """The parcel goes back to its seller, who gets a PIN for it; the buyer's is worth nothing any more.

    `reason` is a `FailReason` or a sentence; buyer and seller are told.
    """
    delivery, shipment = job.delivery, job.shipment
    advance(shipment, ShipmentStatus.RETURNING, actor_id=actor.pk, reason=reason)
    move_job(delivery, DeliveryStatus.RETURNING)
    buyers = job.proofs.get(Purpose.DELIVERY)
    if buyers and buyers.status in OPEN_PROOFS:
        retire_proof(buyers)
        del job.proofs[Purpose.DELIVERY]
    job.proofs[Purpose.RETURN] = issue_proof(shipment, Purpose.RETURN, actor=actor)
    event_key = f"shipment:{shipment.pk}:returning"
    notify_many(
        [
            to_buyer(shipment, PARCEL_RETURNING, event_key, reason=reason),
            to_seller(shipment, PARCEL_RETURNING, event_key, seller=True, reason=reason),
        ]
    )


def complete_return(job: Job, *, actor: Actor, reason: str = "") -> None:
    """The seller has the parcel again: the buyer's money and the pieces come back, the courier gets their fee."""
    delivery, shipment = job.delivery, job.shipment
    end_job(delivery, DeliveryStatus.RETURNED, reason=reason)
    event_key, amount = f"shipment:{shipment.pk}:returned", shipment.total
    notify_many(
        [
            to_buyer(shipment, PARCEL_RETURNED, event_key, amount=amount),
            to_seller(shipment, PARCEL_RETURNED, event_key, seller=True, amount=amount),
        ]
    )
    take_back(shipment, actor_id=actor.pk, reason=reason)
    lock_wallets(owner_ids=[shipment.order.buyer_id, delivery.courier_id])
    release_hold(open_key=shipment.hold_key, key=f"{shipment.hold_key}:returned:released")
    _pay_courier(delivery)


def write_attempt(job: Job, outcome: AttemptOutcome, **fields: object) -> Attempt:
    """A row for a try at the door; tries are counted over the shipment, whoever carried it."""
    tried = Attempt.objects.filter(shipment=job.shipment).order_by("-number")
    last = tried.values_list("number", flat=True).first() or 0
    return Attempt.objects.create(
        shipment=job.shipment,
        delivery=job.delivery,
        number=last + 1,
        outcome=outcome,
        at=clock.now(),
        **fields,
    )


def _pay_courier(delivery: Delivery) -> None:
    """What a courier earns for a parcel comes out of the store's fees, once a job."""
    if delivery.fee:
        pay_from_fees(
            owner_id=delivery.courier_id,
            amount=delivery.fee,
            key=f"delivery:{delivery.pk}:fee",
            subject=delivery,
            memo="",
        )
