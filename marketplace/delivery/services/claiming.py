"""From a parcel that waits to one that is carried: claim, give back, pick up; and the courier's own order."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import InvalidTransition, StaleState
from marketplace.common.limits import limited
from marketplace.common.locking import lock_all
from marketplace.common.texts import clean_reason
from marketplace.common.transactions import service
from marketplace.delivery.errors import ClaimsSuspended, GaveBackTooOften, OwnParcel
from marketplace.delivery.kinds import kind_of
from marketplace.delivery.models import Consignment, Courier, Delivery
from marketplace.delivery.states import ACTIVE, DeliveryStatus, Purpose

from .jobs import (
    GIVEN_BACK_COUNTS_FOR,
    Job,
    consignment_of,
    end_job,
    given_back_lately,
    lock_job,
    lock_live_job,
    move_job,
    not_possible,
    open_job,
)
from .locks import lock_couriers, lock_shipment
from .proofs import issue_proof


def require_claimable(actor: Actor, consignment: Consignment) -> None:
    """Whether this waits for a courier and `actor` may be it; what they carry already is another question.

    Raises `PermissionDenied` for who is no courier, `OwnParcel`, `AlreadyClaimed`, and `StaleState` for one
    that was cancelled.
    """
    authorize(actor, "delivery.claim_shipments")
    if actor.pk in (consignment.sender_id, consignment.receiver_id):
        raise OwnParcel
    kind_of(consignment).require_waiting(consignment)


@limited("claim")
@service
def claim_shipment(*, shipment_id: int, actor: User) -> Delivery:
    """Take a shipment that nobody has: it is the courier's until they give it back or bring it.

    Packed or not. Claiming one's own job again changes nothing. Raises as `require_claimable`, and
    `ClaimsSuspended`, `GaveBackTooOften`, `TooManyActive`, and `TooMany` for who tries too often.
    """
    authorize(actor, "delivery.claim_shipments")
    courier = lock_couriers([actor.pk])[actor.pk]
    return _claim(courier, actor, consignment_of(lock_shipment(shipment_id)))


@limited("claim")
@service
def claim_consignment(*, consignment_id: int, actor: User) -> Delivery:
    """As `claim_shipment`, for what was opened to be carried before anybody claimed it."""
    authorize(actor, "delivery.claim_shipments")
    courier = lock_couriers([actor.pk])[actor.pk]
    consignment = Consignment.objects.get(pk=consignment_id)
    consignment.shipment = lock_shipment(consignment.shipment_id)
    return _claim(courier, actor, consignment)


def _claim(courier: Courier, actor: User, consignment: Consignment) -> Delivery:
    """Open the courier's job for a consignment whose shipment is locked."""
    live = lock_live_job(consignment)
    if live and live.delivery.courier_id == actor.pk:
        return live.delivery
    require_claimable(actor, consignment)
    if courier.claims_suspended_at:
        raise ClaimsSuspended
    _require_few_given_back(actor.pk)
    job = Job(open_job(consignment, courier), {})
    job.kind.claimed(job, actor)
    return job.delivery


def _require_few_given_back(courier_id: int) -> None:
    """Raise `GaveBackTooOften` for who could read addresses by claiming and giving back (the courier is locked)."""
    most = settings.COURIER_MAX_GIVEN_BACK
    lately = given_back_lately(courier_id).order_by("-ended_at").values_list("ended_at", flat=True)
    ended = [at for at in lately[:most] if at]
    if len(ended) >= most:
        again_at = min(ended) + GIVEN_BACK_COUNTS_FOR
        raise GaveBackTooOften(most, retry_after=int((again_at - clock.now()).total_seconds()))


def require_givable_back(actor: Actor, delivery: Delivery) -> None:
    """Whether `actor` may let somebody else have this job's parcel.

    Raises `PermissionDenied`, and `InvalidTransition` once it is in the courier's hands.
    """
    authorize(actor, "delivery.carry", delivery)
    if delivery.status != DeliveryStatus.CLAIMED:
        raise InvalidTransition(not_possible(delivery.status, DeliveryStatus.GIVEN_BACK))


@service
def give_back(*, delivery_id: int, actor: User, reason: str) -> Delivery:
    """Let somebody else have a parcel that was not picked up yet; `reason` is required.

    Given back already is a success. Raises `PermissionDenied`, `Invalid` (field "reason") and
    `InvalidTransition` once it is in the courier's hands.
    """
    job = lock_job(delivery_id)
    delivery = job.delivery
    authorize(actor, "delivery.carry", delivery)
    if delivery.status == DeliveryStatus.GIVEN_BACK:
        return delivery
    require_givable_back(actor, delivery)
    reason = clean_reason(reason)
    end_job(delivery, DeliveryStatus.GIVEN_BACK, reason=reason)
    job.kind.waits_again(job, actor, reason)
    return delivery


def require_pickable(actor: Actor, delivery: Delivery) -> None:
    """Whether `actor` may say that they have this job's parcel in hand. Raises `PermissionDenied` and `StaleState`."""
    authorize(actor, "delivery.carry", delivery)
    if delivery.status != DeliveryStatus.CLAIMED:
        raise StaleState(not_possible(delivery.status, DeliveryStatus.CARRYING))


@service
def pick_up(*, delivery_id: int, actor: User) -> Delivery:
    """The courier has the parcel in hand: it is on its way, and its receiver gets a PIN and a QR code.

    Picked up already is a success. Raises as `require_pickable`.
    """
    job = lock_job(delivery_id)
    delivery = job.delivery
    authorize(actor, "delivery.carry", delivery)
    if delivery.status == DeliveryStatus.CARRYING:
        return delivery
    require_pickable(actor, delivery)
    move_job(delivery, DeliveryStatus.CARRYING)
    issue_proof(job.consignment, Purpose.DELIVERY, actor=actor)
    job.kind.picked_up(job, actor)
    return delivery


@service
def sort_jobs(*, actor: User, numbers: Sequence[str]) -> list[Delivery]:
    """Put the courier's active jobs in this order (their numbers); those not named come after, as they were.

    No numbers: back to the store's suggestion. Returns the jobs in their new order. Raises
    `PermissionDenied`, and `StaleState` where one of them is not an active job of theirs (any more).
    """
    authorize(actor, "delivery.claim_shipments")
    lock_couriers([actor.pk])
    jobs = {job.number: job for job in lock_all(Delivery.objects.filter(courier=actor, status__in=ACTIVE))}
    wanted = list(dict.fromkeys(numbers))
    if not jobs.keys() >= set(wanted):
        raise StaleState(_("Your list has changed in the meantime. Please look again."))
    rest = sorted((job for job in jobs.values() if job.number not in wanted), key=_place_in_line)
    ordered = [*(jobs[number] for number in wanted), *rest]
    for position, job in enumerate(ordered, 1):
        job.position = position if wanted else 0
    Delivery.objects.bulk_update(ordered, ["position"])
    return ordered


def _place_in_line(job: Delivery) -> tuple[int, int]:
    return (job.position, job.pk)
