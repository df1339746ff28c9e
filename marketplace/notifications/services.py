"""Telling people what happened, in the transaction in which it happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from marketplace.common import clock
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.inserting import insert
from marketplace.common.transactions import service

from .kinds import Kind
from .models import Notification


@dataclass(frozen=True)
class Notice:
    """Tell `recipient_id` that something of `kind` happened to `subject`.

    `event_key` names the event ("order:7:created"): one event tells one person once. `extra` may
    hold what the kind allows, JSON values only.
    """

    recipient_id: int
    kind: Kind
    subject: Model
    event_key: str
    extra: Mapping[str, object] = field(default_factory=dict)


@service
def notify_many(notices: Sequence[Notice]) -> None:
    """Write all notices in one INSERT; one that was written before is left as it is.

    Raises ValueError for a kind that no domain declares or for extra data that its kind does not allow.
    """
    now = clock.now()
    rows = []
    for notice in notices:
        notice.kind.check(notice.extra)
        rows.append(
            Notification(
                recipient_id=notice.recipient_id,
                kind=notice.kind.name,
                content_type=ContentType.objects.get_for_model(notice.subject),
                object_id=notice.subject.pk,
                extra_data=dict(notice.extra),
                event_key=notice.event_key,
                created_at=now,
            )
        )
    insert(rows, ignore_conflicts=True)


def notify(*, recipient_id: int, kind: Kind, subject: Model, event_key: str, **extra: object) -> None:
    """`notify_many` for one notice."""
    notify_many([Notice(recipient_id, kind, subject, event_key, extra)])


@service
def mark_read(*, public_id: str, actor: Actor) -> Notification:
    """Mark a notification as read, keeping when it first was.

    Raises `Notification.DoesNotExist`, PermissionDenied unless it is the actor's own.
    """
    notification = Notification.objects.get(public_id=public_id)
    authorize(actor, "notifications.mark_read", notification)
    if not notification.is_read:
        unread = Notification.objects.filter(pk=notification.pk, read_at__isnull=True)
        unread.update(read_at=clock.now())
        notification.refresh_from_db()
    return notification


@service
def mark_all_read(*, newest: str, actor: Actor) -> int:
    """Mark as read what the actor had before them: `newest` (a public id of theirs) and everything older.

    What arrived after the page was drawn stays unread. Returns how many changed: none where `newest` is
    nothing that they were told.
    """
    last = Notification.objects.filter(recipient_id=actor.pk, public_id=newest).first()
    if last is None:
        return 0
    authorize(actor, "notifications.mark_read", last)
    older = Notification.objects.filter(recipient_id=last.recipient_id, pk__lte=last.pk)
    return older.filter(read_at__isnull=True).update(read_at=clock.now())
