"""The steps of a submission, for the services of the domain whose thing is reviewed; no page calls them.

How a domain uses them, with its own row locked before (its rank is lower than a submission's 8.5; a product's is
higher: take the submission first, then the product):

- its service that hands something in: `submit(...)`, once more after changes: `submit_again(...)`;
- its service that takes it back: `withdraw(...)`;
- its deciding service (`decide_listing`, `decide_application`), in one transaction::

      submission = lock_submission(submission_id)
      submission, is_new = decide(submission, decision=…, reason=…, actor=actor, expected=expected, facts=(…))
      if not is_new:
          return thing          # the same admin's second click: it is done
      move the thing's own state, move what follows from it, notify its submitter

Each joins the transaction there is and expects the submission's lock (`submit` makes the row itself). They ask
whether `actor` may: an admin to decide, the submitter to hand in again or to take back.
"""

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import StaleState
from marketplace.common.locking import lock_all, lock_row
from marketplace.common.moving import move
from marketplace.common.shown import require_as_shown
from marketplace.common.texts import clean_reason
from marketplace.reviewing.conflicts import require_impartial
from marketplace.reviewing.kinds import Kind
from marketplace.reviewing.models import Submission, SubmissionEvent
from marketplace.reviewing.shown import mark_of_submission
from marketplace.reviewing.states import NEXT, Decision, SubmissionStatus


class DecidedAlready(StaleState):
    """Another admin was quicker; the sentence says who decided what, and why."""

    code = "decided_already"

    def __init__(self, submission: Submission) -> None:
        super().__init__(_first_decision(submission))
        self.submission = submission


def submit(*, subject: Model, kind: Kind, submitter_id: int) -> Submission:
    """Hand in `subject` for review. Raises `StaleState` where one is open about it already."""
    now = clock.now()
    row = Submission(
        kind=kind.name,
        content_type=ContentType.objects.get_for_model(subject),
        object_id=subject.pk,
        submitter_id=submitter_id,
        open_key=open_key_of(subject),
        created_at=now,
        submitted_at=now,
    )
    try:
        with transaction.atomic():  # a savepoint: the refusal leaves the caller's transaction usable
            row.save(force_insert=True)
    except IntegrityError as error:
        raise StaleState(_("This waits for a decision already.")) from error
    _note(row, "", submitter_id, "")
    return row


def lock_submission(submission_id: int) -> Submission:
    """A submission as it is now, locked. Raises `Submission.DoesNotExist`."""
    return lock_row(Submission, submission_id)


def lock_open(subjects: Iterable[Model]) -> list[Submission]:
    """What is open about any of `subjects`, as it is now, locked in one call."""
    keys = {open_key_of(subject) for subject in subjects}
    # Whoever closes one holds its lock: one that was waited for may be closed by now.
    return [row for row in lock_all(Submission.objects.filter(open_key__in=keys)) if row.is_open]


def submit_again(submission: Submission, *, actor: Actor) -> Submission:
    """Hand it in once more, after changes were asked for: it waits again, from now on, for whoever asked.

    Raises PermissionDenied, `InvalidTransition`.
    """
    authorize(actor, "reviewing.withdraw", submission)
    return advance(
        submission,
        SubmissionStatus.SUBMITTED,
        actor,
        round=submission.round + 1,
        submitted_at=clock.not_before(submission.decided_at),
        decided_by_id=None,
        decided_at=None,
        reason="",
    )


def withdraw(submission: Submission, *, actor: Actor) -> Submission:
    """Its submitter takes it back. Once more is a success that does nothing.

    Raises PermissionDenied, `InvalidTransition` once it was decided.
    """
    authorize(actor, "reviewing.withdraw", submission)
    if submission.status == SubmissionStatus.WITHDRAWN:
        return submission
    undone = {
        "decided_by_id": None,
        "decided_at": None,
        "reason": "",
    }  # what was asked for stands in its history
    return advance(submission, SubmissionStatus.WITHDRAWN, actor, open_key=None, **undone)


def require_decidable(actor: Actor, submission: Submission, parties: Iterable[int] = ()) -> None:
    """Whether `actor` may decide about this submission, as it is now (`parties`: `conflicts.require_impartial`).

    Raises PermissionDenied, `ConflictOfInterest`, and `DecidedAlready` unless it waits.
    """
    require_impartial(actor, submission, parties)
    if not submission.is_waiting:
        raise DecidedAlready(submission)


def decide(
    submission: Submission,
    *,
    decision: str,
    reason: str,
    actor: Actor,
    expected: str | None,
    facts: Iterable[object] = (),
    parties: Iterable[int] = (),
) -> tuple[Submission, bool]:
    """Approve, reject or ask for changes, with the lock held and in the transaction that changes the subject.

    Returns the submission, and False where the actor had decided just so before (a second click): then nothing
    was done and there is nothing left to do. `expected` is what the form was drawn for
    (`shown.mark_of_submission(submission, *facts)`). Raises `Invalid` (fields `decision`, `reason`),
    PermissionDenied, `ConflictOfInterest`, `DecidedAlready`, and `StaleState` for a form of an earlier round.
    """
    authorize(actor, "reviewing.decide", submission)
    said = Decision.said(decision)
    reason = clean_reason(reason, required=said.needs_reason)
    if _is_done(submission, said, reason, actor):
        return submission, False
    require_decidable(actor, submission, parties)
    require_as_shown(expected, mark_of_submission(submission, *facts))
    changes: dict[str, object] = {
        "decided_by_id": actor.pk,
        "decided_at": clock.not_before(submission.submitted_at),
        "reason": reason,
    }
    if said is not Decision.ASK_FOR_CHANGES:
        changes["open_key"] = None
    else:
        changes["assigned_to_id"] = actor.pk  # who asked for it looks at it again
    return advance(submission, SubmissionStatus(said.value), actor, **changes), True


def advance(submission: Submission, to: str, actor: Actor, **changes: object) -> Submission:
    """The one writer of a submission's state: the locked row's step, and its line in the history."""
    before = move(submission, to, steps=NEXT, refuse=_no_such_step, **changes)
    _note(submission, before, actor.pk, str(changes.get("reason", "")))
    return submission


def open_key_of(subject: Model) -> str:
    """What is unique among open submissions: the subject ("applications.application:7")."""
    return f"{subject._meta.label_lower}:{subject.pk}"


def _is_done(submission: Submission, said: Decision, reason: str, actor: Actor) -> bool:
    mine = submission.decided_by_id == actor.pk and submission.decided_at is not None
    return mine and (submission.status, submission.reason) == (said.value, reason)


def _note(submission: Submission, before: str, actor_id: int | None, reason: str) -> None:
    SubmissionEvent.objects.create(
        submission=submission,
        from_status=before,
        to_status=submission.status,
        actor_id=actor_id,
        reason=reason,
        at=clock.now(),
    )


def _no_such_step(before: str, to: str) -> str:
    return _("“%(before)s” cannot become “%(to)s”.") % {
        "before": SubmissionStatus(before).label,
        "to": SubmissionStatus(to).label,
    }


def _first_decision(submission: Submission) -> str:
    if submission.status == SubmissionStatus.WITHDRAWN:
        return _("It was withdrawn by who had sent it. Nothing was done.")
    by = User.objects.select_related("profile").filter(pk=submission.decided_by_id).first()
    values = {
        "who": str(by.profile) if by else _("The store"),
        "what": SubmissionStatus(submission.status).label,
        "reason": submission.reason,
    }
    if submission.reason:
        return _("%(who)s has decided already: %(what)s. Reason: %(reason)s") % values
    return _("%(who)s has decided already: %(what)s.") % values
