"""How a parcel's way ends: with its receiver, on its way back, or with its sender again.

What is here joins a service's transaction: it has the locks of the job (jobs.lock_job) and no wallet's yet.
What it means for what is carried, its kind says.
"""

from django.conf import settings

from marketplace.common import clock
from marketplace.common.authorisation import Actor
from marketplace.delivery.extras import extras_of
from marketplace.delivery.models import Attempt, Delivery
from marketplace.delivery.states import OPEN_PROOFS, AttemptOutcome, DeliveryStatus, Purpose
from marketplace.wallet.services import pay_from_fees

from .earnings import hold_earning
from .jobs import Job, end_job, move_job
from .proofs import issue_proof, retire_proof


def complete_delivery(
    job: Job, *, actor: Actor, at_place: dict[str, object] | None = None, bypassed: str = ""
) -> Attempt:
    """The receiver has the parcel, and its proof was used (or `bypassed`, why): the courier gets their fee."""
    attempt = write_attempt(job, AttemptOutcome.SUCCEEDED, **at_place or {})
    end_job(job.delivery, DeliveryStatus.DELIVERED, reason=bypassed)
    _write_extras(job.delivery)
    job.kind.delivered(job, actor, bypassed)
    _pay_courier(job.delivery)
    return attempt


def start_return(job: Job, *, actor: Actor, reason: str) -> None:
    """The parcel goes back to its sender, who gets a PIN for it; the receiver's is worth nothing any more.

    `reason` is a `FailReason` or a sentence.
    """
    move_job(job.delivery, DeliveryStatus.RETURNING)
    receivers = job.proofs.get(Purpose.DELIVERY)
    if receivers and receivers.status in OPEN_PROOFS:
        retire_proof(receivers)
        del job.proofs[Purpose.DELIVERY]
    job.proofs[Purpose.RETURN] = issue_proof(job.consignment, Purpose.RETURN, actor=actor)
    job.kind.sent_back(job, actor, reason)


def complete_return(job: Job, *, actor: Actor, bypassed: str = "") -> None:
    """The sender has the parcel again: the courier gets their fee, and that of the way back."""
    end_job(job.delivery, DeliveryStatus.RETURNED, reason=bypassed)
    _write_extras(job.delivery)
    job.kind.came_back(job, actor, bypassed)
    _pay_courier(job.delivery)


def write_attempt(job: Job, outcome: AttemptOutcome, **fields: object) -> Attempt:
    """A row for a try at the door; tries are counted over the consignment, whoever carried it.

    It ends the wait there, if the courier had said that they are there.
    """
    tried = Attempt.objects.filter(consignment=job.consignment).order_by("-number")
    last = tried.values_list("number", flat=True).first() or 0
    since, at = job.delivery.at_door_since, clock.not_before(job.delivery.picked_up_at)
    if since:
        fields["waited_seconds"] = max(0, int((at - since).total_seconds()))
        job.delivery.at_door_since = None
        job.delivery.save(update_fields=["at_door_since"])
    return Attempt.objects.create(
        consignment=job.consignment,
        delivery=job.delivery,
        number=last + 1,
        outcome=outcome,
        at=at,
        **fields,
    )


def _write_extras(delivery: Delivery) -> None:
    """What its courier earns besides; whoever pays for it, its kind says next."""
    if extra := extras_of(delivery).courier:
        delivery.extra_fee = extra
        delivery.save(update_fields=["extra_fee"])


def _pay_courier(delivery: Delivery) -> None:
    """What a courier earns for a parcel comes out of the store's fees, once a job.

    What buyers pay for delivery goes there. In a store with rates it stays held for `EARNING_PENDING_HOURS`, for
    disputes (earnings.py).
    """
    fee = delivery.earned
    if not fee:
        return
    pay_from_fees(
        owner_id=delivery.courier_id,
        amount=fee,
        key=f"delivery:{delivery.pk}:fee",
        subject=delivery,
        memo="",
    )
    if delivery.shipment.rates_id and settings.EARNING_PENDING_HOURS:
        hold_earning(delivery, fee)
