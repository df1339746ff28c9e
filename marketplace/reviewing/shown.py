"""What the forms about a submission were drawn for (marketplace/common/shown.py)."""

from marketplace.common.shown import mark_of

from .models import Submission


def mark_of_submission(submission: Submission, *facts: object) -> str:
    """A mark of what an admin decides about: its state and which time it was handed in.

    `facts` are what the subject's domain binds a decision to besides: its row's version, where it can change
    while it waits.
    """
    return mark_of("submission", submission.pk, submission.status, submission.round, *facts)


def mark_of_assignment(submission: Submission) -> str:
    """A mark of whose case it is."""
    return mark_of(
        "assignment", submission.pk, submission.status, submission.round, submission.assigned_to_id
    )
