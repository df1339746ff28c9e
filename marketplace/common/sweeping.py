"""The frame of what the clock does row by row: any number of runners, and no row that stops the others.

A sweep asks for the ids of what is due without a lock. Each row is then a transaction of its own, that
locks what is free (`locking.lock_row_if_free`), looks again whether it is still due, and does it. A row
that fails is noted (`SweepTrouble`) and tried again after a minute, two, four … six hours. Rules:
docs/reliability.md §3.4. Each domain declares its sweeps in `sweeps.py`, in a list `SWEEPS`; what runs them
is marketplace/web/clockwork.py.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, QuerySet
from django.utils.functional import Promise

from . import clock, database_clock
from .errors import Busy, CannotSave
from .failures import is_unavailable
from .inserting import insert
from .models import SweepRun, SweepTrouble
from .transactions import is_outermost, refusal, service

logger = logging.getLogger(__name__)

BATCH = 200  # rows a run
BATCH_SECONDS = 20.0
SQLITE_PAUSE = 0.05  # seconds between two rows: its writers wait unfairly (docs/reliability.md M4)
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=6)
TELL_AFTER = 5  # errors
BUSY_IN_A_ROW = 3


class Swept(NamedTuple):
    """What a run did: rows done, and rows that failed and are noted as `SweepTrouble`."""

    done: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Sweep:
    """Something that the clock does: `run` does what is due at a moment and says how many things it did.

    It is safe to run twice and from many workers at once: it locks what it changes, or changes it with one
    conditional UPDATE.
    """

    name: str
    label: str | Promise
    """What it does, for the back office."""
    run: Callable[[datetime], int | Swept]
    turn: int
    """Its place in a round over all domains: the lowest number first."""
    every: int = 0
    """Seconds between two runs in a loop; 0 is every round."""
    moves_money: bool = False
    """The admins are told where it stops because the clock looks wrong."""
    by_any_clock: bool = False
    """Goes on where the clock looks wrong: it deletes, ends and pays nothing, and the next run rights what it did."""


def sweep_rows(name: str, due: QuerySet[Any], one: Callable[[int], bool], *, now: datetime) -> Swept:
    """Call `one(pk)` for the rows of `due` (in its order), 200 and 20 seconds at most.

    `one` is a service: a transaction of its own that locks with `lock_row_if_free`, looks again whether
    the row is due, and says whether it did something. Whatever it raises is noted against the row; only
    a database that is too busy three times in a row (`Busy`), or cannot write (`CannotSave`), ends the run.
    """
    if not is_outermost():
        raise RuntimeError("a sweep's rows are transactions of their own")
    _forget_what_is_over(name, due, now)
    troubled = SweepTrouble.objects.filter(sweep=name)
    resting = troubled.filter(next_try_at__gt=now).values("object_id")
    ids = list(due.exclude(pk__in=resting).values_list("pk", flat=True)[:BATCH])
    failed_before = set(troubled.filter(object_id__in=ids).values_list("object_id", flat=True))
    done = failed = busy = 0
    ends = time.monotonic() + BATCH_SECONDS
    for number, pk in enumerate(ids):
        if time.monotonic() >= ends:
            break
        if number and connection.vendor == "sqlite":
            time.sleep(SQLITE_PAUSE)
        try:
            did = one(pk)
            busy = 0
        except Busy:
            busy += 1
            if busy == BUSY_IN_A_ROW:
                raise
            continue
        except CannotSave:
            raise  # so cannot any other row, nor what is noted of this one
        except Exception as error:
            if is_unavailable(error):
                raise refusal(error) from error  # it is the database's trouble, not this row's
            logger.exception("the sweep %s failed at %s", name, pk)
            note_trouble(sweep=name, object_id=pk, error=error, now=now)
            failed += 1
            continue
        done += bool(did)
        if did and pk in failed_before:
            troubled.filter(object_id=pk).delete()
    return Swept(done, failed)


def _forget_what_is_over(name: str, due: QuerySet[Any], now: datetime) -> None:
    """Drop the notes on rows that somebody else did since, or of which nothing is due any more."""
    noted = SweepTrouble.objects.filter(sweep=name, next_try_at__lte=now)
    ids = set(noted.values_list("object_id", flat=True)[:BATCH])
    if over := ids and ids - set(due.order_by().filter(pk__in=ids).values_list("pk", flat=True)):
        noted.filter(object_id__in=over).delete()


@service
def note_trouble(*, sweep: str, object_id: int, error: Exception, now: datetime) -> SweepTrouble:
    """Note that a sweep failed at a row, and when it is worth trying again."""
    row = SweepTrouble(sweep=sweep, object_id=object_id, first_at=now, next_try_at=now)
    insert([row], ignore_conflicts=True)
    mine = SweepTrouble.objects.filter(sweep=sweep, object_id=object_id)
    mine.update(errors=F("errors") + 1, last_error=type(error).__name__)
    row = mine.get()
    row.next_try_at = now + delay_after(row.errors)
    row.save(update_fields=["next_try_at"])
    return row


@service
def troubles_to_tell(sweep: str) -> list[SweepTrouble]:
    """The rows that failed `TELL_AFTER` times and that nobody was told of yet; from now on they were."""
    found = list(SweepTrouble.objects.filter(sweep=sweep, errors__gte=TELL_AFTER, told_at=None)[:BATCH])
    if found:
        SweepTrouble.objects.filter(pk__in=[row.pk for row in found]).update(told_at=clock.now())
    return found


def delay_after(errors: int) -> timedelta:
    """How long a row rests that failed `errors` times: 1, 2, 4 … minutes, six hours at most."""
    return min(FIRST_DELAY * 2 ** min(errors - 1, 20), LONGEST_DELAY)


@service
def record_run(name: str, **changes: object) -> None:
    """Write the row of a sweep's last run; the first time it is made."""
    mine = SweepRun.objects.filter(name=name)
    if not mine.update(**changes):
        insert([SweepRun(name=name)], ignore_conflicts=True)
        mine.update(**changes)


def clock_drift() -> timedelta:
    """By how much our clock and the database's differ; what is paid by the clock asks first."""
    return abs(clock.now() - clock.ahead() - database_clock.ask())
