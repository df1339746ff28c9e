"""The database's clock, which every process asks: a machine whose own is wrong pays nobody too early.

`keep` measures the difference twice a minute, and at once when this machine's clock was set; `clock.now()` goes by
it. A machine that is more than a minute off shows its pages, and refuses whatever moves money or a parcel
(`require_right`, docs/reliability.md M20).
"""

import logging
import time
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import Error, connection
from django.utils.translation import gettext as _

from . import clock
from .errors import DomainError

logger = logging.getLogger(__name__)

MOST_DRIFT = timedelta(seconds=60)
ASK_EVERY = 30.0  # seconds
MOST_TRIP = 0.25  # seconds: an answer that took longer says too little about when it was given
NOTICED = 1.0  # seconds by which the clock must have been set to be asked at once

_ASKED = {
    "postgresql": "SELECT EXTRACT(EPOCH FROM clock_timestamp())",
    "mysql": "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) / 1000000",
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0",
}


class ClockOff(DomainError):
    """This machine's clock and the database's differ by more than a minute: no money moves here."""

    code = "clock_off"
    status = 503
    retry_after = 60


class _Measured:
    """When the difference was measured last, and what this machine's clock was then ahead of the time it has run."""

    at = float("-inf")
    set_to = 0.0


def ask() -> datetime:
    """What the database's clock says: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_ASKED[connection.vendor])
        [seconds] = cursor.fetchone()
    return datetime.fromtimestamp(float(seconds), UTC)


def keep() -> None:
    """Measure the difference anew if that is due; a database that is away leaves it as it was."""
    if not settings.FOLLOW_DATABASE_CLOCK or not _is_due():
        return
    began = time.monotonic()
    try:
        says = ask()
    except Error:
        return
    trip = time.monotonic() - began
    _Measured.at, _Measured.set_to = began, _set_to()
    ahead = says - (clock.machine() - timedelta(seconds=trip / 2))
    if trip > MOST_TRIP and abs(ahead) < MOST_DRIFT:
        return  # the next one tells
    if abs(ahead) > MOST_DRIFT >= abs(clock.ahead()):
        logger.error("this machine's clock is %s off the database's: money is refused", ahead)
    clock.go_by(ahead)


def is_off() -> bool:
    """Whether this machine's clock and the database's differ by more than a minute."""
    keep()
    return abs(clock.ahead()) > MOST_DRIFT


def require_right() -> None:
    """Raises `ClockOff` on a machine whose clock is more than a minute off: its deadlines would be wrong."""
    if is_off():
        raise ClockOff(
            _(
                "Nothing can be paid or handed over right now: a clock is wrong. Please try again in a few minutes."
            )
        )


def _is_due() -> bool:
    return time.monotonic() - _Measured.at >= ASK_EVERY or abs(_set_to() - _Measured.set_to) > NOTICED


def _set_to() -> float:
    return time.time() - time.monotonic()
