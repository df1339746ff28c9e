"""Sessions that have ended leave nothing behind."""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from marketplace.common.transactions import service

MOST = 5_000  # rows a run removes: the next one goes on


@service
def forget_old_sessions(now: datetime) -> int:
    """Sweep: delete sessions that have run out, and what the sessions list knew of them. Returns how many."""
    ended = Session.objects.filter(expire_date__lt=now).order_by("expire_date").values_list("pk", flat=True)
    removed = Session.objects.filter(pk__in=list(ended[:MOST])).delete()[0]
    unused_since = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    orphans = (
        UserSession.objects.filter(last_seen_at__lt=unused_since)
        .exclude(Exists(Session.objects.filter(pk=OuterRef("session_key"))))
        .values_list("pk", flat=True)
    )
    UserSession.objects.filter(pk__in=list(orphans[:MOST])).delete()
    return removed
