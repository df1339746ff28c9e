"""What somebody was told."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model, QuerySet

from .kinds import kinds
from .models import Notification


@dataclass(frozen=True)
class InboxLine:
    """A notification as it is shown."""

    public_id: str
    icon: str
    text: str
    at: datetime
    is_read: bool


def unread_count(user_id: int) -> int:
    """How many notifications somebody has not read."""
    return Notification.objects.filter(recipient_id=user_id, read_at__isnull=True).count()


def inbox(user_id: int) -> QuerySet[Notification]:
    """Somebody's notifications, newest first."""
    return Notification.objects.filter(recipient_id=user_id).order_by("-pk")


def inbox_page(user_id: int, *, after: str = "", size: int = 20) -> tuple[list[InboxLine], str]:
    """The notifications that follow `after` (a public id), and the `after` of the next page ("": the last)."""
    rows = inbox(user_id)
    if after:
        mine = Notification.objects.filter(recipient_id=user_id, public_id=after)
        rows = rows.filter(pk__lt=mine.values("pk")[:1])
    lines = [_line(row) for row in rows[: size + 1]]
    return lines[:size], lines[size - 1].public_id if len(lines) > size else ""


def leads_to(notification: Notification) -> Model | None:
    """Whose page a notification leads to; None where that is no more."""
    subject = notification.content_object
    return kinds()[notification.kind].leads_to(subject) if subject else None


def _line(row: Notification) -> InboxLine:
    kind = kinds()[row.kind]
    return InboxLine(row.public_id, kind.icon, kind.sentence(row.extra_data), row.created_at, row.is_read)
