"""How the mail stands, for people and machines that look after the store."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from .models import OutgoingMail, State

LATE_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class MailState:
    """How many mails wait, wait for longer than they should, and were given up within the last month."""

    waiting: int
    late: int
    parked: int


def mail_state(now: datetime) -> MailState:
    """How the mail stands: one query. Sent mail is not counted."""
    late = Q(state=State.WAITING, created_at__lt=now - LATE_AFTER)
    counted = OutgoingMail.objects.filter(state__in=(State.WAITING, State.PARKED)).aggregate(
        waiting=Count("pk", filter=Q(state=State.WAITING)),
        late=Count("pk", filter=late),
        parked=Count("pk", filter=Q(state=State.PARKED)),
    )
    return MailState(**counted)


def is_mail_late(now: datetime) -> bool:
    """Whether a mail waits for longer than a mail server that works lets it; an index says so."""
    return OutgoingMail.objects.filter(state=State.WAITING, created_at__lt=now - LATE_AFTER).exists()


def could_not_be_sent(address: str) -> bool:
    """Whether a mail to `address` waits that was tried and failed: whoever asks for it again need not wait."""
    mine = OutgoingMail.objects.filter(address=address.lower(), state=State.WAITING)
    return mine.exclude(last_error="").exists()
