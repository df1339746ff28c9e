"""What is read of applications: somebody's own, and what a reviewer sees."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from marketplace.accounts.models import User
from marketplace.reviewing.models import Submission, SubmissionEvent
from marketplace.reviewing.selectors import events_of, submissions_about

from .models import Application
from .shown import mark_of_application


@dataclass(frozen=True)
class OwnApplication:
    """An application as its applicant reads it."""

    application: Application
    submission: Submission
    events: list[SubmissionEvent]

    @property
    def mark(self) -> str:
        """What its forms are drawn for."""
        return mark_of_application(self.application, self.submission)


def application_of(user: User) -> OwnApplication | None:
    """Somebody's newest application; None for who never applied."""
    row = Application.objects.filter(applicant=user.pk).order_by("-pk").first()
    if row is None:
        return None
    submission = submissions_about([row])[row.pk]
    return OwnApplication(row, submission, events_of(submission))


def latest_application(user_id: int) -> Application | None:
    """Somebody's newest application without its story; None for who never applied."""
    return Application.objects.filter(applicant=user_id).order_by("-pk").first()


def applications_by_id(ids: Iterable[int], *, and_of: int | None = None) -> dict[int, Application]:
    """Applications for a reviewer's list, with who applies; and all `and_of` one person, for their case."""
    wanted = Q(pk__in=list(ids))
    if and_of is not None:
        wanted |= Q(applicant=and_of)
    found = Application.objects.select_related("applicant__profile").filter(wanted)
    return {row.pk: row for row in found.order_by()}


def earlier_tries(application: Application, rows: Iterable[Application]) -> list[Application]:
    """What of `rows` the same person applied for before, newest first, ten at most."""
    mine = (row for row in rows if row.applicant_id == application.applicant_id and row.pk < application.pk)
    return sorted(mine, key=lambda row: -row.pk)[:10]
