"""The shared cache, which may go away at any moment: then it misses, and nobody waits for it twice.

Redis is asked with half a second to connect and half a second to answer (the settings). Where it does not, every
thread of the process leaves it alone for `PAUSE`; then one asks again. What is looked up meanwhile is not there, what
is stored is lost. Counts that must not be lost are kept in the database meanwhile: allauth's of sign-ins, and
which one-time codes were used (`KEPT`); ours of `limits.hit_cached`.
"""

import logging
import threading
import time
from collections.abc import Iterable
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache

logger = logging.getLogger(__name__)

PAUSE = 5.0  # seconds
KEPT = ("allauth:", "allauth.")
KEPT_IN = "kept"
"""The cache in the database (`KeptEntry`) that stands in for Redis."""


class _Redis:
    """Whether Redis answers, as this process knows; shared by its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ask_again_at: float | None = None

    @property
    def is_away(self) -> bool:
        return self._ask_again_at is not None

    def may_be_asked(self) -> bool:
        """True while it answers; after a pause for one thread, whose answer decides for all."""
        if self._ask_again_at is None:
            return True
        with self._lock:
            if self._ask_again_at is None:
                return True
            if time.monotonic() < self._ask_again_at:
                return False
            self._ask_again_at = time.monotonic() + PAUSE
            return True

    def failed(self, error: Exception) -> None:
        with self._lock:
            if self._ask_again_at is None:
                logger.warning(
                    "the cache does not answer (%s): the store goes on without", type(error).__name__
                )
            self._ask_again_at = time.monotonic() + PAUSE

    def answered(self) -> None:
        if self._ask_again_at is not None:
            with self._lock:
                self._ask_again_at = None
            logger.warning("the cache answers again")


REDIS = _Redis()


def is_away() -> bool:
    """Whether the shared cache did not answer when it was last asked. A cache of this process alone never is."""
    return REDIS.is_away


class StoreCache(RedisCache):
    """Django's Redis cache, without which the store goes on. No method raises for what happens to Redis."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        # Only a store that names a Redis needs the package.
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError
        from redis.retry import Retry

        self._trouble = RedisError
        options = {"retry": Retry(NoBackoff(), 0)} | params.get("OPTIONS", {})
        super().__init__(server, params | {"OPTIONS": options})

    def _ask(self, method: str, key: str | None, otherwise: Any, *args: Any, **named: Any) -> Any:
        if REDIS.may_be_asked():
            try:
                answer = getattr(super(), method)(*args, **named)
            except self._trouble as error:
                REDIS.failed(error)
            else:
                REDIS.answered()
                return answer
        if key is not None and key.startswith(KEPT):
            return getattr(caches[KEPT_IN], method)(*args, **named)
        return otherwise

    def add(
        self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        return self._ask("add", key, False, key, value, timeout, version)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._ask("get", key, default, key, default, version)

    def set(
        self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self._ask("set", key, None, key, value, timeout, version)

    def touch(self, key: str, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._ask("touch", key, False, key, timeout, version)

    def delete(self, key: str, version: int | None = None) -> bool:
        return self._ask("delete", key, False, key, version)

    def has_key(self, key: str, version: int | None = None) -> bool:
        return self._ask("has_key", key, False, key, version)

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        return self._ask("get_many", None, {}, list(keys), version)

    def set_many(
        self, data: dict[str, Any], timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[str]:
        return self._ask("set_many", None, list(data), data, timeout, version)

    def delete_many(self, keys: Iterable[str], version: int | None = None) -> None:
        self._ask("delete_many", None, None, list(keys), version)

    def clear(self) -> None:
        self._ask("clear", None, None)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Raises ValueError, as for a key that is not there, where nobody can count."""
        counted = self._ask("incr", key, None, key, delta, version)
        if counted is None:
            raise ValueError(f"Key {key!r} not found.")
        return counted
