"""Limits a person or address: "at most N in S seconds", counted where every process sees it.

A service says with `@limited` what it counts, so that every door to it does. Reading is counted by the page that
reads, as is a change of a cart: often it is a visitor's, known by an address that only a face sees, and the same
selector serves pages that nobody needs to hold back (a guard lists them, site_config/tests/test_guards.py).

`hit` counts in the database, for what moves money or costs a lot; `hit_cached` counts in the cache, for what is
cheap and frequent (search, cart changes), where a miscount after a restart costs nothing; while the cache is
away the database counts those, too. The numbers are settings (`RATE_LIMITS`).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils.translation import ngettext

from .authorisation import SYSTEM
from .caching import is_away as cache_is_away
from .connections import drop
from .errors import TooMany
from .failures import is_lost, is_transient, is_unavailable
from .models import KeptEntry, RateWindow
from .transactions import is_outermost, refusal, service

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_unlimited: ContextVar[bool] = ContextVar("unlimited", default=False)


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
    statement, because an order pays for it. Raises `Busy` or `CannotSave` if the database cannot count now.
    """
    key, limit, _seconds, left = _window(scope, who)
    ends_at = datetime.fromtimestamp(int(time.time()) + left, UTC)
    try:
        count = _count(key, ends_at)
    except (DatabaseError, InterfaceError) as error:
        if not is_unavailable(error):
            raise
        if is_lost(error):
            drop(transaction.get_connection())
        if not is_transient(error):
            raise refusal(error) from error
        count = service(_count)(key, ends_at)  # undone by the database: once more, with patience
    if count > limit:
        raise _refuse(left)


def hit_cached(scope: str, who: object) -> None:
    """As `hit`, counted in the cache; while that is away, in the database."""
    key, limit, seconds, left = _window(scope, who)
    cache.add(f"rate:{key}", 0, timeout=seconds)
    try:
        count = cache.incr(f"rate:{key}")
    except ValueError:
        if cache_is_away():
            hit(scope, who)
            return
        count = 1  # evicted between the two calls: start again
    if count > limit:
        raise _refuse(left)


def limited(
    scope: str,
    *,
    by: str = "actor",
    when: Callable[..., bool] = lambda **asked: True,
    cached: bool = False,
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Count each call of a service as one `scope` action of its argument `by`; raises `TooMany` past the limit.

    It stands above `@service`: what is counted is committed before the transaction begins, so that a refusal
    does not undo it. Whoever calls the service is counted, pages and programs alike; SYSTEM is not, nor a
    service that another one calls. `when(**arguments)` says whether a call counts at all, `cached` counts in
    the cache.
    """

    def decorate(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        @wraps(function)
        def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            who = kwargs[by]
            if who is not SYSTEM and is_outermost() and not _unlimited.get() and when(**kwargs):
                (hit_cached if cached else hit)(scope, getattr(who, "pk", who))
            return function(*args, **kwargs)

        return run

    return decorate


@contextmanager
def unlimited() -> Iterator[None]:
    """Within the block nothing is counted, in this thread only: for the demo and the benchmark, never for a face."""
    token = _unlimited.set(True)
    try:
        yield
    finally:
        _unlimited.reset(token)


@service
def forget_old_windows(now: datetime) -> int:
    """Sweep: delete windows that have ended, and what was kept for a while in the cache's place. Returns how many."""
    windows = RateWindow.objects.filter(ends_at__lt=now).delete()[0]
    return windows + KeptEntry.objects.filter(expires__lt=now).delete()[0]
