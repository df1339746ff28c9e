"""How a parcel's way ends: with its receiver, on its way back, or with its sender again.

What is here joins a service's transaction: it has the locks of the job (jobs.lock_job) and no wallet's yet.
What it means for what is carried, its kind says.
"""

from marketplace.common import clock
from marketplace.common.authorisation import Actor
from marketplace.delivery.models import Attempt, Delivery
from marketplace.delivery.states import OPEN_PROOFS, AttemptOutcome, DeliveryStatus, Purpose
from marketplace.wallet.services import pay_from_fees

from .jobs import Job, end_job, move_job
from .proofs import issue_proof, retire_proof


def complete_delivery(
    job: Job, *, actor: Actor, at_place: dict[str, object] | None = None, bypassed: str = ""
) -> Attempt:
    """The receiver has the parcel, and its proof was used (or `bypassed`, why): the courier gets their fee."""
    attempt = write_attempt(job, AttemptOutcome.SUCCEEDED, **at_place or {})
    end_job(job.delivery, DeliveryStatus.DELIVERED, reason=bypassed)
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
    """The sender has the parcel again: the courier gets their fee."""
    end_job(job.delivery, DeliveryStatus.RETURNED, reason=bypassed)
    job.kind.came_back(job, actor, bypassed)
    _pay_courier(job.delivery)


def write_attempt(job: Job, outcome: AttemptOutcome, **fields: object) -> Attempt:
    """A row for a try at the door; tries are counted over the consignment, whoever carried it."""
    tried = Attempt.objects.filter(consignment=job.consignment).order_by("-number")
    last = tried.values_list("number", flat=True).first() or 0
    return Attempt.objects.create(
        consignment=job.consignment,
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
