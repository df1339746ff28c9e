"""What the forms about an application were drawn for (marketplace/common/shown.py)."""

from marketplace.common.shown import mark_of
from marketplace.reviewing.models import Submission

from .models import Application


def mark_of_application(application: Application, submission: Submission) -> str:
    """A mark of where an application is and which time it was handed in, for its applicant's forms."""
    return mark_of("application", application.pk, application.status, submission.round)
