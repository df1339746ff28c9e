"""The outbox's rows: written with what they tell about, taken for a while, ended once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.db.models import F, QuerySet

from marketplace.common import clock
from marketplace.common.transactions import service

from .kinds import KINDS, kind_of
from .letters import pack
from .models import OutgoingMail, State

# Longer than any try takes (5 seconds a step, some ten steps): who took a mail and died leaves it to another one.
LEASE = timedelta(minutes=2)
FIRST_DELAY = timedelta(seconds=15)
LONGEST_DELAY = timedelta(hours=1)
KEPT_FOR = timedelta(days=30)
MOST_TRIES = 200  # more than a notice has in its three days, unless each ends the process that sends it
MOST = 5_000  # rows a run forgets: the next one goes on


@dataclass(frozen=True)
class Taken:
    """A mail that is ours to send until the lease ends: its row, and the number of this try."""

    pk: int
    content: str
    number: int


@service
def post(message: EmailMessage) -> int:
    """Put `message` into the outbox, in the caller's transaction; returns its number.

    It is sent if that transaction is committed. A code takes the place of an older one to the same address that
    still waits. Raises ValueError for a mail to nobody or with attachments.
    """
    recipients = message.recipients()
    if not recipients:
        raise ValueError("a mail needs a recipient")
    kind, now, address = kind_of(message), clock.now(), recipients[0].lower()[:320]
    if kind.newest_only:
        older = OutgoingMail.objects.filter(address=address, kind=kind.name, state=State.WAITING)
        older.update(state=State.DROPPED, content="", ended_at=now)
    row = OutgoingMail(
        kind=kind.name,
        address=address,
        content=pack(message),
        created_at=now,
        next_try_at=now,
        useful_until=now + kind.useful_for,
    )
    row.save(force_insert=True)
    return row.pk


@service
def take(pk: int, *, now: datetime) -> Taken | None:
    """Take a mail that is due, for `LEASE`; None where somebody else has it, it has ended or is not due.

    A code that no page would take now is dropped. A notice is late at most: a clock that jumped, or a long time in
    which nobody sent anything, gives none up that the mail server would take.
    """
    due = OutgoingMail.objects.filter(pk=pk, state=State.WAITING, next_try_at__lte=now)
    # One conditional UPDATE is the lock: of two that race, one finds nothing.
    if not due.update(next_try_at=now + LEASE, tries=F("tries") + 1):
        return None
    row = OutgoingMail.objects.get(pk=pk)
    is_code = KINDS[row.kind].newest_only
    if row.useful_until <= now and (is_code or row.tries > MOST_TRIES):
        _end(row.pk, row.tries, State.DROPPED if is_code else State.PARKED, now)
        return None
    return Taken(row.pk, row.content, row.tries)


@service
def sent(taken: Taken, *, now: datetime) -> bool:
    """Note that a mail was sent, and forget what it said. False where the lease was over and it is another's."""
    return _end(taken.pk, taken.number, State.SENT, now)


@service
def failed(taken: Taken, *, error: str, for_good: bool, now: datetime) -> bool:
    """Note why a mail could not be sent: it is tried again later, or parked if that helps nobody or it is too late.

    False where the lease was over and it is another's.
    """
    mine = _mine(taken.pk, taken.number)
    if not mine.update(last_error=error[:100], next_try_at=now + delay_after(taken.number)):
        return False
    is_over = for_good or mine.filter(useful_until__lte=now).exists()
    return not is_over or _end(taken.pk, taken.number, State.PARKED, now)


def delay_after(tries: int) -> timedelta:
    """How long a mail rests after so many tries: 15 seconds, 30, a minute … an hour at most."""
    return min(FIRST_DELAY * 2 ** min(tries - 1, 20), LONGEST_DELAY)


@service
def forget_old_mail(now: datetime) -> int:
    """Sweep: delete what was sent, parked or dropped a month ago. Returns how many."""
    over = OutgoingMail.objects.filter(ended_at__lt=now - KEPT_FOR).order_by("pk")
    return OutgoingMail.objects.filter(pk__in=list(over.values_list("pk", flat=True)[:MOST])).delete()[0]


def _mine(pk: int, number: int) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(pk=pk, state=State.WAITING, tries=number)


def _end(pk: int, number: int, state: State, now: datetime) -> bool:
    return bool(_mine(pk, number).update(state=state, content="", ended_at=now))
