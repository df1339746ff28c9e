"""Limits a person or address: "at most N in S seconds", counted where every process sees it.

`hit` counts in the database, for what moves money or sends mail; `hit_cached` counts in the cache, for
what is cheap and frequent (search, cart changes), where a miscount after a restart costs nothing.
The numbers are settings (`RATE_LIMITS`).
"""

import time
from datetime import UTC, datetime

from django.conf import settings
from django.core.cache import cache
from django.db.models import F
from django.utils.translation import ngettext

from .errors import TooMany
from .models import RateWindow
from .transactions import service


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


@service
def _count(key: str, limit: int, ends_at: datetime) -> bool:
    if RateWindow.objects.filter(key=key, count__lt=limit).update(count=F("count") + 1):
        return True
    RateWindow.objects.bulk_create([RateWindow(key=key, count=0, ends_at=ends_at)], ignore_conflicts=True)
    return bool(RateWindow.objects.filter(key=key, count__lt=limit).update(count=F("count") + 1))


def hit(scope: str, who: object) -> None:
    """Count one `scope` action of `who` in its own transaction; raises `TooMany` past the limit.

    Call it before the business transaction, never inside: a refusal there would undo the count.
    """
    key, limit, _seconds, left = _window(scope, who)
    ends_at = datetime.fromtimestamp(int(time.time()) + left, UTC)
    if not _count(key, limit, ends_at):
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
