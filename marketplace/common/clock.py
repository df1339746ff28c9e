"""The one place that reads the time, so that tests can move it and nothing else can.

Nothing but the demo, which gives its world a past by calling the services on earlier days.

It goes by the database's clock, which all processes share: `database_clock` says by how much this machine's differs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from django.utils import timezone

_moved_by: ContextVar[timedelta] = ContextVar("clock_moved_by", default=timedelta())


# By how much the database's clock is ahead of this machine's; of the whole process.
_ahead = timedelta()
_believed: ContextVar[bool] = ContextVar("clock_believed", default=False)


def now() -> datetime:
    """The present moment by the database's clock, aware, UTC."""
    return machine() + ahead() + _moved_by.get()


def not_before(*moments: datetime | None) -> datetime:
    """The present moment, and never earlier than what has happened before it (None: that has not).

    Clocks differ by a little, and are set; the moments of one thing stay in order (I21, I29).
    """
    return max([now(), *(moment for moment in moments if moment)])


def machine() -> datetime:
    """What this machine's clock says, wrong or right."""
    return timezone.now()  # noqa: TID251


def ahead() -> timedelta:
    """By how much the database's clock is ahead of this machine's, as far as that is known."""
    return timedelta() if _believed.get() else _ahead


def go_by(ahead: timedelta) -> None:
    """From now on the present moment is so much later than this machine says, in the whole process."""
    global _ahead
    _ahead = ahead


@contextmanager
def believed() -> Iterator[None]:
    """Within the block this machine's clock is right, whatever the database's says: somebody has looked."""
    token = _believed.set(True)
    try:
        yield
    finally:
        _believed.reset(token)


@contextmanager
def moved(by: timedelta) -> Iterator[None]:
    """Within the block it is `by` later than it is (earlier, if negative), in this thread only."""
    token = _moved_by.set(by)
    try:
        yield
    finally:
        _moved_by.reset(token)
