"""The one place that reads the time, so that tests can move it and nothing else can.

Nothing but the demo, which gives its world a past by calling the services on earlier days.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from django.utils import timezone

_moved_by: ContextVar[timedelta] = ContextVar("clock_moved_by", default=timedelta())


def now() -> datetime:
    """The present moment, aware, UTC."""
    return timezone.now() + _moved_by.get()  # noqa: TID251


@contextmanager
def moved(by: timedelta) -> Iterator[None]:
    """Within the block it is `by` later than it is (earlier, if negative), in this thread only."""
    token = _moved_by.set(by)
    try:
        yield
    finally:
        _moved_by.reset(token)
