"""What is read of submissions: the queue, one case, what somebody has handed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet

from marketplace.accounts.models import User
from marketplace.common.counts import Count, count_up_to
from marketplace.common.cursors import read_cursor, write_cursor

from .kinds import kinds
from .models import Submission, SubmissionEvent
from .states import SubmissionStatus

PAGE_SIZE = 25
MOST_COUNTED = 99
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = (datetime(9000, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Queue:
    """What of the queue is asked for: one kind ("": all of them), only one's own cases."""

    kind: str = ""
    is_mine: bool = False


@dataclass(frozen=True)
class QueuePage:
    """Some submissions, those that wait longest first, and the cursor of the next page ("": the last)."""

    rows: list[Submission]
    next_after: str


@dataclass(frozen=True)
class Waiting:
    """How much waits for a decision, and since when the oldest of it does."""

    count: Count
    oldest: datetime | None


def submissions_for(user: User) -> QuerySet[Submission]:
    """The submissions whose case this person may read: all of them for staff, else none."""
    return Submission.objects.all() if user.is_store_staff else Submission.objects.none()


def queue(user: User, asked: Queue) -> QuerySet[Submission]:
    """What waits for a decision, in no order."""
    found = submissions_for(user).filter(status=SubmissionStatus.SUBMITTED)
    if asked.is_mine:
        found = found.filter(assigned_to=user.pk)
    return found.filter(kind=asked.kind) if asked.kind else found


def queue_page(user: User, asked: Queue, *, after: str = "", size: int = PAGE_SIZE) -> QueuePage:
    """The queue, longest waiting first, `size` after the cursor: one query, by an index of its filter."""
    found = queue(user, asked)
    match read_cursor(after):
        case [int() as since, int() as pk] if 0 <= since < LATEST:
            at = EPOCH + timedelta(microseconds=since)
            found = found.filter(Q(submitted_at__gt=at) | Q(submitted_at=at, pk__gt=pk), submitted_at__gte=at)
    shown = list(
        found.order_by("submitted_at", "pk").select_related("submitter__profile", "assigned_to__profile")[
            : size + 1
        ]
    )
    return QueuePage(shown[:size], _cursor(shown[size - 1]) if len(shown) > size else "")


def queue_counts(user: User, asked: Queue) -> tuple[Count, Count]:
    """How many wait of that kind, and how many of them are one's own; 99 counted at most."""
    everybodys = count_up_to(queue(user, Queue(asked.kind)), MOST_COUNTED)
    return everybodys, count_up_to(queue(user, Queue(asked.kind, is_mine=True)), MOST_COUNTED)


def waiting(user: User) -> Waiting:
    """The inbox's line: two bounded queries."""
    found = queue(user, Queue())
    oldest = found.order_by("submitted_at", "pk").values_list("submitted_at", flat=True).first()
    return Waiting(count_up_to(found, MOST_COUNTED), oldest)


def next_in_queue(user: User, asked: Queue, after: Submission) -> Submission | None:
    """The case that comes after this one, or else the first of those that wait; None where nothing does.

    Of colleagues' cases none: somebody is reading them.
    """
    found = queue(user, asked).exclude(pk=after.pk).order_by("submitted_at", "pk")
    found = found.filter(Q(assigned_to=None) | Q(assigned_to=user.pk)).exclude(submitter=user.pk)
    later = Q(submitted_at__gt=after.submitted_at) | Q(submitted_at=after.submitted_at, pk__gt=after.pk)
    return found.filter(later).first() or found.first()


def submission_for(user: User, public_id: str) -> Submission | None:
    """One case with its people; None for whoever may not read it."""
    people = ("submitter__profile", "assigned_to__profile", "decided_by__profile", "content_type")
    return submissions_for(user).filter(public_id=public_id).select_related(*people).first()


def events_of(submission: Submission) -> list[SubmissionEvent]:
    """Its history, oldest first, with who did what."""
    return list(submission.events.select_related("actor__profile"))


def submissions_about(subjects: Sequence[Model]) -> dict[int, Submission]:
    """The newest submission about each of these rows of one model, by the row's id."""
    if not subjects:
        return {}
    content_type = ContentType.objects.get_for_model(subjects[0])
    found = Submission.objects.filter(content_type=content_type, object_id__in=[row.pk for row in subjects])
    return {submission.object_id: submission for submission in found.order_by("pk")}


def handed_in_since(user_id: int, since: datetime) -> list[datetime]:
    """When somebody has handed something in since that moment, for the first time or again, the oldest first."""
    mine = SubmissionEvent.objects.filter(submission__submitter=user_id, to_status=SubmissionStatus.SUBMITTED)
    return list(mine.filter(at__gt=since).order_by("at").values_list("at", flat=True))


def label_of(submission: Submission) -> str:
    """What sort of thing it is."""
    return str(kinds()[submission.kind].label)


def _cursor(row: Submission) -> str:
    return write_cursor((row.submitted_at - EPOCH) // timedelta(microseconds=1), row.pk)
