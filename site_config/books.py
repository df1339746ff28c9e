"""The whole store's invariants, and one consistent look at them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from marketplace.common.discovery import declared
from marketplace.common.invariants import Invariant

# Every invariant must see the same moment, or a sale between two of them would look like a loss.
_BEGIN = {
    "sqlite": ["BEGIN DEFERRED"],
    "postgresql": [
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        "SET LOCAL statement_timeout = 0",
    ],
    "mysql": [
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ],
}


def all_invariants() -> list[Invariant]:
    """Those of every domain that has an `invariants.py`, in the order of INSTALLED_APPS."""
    return declared("invariants", "INVARIANTS")


@contextmanager
def snapshot() -> Iterator[None]:
    """Read everything inside as of one moment; writes nothing and blocks nobody.

    Inside a transaction (a test's own) that transaction is the moment.
    """
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        try:
            for statement in _BEGIN[connection.vendor]:
                cursor.execute(statement)
            yield
        finally:
            cursor.execute("ROLLBACK")
