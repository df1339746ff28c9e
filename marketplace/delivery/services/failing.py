"""A try at the door that failed: written down with its reason, and after the third the parcel goes back."""

from typing import IO

from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import idempotency, shown
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.files import forgotten_on_failure
from marketplace.common.ids import new_public_id
from marketplace.common.limits import limited
from marketplace.common.places import Place
from marketplace.common.texts import clean_reason
from marketplace.common.transactions import service
from marketplace.delivery import photos
from marketplace.delivery.models import Attempt, Delivery
from marketplace.delivery.places import place_fields
from marketplace.delivery.shown import mark_of_try
from marketplace.delivery.states import (
    GOES_BACK_AT_ONCE,
    MAX_ATTEMPTS,
    AttemptOutcome,
    DeliveryStatus,
    FailReason,
)

from .finishing import start_return, write_attempt
from .jobs import Job, lock_job, not_possible


def require_failable(actor: Actor, delivery: Delivery) -> None:
    """Whether `actor` may say that this job's parcel could not be handed over.

    Raises `PermissionDenied`, and `StaleState` unless it is on its way.
    """
    authorize(actor, "delivery.carry", delivery)
    if delivery.status != DeliveryStatus.CARRYING:
        raise StaleState(not_possible(delivery.status, DeliveryStatus.RETURNING))


@limited(
    "upload", when=lambda photo=None, **asked: bool(photo)
)  # drawing it anew costs a second of a processor
def fail_attempt(
    *,
    delivery_id: int,
    actor: User,
    reason: str,
    note: str = "",
    photo: IO[bytes] | None = None,
    place: Place | None = None,
    form_key: str,
    expected: str | None = None,
) -> Attempt:
    """Write down that a parcel could not be handed over; its receiver is told, and the next try is as before.

    A refused or damaged parcel, and every one after its third failed try, is RETURNING from then on:
    the sender gets a PIN for it. `photo` becomes new pixels in the private storage. The same `form_key`
    (action "fail_attempt", subject: the delivery's pk) again changes nothing and returns the first
    attempt. Raises as `require_failable`, and `StaleState` where another try comes next than the `expected` one
    (shown.mark_of_try), `KeyReused`, `TooMany` for too many photos, and `Invalid` (field "reason", "note" or
    "photo").
    """
    if reason not in FailReason.values:
        raise Invalid(_("Please choose a reason."), field="reason")
    note = clean_reason(note, required=False, field="note")
    # Drawing takes long: who may not is refused before, and nothing is locked meanwhile.
    authorize(actor, "delivery.carry", Delivery.objects.get(pk=delivery_id))
    name = photos.store_photo(photo, photos.ATTEMPTS) if photo else ""
    with forgotten_on_failure(photos.forget_photo, name):
        attempt = _fail(
            delivery_id=delivery_id,
            actor=actor,
            reason=FailReason(reason),
            note=note,
            photo=name,
            place=place,
            form_key=form_key,
            expected=expected,
        )
    if attempt.photo.name != name:  # the form had been sent before
        photos.forget_photo(name)
    return attempt


@service
def _fail(
    *,
    delivery_id: int,
    actor: User,
    reason: FailReason,
    note: str,
    photo: str,
    place: Place | None,
    form_key: str,
    expected: str | None,
) -> Attempt:
    public_id = new_public_id()
    done = idempotency.begin(
        form_key=form_key,
        user_id=actor.pk,
        action="fail_attempt",
        subject=delivery_id,
        payload={"reason": reason, "note": note},
        result=public_id,
    )
    if done:
        return Attempt.objects.get(public_id=done)
    job = lock_job(delivery_id)
    require_failable(actor, job.delivery)
    before = failed_tries(job)
    shown.require_as_shown(expected, mark_of_try(delivery_id, job.delivery.status, before))
    attempt = write_attempt(
        job,
        AttemptOutcome.FAILED,
        public_id=public_id,
        reason=reason,
        note=note,
        photo=photo,
        **place_fields(place, job.goal),
    )
    if reason in GOES_BACK_AT_ONCE or before + 1 >= MAX_ATTEMPTS:
        start_return(job, actor=actor, reason=reason)
    else:
        job.kind.failed(job, attempt)
    return attempt


def failed_tries(job: Job) -> int:
    """How many tries count as failed, whoever carried it."""
    return Attempt.objects.filter(consignment=job.consignment, outcome=AttemptOutcome.FAILED).count()
