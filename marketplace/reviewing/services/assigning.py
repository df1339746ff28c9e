"""Whose case a submission is, so that two admins do not read the same one."""

from django.utils.translation import gettext as _

from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import StaleState
from marketplace.common.locking import lock_row
from marketplace.common.shown import require_as_shown
from marketplace.common.transactions import service
from marketplace.reviewing.conflicts import require_impartial
from marketplace.reviewing.models import Submission
from marketplace.reviewing.shown import mark_of_assignment


def require_assignable(actor: Actor, submission: Submission) -> None:
    """Whether `actor` may make this their case, as it is now.

    Raises PermissionDenied, `ConflictOfInterest`, and `StaleState` once it was decided.
    """
    require_impartial(actor, submission)
    if not submission.is_waiting:
        raise StaleState(_("This does not wait for a decision any more."))


@service
def assign(*, submission_id: int, to_me: bool, actor: Actor, expected: str | None = None) -> Submission:
    """Make a case the actor's own, or give it back to everybody. What is so already stays, and is a success.

    An admin may take over a colleague's case if that is what their page showed (`shown.mark_of_assignment`).
    Raises PermissionDenied, `ConflictOfInterest`, `StaleState`.
    """
    submission = lock_row(Submission, submission_id)
    authorize(actor, "reviewing.review", submission)
    wanted = actor.pk if to_me else None
    if submission.assigned_to_id == wanted:
        return submission
    require_assignable(actor, submission)
    require_as_shown(expected, mark_of_assignment(submission))
    submission.assigned_to_id = wanted
    submission.save(update_fields=["assigned_to"])
    return submission
