"""The proof: a PIN or QR code ends a parcel's way, or is counted as a wrong try.

A wrong code is never an exception: its count must be committed (docs/reliability.md M14). A wrong code,
an old one and another parcel's give the same answer.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import models

from marketplace.accounts.models import User
from marketplace.common import clock, idempotency, shown
from marketplace.common.authorisation import authorize
from marketplace.common.limits import limited
from marketplace.common.places import Place
from marketplace.common.transactions import service
from marketplace.delivery.models import Courier, Delivery, Proof, ProofTry
from marketplace.delivery.notices import of_suspension
from marketplace.delivery.places import place_fields
from marketplace.delivery.proofs import Code
from marketplace.delivery.shown import mark_of_way
from marketplace.delivery.states import (
    MAX_TRIES,
    OPEN_PROOFS,
    DeliveryStatus,
    Method,
    ProofStatus,
    Purpose,
)
from marketplace.notifications.services import notify_many

from .finishing import complete_delivery, complete_return
from .jobs import Job, lock_job, purpose_of
from .locks import lock_couriers
from .proofs import current_key, move_proof

WRONG_A_DAY = 20  # wrong PINs of one courier, over all parcels: then they claim nothing more
DAY = timedelta(days=1)
NO_JOB = "-"  # what a form key remembers of a scan that fitted no parcel

_DONE = (DeliveryStatus.DELIVERED, DeliveryStatus.RETURNED)
_WITH_COURIER = (DeliveryStatus.CARRYING, DeliveryStatus.RETURNING)


class Result(models.TextChoices):
    """What came of a code. NOTHING_OPEN: nothing is waiting to be proved in this job."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    LOCKED = "locked"
    NOTHING_OPEN = "nothing_open"


@dataclass(frozen=True)
class Confirmation:
    """What came of a code, in which job (None: a scan that fits none); `tries_left` before the proof locks."""

    result: Result
    delivery: Delivery | None = None
    proof: Proof | None = None
    tries_left: int = 0


@limited("proof")
@service
def confirm_delivery(
    *,
    delivery_id: int,
    actor: User,
    pin: str = "",
    token: str = "",
    place: Place | None,
    form_key: str,
    expected: str | None = None,
) -> Confirmation:
    """End a parcel's way with the PIN or QR code of whoever takes it: its receiver, or its sender when it comes back.

    Right: proof, attempt, what is carried, money, courier's fee and notices in one transaction. Wrong: counted,
    and the proof is LOCKED with the fifth (a locked one takes no code, also not the right one). The
    same `form_key` (action "confirm_delivery", subject: the delivery's pk) again counts nothing twice and
    answers with how things stand; a job that is done already is CONFIRMED. Raises `PermissionDenied`,
    `StaleState` (nothing is counted) where it goes another way than `expected` (shown.mark_of_way), so that
    somebody else's code is asked for, `KeyReused`, `TooMany` for who tries too often, and `Invalid` (field
    "pin" or "token") for what cannot be a code at all.
    """
    code = Code.parse(pin=pin, token=token)
    authorize(actor, "delivery.carry", Delivery.objects.get(pk=delivery_id))
    done = idempotency.begin(
        form_key=form_key,
        user_id=actor.pk,
        action="confirm_delivery",
        subject=delivery_id,
        payload={"code": code.fingerprint},
        former_payloads=[{"code": former} for former in code.former_fingerprints],
        result=str(delivery_id),
    )
    if done:
        return _answer_again(delivery_id)
    courier = lock_couriers([actor.pk])[actor.pk]
    return _try(courier, actor, lock_job(delivery_id), code, place, expected)


@limited("proof")
@service
def confirm_scan(*, actor: User, token: str, place: Place | None, form_key: str) -> Confirmation:
    """As `confirm_delivery`, for a QR code that was scanned without saying which parcel it is of.

    Only the courier's active jobs are looked at, and what they brought within the last day (CONFIRMED
    again). A code that fits none is written as a wrong try of the courier. `form_key`: action "confirm_scan", no
    subject. Raises as `confirm_delivery`.
    """
    authorize(actor, "delivery.claim_shipments")
    code = Code.parse(token=token)
    delivery_id = _job_of(actor, code)
    done = idempotency.begin(
        form_key=form_key,
        user_id=actor.pk,
        action="confirm_scan",
        payload={"code": code.fingerprint},
        former_payloads=[{"code": former} for former in code.former_fingerprints],
        result=str(delivery_id or NO_JOB),
    )
    if done == NO_JOB:
        return Confirmation(Result.WRONG)
    if done:
        return _answer_again(int(done))
    courier = lock_couriers([actor.pk])[actor.pk]
    if delivery_id is None:
        _count_try(courier, actor, None, code, is_right=False)
        return Confirmation(Result.WRONG)
    return _try(courier, actor, lock_job(delivery_id), code, place)


def _answer_again(delivery_id: int) -> Confirmation:
    """What a form that was sent before is answered: how it stands now."""
    return _as_it_stands(Delivery.objects.select_related("consignment__shipment__order").get(pk=delivery_id))


def _job_of(actor: User, code: Code) -> int | None:
    """Which of the courier's jobs a token is of. Every one is compared, so that all answers take alike."""
    jobs = Delivery.objects.filter(courier=actor)
    with_courier = jobs.filter(status__in=_WITH_COURIER)
    waiting = Proof.objects.filter(
        current_key__isnull=False, consignment__in=with_courier.values("consignment")
    )
    used = Proof.objects.filter(used_by=actor, used_at__gt=clock.now() - DAY, delivery__isnull=False)
    fitting = [proof for proof in [*waiting, *used.order_by("-used_at")[:50]] if code.fits(proof)]
    if not fitting:
        return None
    if fitting[0].delivery_id:
        return fitting[0].delivery_id
    return with_courier.filter(consignment=fitting[0].consignment_id).values_list("pk", flat=True).first()


def _try(
    courier: Courier,
    actor: User,
    job: Job,
    code: Code,
    place: Place | None,
    expected: str | None = None,
) -> Confirmation:
    """What a code does to a locked job."""
    before = _as_it_stands(job.delivery, job.proof)
    if before.result != Result.WRONG:  # done, locked, or nothing to prove: no code is looked at
        return before
    shown.require_as_shown(expected, mark_of_way(job.delivery.pk, job.delivery.status))
    proof = before.proof
    assert proof, "it waits for a code"
    is_right = code.fits(proof)
    _count_try(courier, actor, proof, code, is_right=is_right)
    if is_right:
        _accept(job, proof, actor, code, place)
        return Confirmation(Result.CONFIRMED, job.delivery, proof)
    _count_wrong(job, proof)
    return _as_it_stands(job.delivery, proof)


def _as_it_stands(delivery: Delivery, proof: Proof | None = None) -> Confirmation:
    """How it stands with a job's proof. WRONG: it waits for the right code, there are tries left."""
    if proof is None:
        key = current_key(delivery.consignment_id, purpose_of(delivery))
        proof = Proof.objects.filter(current_key=key).first()
    if delivery.status in _DONE:
        return Confirmation(Result.CONFIRMED, delivery, proof)
    if delivery.status not in _WITH_COURIER or proof is None or proof.status not in OPEN_PROOFS:
        return Confirmation(Result.NOTHING_OPEN, delivery)
    if proof.status == ProofStatus.LOCKED:
        return Confirmation(Result.LOCKED, delivery, proof)
    return Confirmation(Result.WRONG, delivery, proof, MAX_TRIES - proof.tries)


def _accept(job: Job, proof: Proof, actor: User, code: Code, place: Place | None) -> None:
    """The right code: the proof is used up, and the parcel's way is over."""
    at_place = place_fields(place, job.goal)
    move_proof(
        proof,
        ProofStatus.CONFIRMED,
        used_at=clock.not_before(proof.issued_at),
        used_by_id=actor.pk,
        delivery_id=job.delivery.pk,
        method=code.method,
        **at_place,
    )
    if proof.purpose == Purpose.RETURN:
        complete_return(job, actor=actor)
    else:
        complete_delivery(job, actor=actor, at_place=at_place)


def _count_wrong(job: Job, proof: Proof) -> None:
    """One wrong try more of a locked row; the fifth locks the proof and is told to whoever can make a new one."""
    tries = proof.tries + 1
    if tries < MAX_TRIES:
        Proof.objects.filter(pk=proof.pk, status=ProofStatus.ISSUED).update(tries=tries)
        proof.tries = tries
        return
    move_proof(proof, ProofStatus.LOCKED, tries=tries, locked_at=clock.now())
    job.kind.proof_locked(job, proof)


def _count_try(courier: Courier, actor: User, proof: Proof | None, code: Code, *, is_right: bool) -> None:
    """Write that a code was given; the twentieth wrong PIN within a day suspends the courier's claims.

    A scanned code is 128 bits that nobody guesses, and anybody can hold a wrong one before the camera:
    it is written, and suspends nobody.
    """
    now = clock.now()
    ProofTry.objects.create(courier=actor, proof=proof, method=code.method, right=is_right, at=now)
    if is_right or code.method != Method.PIN or courier.claims_suspended_at:
        return
    since = max(now - DAY, courier.forgiven_at or now - DAY)
    wrong = ProofTry.objects.filter(courier=actor, right=False, method=Method.PIN, at__gt=since)
    if wrong.count() >= WRONG_A_DAY:
        courier.claims_suspended_at = now
        courier.save(update_fields=["claims_suspended_at"])
        notify_many(of_suspension(courier, str(actor.profile)))
