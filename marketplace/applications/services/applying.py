"""A shopper applies: hands in, changes what was asked for, takes it back."""

from dataclasses import asdict
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.applications.models import Application, Wanted
from marketplace.applications.reviewed import KIND_OF
from marketplace.applications.selectors import latest_application
from marketplace.applications.shown import mark_of_application
from marketplace.applications.states import NEXT, ApplicationStatus, no_such_step
from marketplace.applications.wishes import Wish, fill
from marketplace.common import clock
from marketplace.common.authorisation import authorize
from marketplace.common.errors import StaleState, TooMany
from marketplace.common.idempotency import begin
from marketplace.common.ids import new_public_id
from marketplace.common.limits import limited
from marketplace.common.locking import lock_row
from marketplace.common.moving import move
from marketplace.common.shown import require_as_shown
from marketplace.common.transactions import service
from marketplace.reviewing.models import Submission
from marketplace.reviewing.selectors import handed_in_since, submissions_about
from marketplace.reviewing.services import steps

MOST_A_DAY = 5
DAY = timedelta(days=1)


def require_may_apply(actor: User, newest: Application | None) -> None:
    """Whether `actor`, whose `newest` application this is, may apply for a role now.

    Raises PermissionDenied unless they are a shopper, and `StaleState` while they wait for a decision.
    """
    authorize(actor, "applications.apply")
    if newest is not None and newest.is_open:
        raise _open_already()


@limited("application")
@service
def apply(*, wish: Wish, form_key: str, actor: User) -> Application:
    """Apply for the role of `wish`; an admin decides. Whoever was refused may apply again.

    The same form sent twice is one application. Raises `Invalid` with the field, `StaleState` while another one is
    open, `TooMany` after MOST_A_DAY of them (sent again or anew) in a day, `KeyReused`, PermissionDenied unless the
    actor is a shopper.
    """
    authorize(actor, "applications.apply")
    made = new_public_id()
    first = begin(
        form_key=form_key,
        user_id=actor.pk,
        action="apply",
        subject=wish.role,
        payload=asdict(wish),
        result=made,
    )
    if first is not None:
        return Application.objects.get(public_id=first)
    require_may_apply(actor, latest_application(actor.pk))
    _require_patience(actor)
    now = clock.now()
    row = Application(
        public_id=made,
        applicant_id=actor.pk,
        role=wish.role,
        open_key=str(actor.pk),
        agreed_at=now,
        created_at=now,
    )
    fill(row, wish)
    try:
        with transaction.atomic():  # a savepoint: of two that race, one finds the other's here
            row.save(force_insert=True)
    except IntegrityError as error:
        raise _open_already() from error
    steps.submit(subject=row, kind=KIND_OF[Wanted(row.role)], submitter_id=actor.pk)
    return row


@limited("application")
@service
def send_again(*, application_id: int, wish: Wish, actor: User, expected: str | None = None) -> Application:
    """Send an application once more with what was asked for.

    Raises `Invalid` with the field, `StaleState` unless changes were asked for, or where it moved on since the
    form was drawn; `TooMany`; PermissionDenied unless it is the actor's own.
    """
    row, submission = lock_application(application_id)
    authorize(actor, "applications.change", row)
    authorize(actor, "applications.apply")
    require_as_shown(expected, mark_of_application(row, submission))
    if not row.may_be_changed:
        raise StaleState(_("This application cannot be changed at the moment."))
    _require_patience(actor)
    if wish.role != row.role:
        raise StaleState(_("This is an application for another role."))
    fill(row, wish)
    row.agreed_at = clock.now()
    row.save(update_fields=[*asdict(wish), "agreed_at"])
    steps.submit_again(submission, actor=actor)
    advance(row, ApplicationStatus.PENDING)
    return row


@service
def withdraw_application(*, application_id: int, actor: User, expected: str | None = None) -> Application:
    """Take an application back; once more is a success that does nothing.

    Raises `StaleState` once it was decided, or where it moved on since the form was drawn; PermissionDenied unless
    it is the actor's own.
    """
    row, submission = lock_application(application_id)
    authorize(actor, "applications.change", row)
    if row.status == ApplicationStatus.WITHDRAWN:
        return row
    require_as_shown(expected, mark_of_application(row, submission))
    steps.withdraw(submission, actor=actor)
    advance(row, ApplicationStatus.WITHDRAWN, open_key=None)
    return row


def lock_application(application_id: int) -> tuple[Application, Submission]:
    """Step: an application and its submission as they are now, both locked, in this order."""
    row = lock_row(Application, application_id)
    return row, steps.lock_submission(submissions_about([row])[row.pk].pk)


def advance(row: Application, to: str, **changes: object) -> None:
    """The one writer of an application's state; its history is its submission's."""
    move(row, to, steps=NEXT, refuse=no_such_step, **changes)


def _require_patience(actor: User) -> None:
    """Raise `TooMany` for who has handed in MOST_A_DAY applications within a day."""
    handed_in = handed_in_since(actor.pk, clock.now() - DAY)
    if len(handed_in) >= MOST_A_DAY:
        wait = handed_in[-MOST_A_DAY] + DAY - clock.now()
        raise TooMany(
            _("You have sent many applications today. Please try again tomorrow."),
            retry_after=max(1, int(wait.total_seconds())),
        )


def _open_already() -> StaleState:
    return StaleState(_("You have applied already; we are looking at it."))
