"""PostgreSQL's plans, kept for as long as a connection is: by the server's own prepared statements.

Django sends each query whole, and PostgreSQL plans it anew each time. `OPTIONS["prepare_threshold"]` (psycopg's
own) says whether statements may be prepared at all: a pooler between the store and the server must know of them
(`DATABASE_KEEPS_PLANS`).
"""

import re
import time
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import count
from typing import Any

from django.db import NotSupportedError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper


def are_kept(connection: BaseDatabaseWrapper) -> bool:
    """Whether statements over this connection may be prepared: on PostgreSQL, where the settings say so."""
    options = connection.settings_dict["OPTIONS"]
    return connection.vendor == "postgresql" and options.get("prepare_threshold") is not None


def execute(cursor: CursorWrapper, sql: str, params: Sequence[Any]) -> None:
    """Run `sql` by `cursor`; where plans are kept, by the one that the server has or makes now.

    Every number is asked for as a bigint there. Where a migration gave a column another type since, the server
    refuses the old plan: the connection is then closed after this request, and the next has a new one.
    """
    if not are_kept(cursor.db):
        cursor.execute(sql, params)
        return
    of_number, of_plan = _kinds()
    cursor.cursor = of_plan(cursor.db.connection)
    try:
        cursor.execute(sql, [of_number(value) if isinstance(value, int) else value for value in params])
    except NotSupportedError:
        cursor.db.close_at = time.monotonic()
        raise


def as_many(ids: Iterable[int]) -> list[int]:
    """These ids as 1, 2, 4, 8 … of them, the last one more than once: so that an IN has few plans."""
    wanted = list(ids)
    if not wanted:
        return []
    return wanted + wanted[-1:] * ((1 << (len(wanted) - 1).bit_length()) - len(wanted))


@lru_cache(512)
def _numbered(sql: str) -> str:
    """`sql` with $1, $2 … for each %s. Psycopg does it at each call again where a statement is a long one."""
    numbers = count(1)
    return re.sub("%s|%%", lambda found: f"${next(numbers)}" if found[0] == "%s" else "%", sql)


@cache
def _kinds() -> tuple[Any, Any]:
    """Psycopg is asked for where it is used: a store on SQLite or MariaDB loads none."""
    from psycopg import ClientCursor, RawCursor
    from psycopg.types.numeric import Int8

    class Asked:
        """The statement with its values, as Django's log of queries looks for it."""

        def __init__(self, cursor: Any, query: str, params: Any) -> None:
            self._cursor, self._asked = cursor, (query, params)

        @property
        def query(self) -> bytes:
            return ClientCursor(self._cursor.connection).mogrify(*self._asked).encode()

    class KeptPlan(RawCursor[Any]):
        def execute(self, query: Any, params: Any = None, **_more: Any) -> Any:
            answer = super().execute(_numbered(query), params, prepare=True)
            self._query = Asked(self, query, params)  # type: ignore[assignment]
            return answer

    return Int8, KeptPlan
