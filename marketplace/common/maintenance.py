"""Work on the whole database, which takes as long as it takes: migrations, an index made anew.

The web's limits (site_config/databases.py) end a statement after 15 seconds and a transaction that rests after 20;
on a large store that would cut such work in the middle, for ever at the same place. Its wait for other people's locks
stays short: while it waits, everybody who comes after it waits, too.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def unhurried(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Within it no statement of `connection` is cut for its length; waiting for a lock still is.

    Afterwards the connection's limits are what they were. SQLite has none of them.
    """
    before = _swap(connection, _limits(connection.vendor))
    try:
        yield
    finally:
        with suppress(DatabaseError):  # a connection that was lost took them along
            _swap(connection, before)


def _limits(vendor: str) -> dict[str, Any]:
    """What is set for the session: what cuts work short goes, and a lock is waited for as long as the web waits.

    MariaDB would wait a day for the lock of a table's definition, and let nobody else at the table meanwhile.
    """
    if vendor == "postgresql":
        return {"statement_timeout": 0, "idle_in_transaction_session_timeout": 0}
    if vendor == "mysql":
        return {"max_statement_time": 0, "lock_wait_timeout": settings.LOCK_WAIT}
    return {}


def _swap(connection: BaseDatabaseWrapper, limits: dict[str, Any]) -> dict[str, Any]:
    """Set the session's `limits` and return what they were."""
    before: dict[str, Any] = {}
    with connection.cursor() as cursor:
        for name, value in limits.items():
            if connection.vendor == "postgresql":
                cursor.execute("SELECT current_setting(%s)", [name])
                before[name] = cursor.fetchone()[0]
                cursor.execute("SELECT set_config(%s, %s, false)", [name, str(value)])
            else:
                cursor.execute(f"SELECT @@SESSION.{name}")
                before[name] = cursor.fetchone()[0]
                cursor.execute(f"SET SESSION {name} = %s", [value])
    return before
