"""What staff do where the rules do not help: confirm without a PIN, send back, void a try, forgive a courier."""

from typing import IO

from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import clock, idempotency, shown
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.files import forgotten_on_failure
from marketplace.common.limits import limited
from marketplace.common.texts import MAX_REASON, clean_reason
from marketplace.common.transactions import service
from marketplace.delivery import photos
from marketplace.delivery.models import SHIPMENT, Attempt, Courier, Proof
from marketplace.delivery.notices import of_lifting
from marketplace.delivery.shown import mark_of_suspension, require_as_shown
from marketplace.delivery.states import OPEN_PROOFS, AttemptOutcome, Method, ProofStatus, Purpose
from marketplace.notifications.services import notify_many
from marketplace.orders.models import Shipment
from marketplace.orders.services.shipments import record
from marketplace.orders.states import ON_THE_WAY, ShipmentStatus, not_possible

from .finishing import complete_delivery, complete_return, start_return
from .jobs import Job, consignment_key, lock_live_job
from .locks import lock_couriers, lock_shipment
from .proofs import move_proof


def require_bypassable(actor: Actor, shipment: Shipment, proof: Proof | None) -> Proof:
    """Whether `actor` may confirm that a parcel was handed over without this proof, the one that is waited for.

    Returns it. Raises `PermissionDenied` (also for one's own purchase, sale or job), and `StaleState` unless it is
    on its way.
    """
    authorize(actor, "delivery.bypass_proof", shipment)
    if shipment.status not in ON_THE_WAY:
        raise StaleState(_("This parcel is not on its way."))
    if proof is None or proof.status not in OPEN_PROOFS:
        raise StaleState(_("No PIN is needed for this parcel now."))
    return proof


@limited("upload", when=lambda photo, **asked: bool(photo))  # drawing it anew costs a second of a processor
def bypass_proof(
    *,
    shipment_id: int,
    actor: User,
    reason: str,
    photo: IO[bytes] | None,
    form_key: str,
    expected: str | None = None,
) -> Proof:
    """Staff confirm that a parcel was handed over although nobody gave its PIN.

    On its way it is DELIVERED from then on, and its buyer has twice COMPLETION_DAYS; one that goes back
    is RETURNED. Buyer and seller are told at once, and why. `photo` (required) becomes new pixels in the
    private storage. Not for one's own purchase or sale, nor a parcel that one carries. The same `form_key`
    (action "bypass_proof", subject: the shipment's pk) again, or a proof that is bypassed already, changes
    nothing and returns it. Raises as `require_bypassable`, and `StaleState` where it is not as `expected`
    (marketplace/delivery/shown.py), `KeyReused`, `TooMany` for too many photos, and `Invalid` (field "reason" or
    "photo").
    """
    authorize(actor, "delivery.bypass_proof", Shipment.objects.select_related("order").get(pk=shipment_id))
    reason = clean_reason(reason)
    if not photo:
        raise Invalid(_("Please add a photo that shows it."), field="photo")
    # Drawing takes long: nothing is locked meanwhile.
    name = photos.store_photo(photo, photos.PROOFS)
    with forgotten_on_failure(photos.forget_photo, name):
        proof = _bypass(
            shipment_id=shipment_id,
            actor=actor,
            reason=reason,
            photo=name,
            form_key=form_key,
            expected=expected,
        )
    if proof.photo.name != name:  # it had been done before
        photos.forget_photo(name)
    return proof


@service
def _bypass(
    *, shipment_id: int, actor: User, reason: str, photo: str, form_key: str, expected: str | None
) -> Proof:
    idempotency.begin(
        form_key=form_key,
        user_id=actor.pk,
        action="bypass_proof",
        subject=shipment_id,
        payload={"reason": reason},
        result=str(shipment_id),
    )
    shipment = lock_shipment(shipment_id)
    if done := Proof.objects.filter(
        consignment__key=consignment_key(SHIPMENT, shipment_id), status=ProofStatus.BYPASSED
    ).first():
        return done
    job = _lock_on_the_way(shipment)
    proof = require_bypassable(actor, shipment, job.proof)
    require_as_shown(expected, shipment)
    move_proof(
        proof,
        ProofStatus.BYPASSED,
        used_at=clock.not_before(proof.issued_at),
        used_by_id=actor.pk,
        delivery_id=job.delivery.pk,
        method=Method.BYPASS,
        reason=reason,
        photo=photo,
    )
    if proof.purpose == Purpose.RETURN:
        complete_return(job, actor=actor, bypassed=reason)
    else:
        complete_delivery(job, actor=actor, bypassed=reason)
    return proof


def require_sendable_back(actor: Actor, shipment: Shipment) -> None:
    """Whether `actor` may send a parcel back to its seller. Raises `PermissionDenied` and `StaleState`."""
    authorize(actor, "delivery.send_back")
    if shipment.status != ShipmentStatus.SHIPPED:
        raise StaleState(not_possible(shipment.status, ShipmentStatus.RETURNING))


@service
def send_back(*, shipment_id: int, actor: Actor, reason: str, expected: str | None = None) -> Shipment:
    """Staff send a parcel that is on its way back to its seller, who gets a PIN for it; buyer and seller are told.

    Going back already is a success. Raises `PermissionDenied`, `Invalid` (field "reason") and
    `StaleState` unless it is on its way, and as `expected` (marketplace/delivery/shown.py).
    """
    authorize(actor, "delivery.send_back")
    reason = clean_reason(reason)
    shipment = lock_shipment(shipment_id)
    if shipment.status == ShipmentStatus.RETURNING:
        return shipment
    require_sendable_back(actor, shipment)
    require_as_shown(expected, shipment)
    start_return(_lock_on_the_way(shipment), actor=actor, reason=reason)
    return shipment


def require_voidable(actor: Actor, attempt: Attempt, shipment: Shipment) -> None:
    """Whether `actor` may say that this try, one of the shipment's, does not count.

    Raises `PermissionDenied`, and `StaleState` for one that did not fail, or once the parcel's way is over.
    """
    authorize(actor, "delivery.void_attempt")
    if attempt.outcome != AttemptOutcome.FAILED or shipment.status not in ON_THE_WAY:
        raise StaleState(_("This attempt stands: the parcel has arrived."))


@service
def void_attempt(*, attempt_id: int, actor: Actor, reason: str, expected: str | None = None) -> Attempt:
    """A failed try does not count any more towards those after which a parcel goes back; it stays on record.

    A parcel that goes back because of it goes back all the same. Void already is a success. Raises
    `PermissionDenied`, `Invalid` (field "reason") and `StaleState` for a try that did not fail, once the
    parcel's way is over, and where that is not as `expected` (marketplace/delivery/shown.py).
    """
    authorize(actor, "delivery.void_attempt")
    reason = clean_reason(reason)
    attempts = Attempt.objects.values_list("consignment__shipment_id", flat=True)
    shipment = lock_shipment(attempts.get(pk=attempt_id))
    attempt = Attempt.objects.get(pk=attempt_id)
    if attempt.outcome == AttemptOutcome.VOID:
        return attempt
    require_voidable(actor, attempt, shipment)
    require_as_shown(expected, shipment)
    attempt.outcome = AttemptOutcome.VOID
    attempt.save(update_fields=["outcome"])
    told = _("Attempt %(number)d does not count: %(reason)s") % {"number": attempt.number, "reason": reason}
    record(shipment, shipment.status, shipment.status, actor_id=actor.pk, reason=told[:MAX_REASON])
    return attempt


@service
def lift_suspension(*, courier_id: int, actor: Actor, expected: str | None = None) -> Courier:
    """A courier may claim again and is told so; the wrong PINs so far are forgiven. Not suspended is a success.

    Raises `PermissionDenied`, and `StaleState` for another suspension than the `expected` one.
    """
    authorize(actor, "delivery.lift_suspension")
    courier = lock_couriers([courier_id])[courier_id]
    if courier.claims_suspended_at:
        shown.require_as_shown(expected, mark_of_suspension(courier.pk, courier.claims_suspended_at))
        courier.claims_suspended_at, courier.forgiven_at = None, clock.now()
        courier.save(update_fields=["claims_suspended_at", "forgiven_at"])
        notify_many([of_lifting(courier)])
    return courier


def _lock_on_the_way(shipment: Shipment) -> Job:
    """The live job of a locked shipment that somebody carries. Raises `StaleState`."""
    job = lock_live_job(shipment) if shipment.status in ON_THE_WAY else None
    if job is None:
        raise StaleState(_("This parcel is not on its way."))
    return job
