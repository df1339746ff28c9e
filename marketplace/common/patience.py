"""How long a request waits for locks: 3.5 seconds in all, and only so many requests at once.

A lock timeout alone bounds one wait, not a request with several; and while all workers wait for one
product, nobody gets a page that needs no lock at all (docs/reliability.md M19). So a request has a patience:

- what its statements that may wait have taken is counted, and the database is told how much is left;
- `settings.LOCK_WAITERS` requests of this machine may wait that long (`seats.py`). A service of any other one waits
  `WITHOUT_SEAT` at most and then asks for a seat once more.

Sweeps, commands and tests that call services themselves have no patience: they wait as the database's settings say.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import Error, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from .connections import drop
from .seats import Seats

IN_ALL = 3.5  # seconds of a request
WITHOUT_SEAT = 0.2
LEAST = 0.02  # less than that is nothing: 0 means "for ever" to PostgreSQL
SLACK = 0.5  # so much off the usual patience is not worth a statement

_READS = ("SELECT", "SHOW", "SET", "PRAGMA", "SAVEPOINT", "RELEASE", "ROLLBACK")
LONGEST_READ = max(map(len, _READS))

_Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


class OutOfPatience(OperationalError):
    """The request has waited for as long as it may; told before the statement was sent."""


class Patience:
    """What one request has waited so far, and what it may still wait."""

    def __init__(self) -> None:
        self.waited = 0.0
        self.has_seat = True  # outside a service nobody needs one
        self._told: float | None = None

    @property
    def left(self) -> float:
        """Seconds that the next statement may wait."""
        most = settings.LOCK_WAIT if self.has_seat else WITHOUT_SEAT
        return min(most, IN_ALL - self.waited)

    def __call__(self, execute: _Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Django's execute wrapper: tells the database before a statement that may wait, and counts it."""
        if not may_wait(sql):
            return execute(sql, params, many, context)
        left = self.left
        if left < LEAST:
            raise OutOfPatience("this request has waited long enough")
        sql = self._tell(context["connection"], sql, left)
        began = time.monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            self.waited += time.monotonic() - began

    def _tell(self, connection: BaseDatabaseWrapper, sql: str, left: float) -> str:
        """Say how long the next statement may wait, if that is not as usual; returns the statement."""
        connection.ensure_connection()
        is_usual = left >= settings.LOCK_WAIT - SLACK
        if connection.vendor == "mysql":
            if is_usual or not connection.mysql_is_mariadb:  # type: ignore[attr-defined]  # MySQL's wrapper has it
                return sql
            # Its lock timeout counts in whole seconds; this one does not, and goes with the statement.
            return f"SET STATEMENT max_statement_time={left:.2f} FOR {sql}"
        if self._told is None and is_usual and connection.vendor != "sqlite":
            return sql
        if self._told is None or abs(self._told - left) > left / 10:
            self._say(connection, round(left * 1000))
            self._told = left
        return sql

    def forget_what_was_told(self) -> None:
        """A rollback has undone it on PostgreSQL: say it again before the next statement that may wait."""
        if self._told is not None:
            self._told = 0.0

    def end(self) -> None:
        """Give the connection its usual patience back."""
        if self._told is None or connection.connection is None:
            return
        try:
            self._say(transaction.get_connection(), None)
        except Error:
            drop(transaction.get_connection())

    @staticmethod
    def _say(connection: BaseDatabaseWrapper, milliseconds: int | None) -> None:
        """By the driver itself: it belongs to no statement of anybody's. None: what the connection began with."""
        usual = settings.DATABASES["default"]["OPTIONS"].get("timeout", settings.LOCK_WAIT)
        sentence = {
            "postgresql": "RESET lock_timeout"
            if milliseconds is None
            else f"SET lock_timeout = {milliseconds}",
            "sqlite": f"PRAGMA busy_timeout = {round(usual * 1000) if milliseconds is None else milliseconds}",
        }
        with connection.wrap_database_errors:
            connection.connection.execute(sentence[connection.vendor])


_patience: ContextVar[Patience | None] = ContextVar("patience", default=None)
_seats: Seats | None = None
_making = threading.Lock()


def may_wait(sql: str) -> bool:
    """Whether a statement may wait for somebody else's lock."""
    reads = sql.lstrip("( \n")[:LONGEST_READ].upper().startswith(_READS)
    return not reads or " FOR UPDATE" in sql or " FOR NO KEY UPDATE" in sql


@contextmanager
def of_a_request() -> Iterator[Patience]:
    """Within the block, a request, statements wait 3.5 seconds in all; then `OutOfPatience` is raised."""
    patience = Patience()
    token = _patience.set(patience)
    try:
        with connection.execute_wrapper(patience):
            yield patience
    finally:
        _patience.reset(token)
        patience.end()


@contextmanager
def seated() -> Iterator[Callable[[], bool]]:
    """Within the block, a service of a request, locks are waited for: in a seat, or for 0.2 seconds.

    Yields a function that asks for a seat again, for whoever waited without one in vain: it returns
    whether there is one now. Without a request it never gives another.
    """
    patience = _patience.get()
    if patience is None:
        yield lambda: False
        return
    seats = _the_seats()
    patience.has_seat = got = seats.acquire(blocking=False)

    def again() -> bool:
        nonlocal got
        patience.forget_what_was_told()
        if not got and patience.left >= LEAST:
            patience.has_seat = got = seats.acquire(blocking=False)
            return got
        return False

    try:
        yield again
    finally:
        if got:
            seats.release()
        patience.has_seat = True
        patience.forget_what_was_told()


def is_over() -> bool:
    """Whether this request may wait no more."""
    patience = _patience.get()
    return patience is not None and patience.left < LEAST


def _the_seats() -> Seats:
    global _seats
    with _making:
        if _seats is None:
            _seats = Seats(settings.SEATS_DIR, max(1, settings.LOCK_WAITERS))
        return _seats
