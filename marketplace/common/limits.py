"""Limits a person or address: "at most N in S seconds", counted where every process sees it.

`hit` counts in the database, for what moves money or costs a lot; `hit_cached` counts in the cache, for
what is cheap and frequent (search, cart changes), where a miscount after a restart costs nothing.
The numbers are settings (`RATE_LIMITS`).
"""

import time
from datetime import UTC, datetime

from django.conf import settings
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connection
from django.utils.translation import ngettext

from .errors import TooMany
from .models import RateWindow
from .transactions import busy, is_lost, is_transient, service


def _window(scope: str, who: object) -> tuple[str, int, int, int]:
    limit, seconds = settings.RATE_LIMITS[scope]
    number, spent = divmod(int(time.time()), seconds)
    return f"{scope}:{who}:{number}", limit, seconds, seconds - spent


def _refuse(left: int) -> TooMany:
    sentence = ngettext(
        "That was too often. Please wait %(seconds)d second and try again.",
        "That was too often. Please wait %(seconds)d seconds and try again.",
        left,
    ) % {"seconds": left}
    return TooMany(sentence, retry_after=left)


def _count(key: str, ends_at: datetime) -> int:
    """Count one more in this window and return how many that makes: one statement on all databases."""
    table, name, count, end = map(
        connection.ops.quote_name, (RateWindow._meta.db_table, "key", "count", "ends_at")
    )
    again = (
        "ON DUPLICATE KEY UPDATE" if connection.vendor == "mysql" else f"ON CONFLICT ({name}) DO UPDATE SET"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({name}, {count}, {end}) VALUES (%s, 1, %s)"  # noqa: S608  our own names
            f" {again} {count} = {table}.{count} + 1 RETURNING {count}",
            [key, connection.ops.adapt_datetimefield_value(ends_at)],
        )
        return cursor.fetchall()[0][0]  # all of it: SQLite commits once a statement has run to its end


def hit(scope: str, who: object) -> None:
    """Count one `scope` action of `who`, committed at once; raises `TooMany` past the limit.

    Call it before the business transaction, never inside: a refusal there would undo the count. One
    statement, because an order pays for it. Raises `Busy` if the database cannot count now.
    """
    key, limit, _seconds, left = _window(scope, who)
    ends_at = datetime.fromtimestamp(int(time.time()) + left, UTC)
    try:
        count = _count(key, ends_at)
    except (OperationalError, InterfaceError) as error:
        if is_lost(error):
            raise busy() from error
        if not is_transient(error):
            raise
        count = service(_count)(key, ends_at)  # undone by the database: once more, with patience
    if count > limit:
        raise _refuse(left)


def hit_cached(scope: str, who: object) -> None:
    """As `hit`, counted in the cache."""
    key, limit, seconds, left = _window(scope, who)
    cache.add(f"rate:{key}", 0, timeout=seconds)
    try:
        count = cache.incr(f"rate:{key}")
    except ValueError:  # evicted between the two calls: start again
        count = 1
    if count > limit:
        raise _refuse(left)


@service
def forget_old_windows(now: datetime) -> int:
    """Sweep: delete windows that have ended. Returns how many."""
    return RateWindow.objects.filter(ends_at__lt=now).delete()[0]
