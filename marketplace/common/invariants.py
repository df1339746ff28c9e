"""What must always hold, as SQL that must return no row (docs/reliability.md §2).

Each domain lists its own in `invariants.py`; `manage.py audit_books` and the fixture
`books_balance` run them all.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Invariant:
    """A sentence that must be true, and the SQL that finds where it is not."""

    name: str
    sql: str


@dataclass(frozen=True)
class Breach:
    """An invariant that does not hold, with the first rows that show it."""

    invariant: Invariant
    rows: list[tuple[object, ...]]

    def __str__(self) -> str:
        return f"{self.invariant.name}: {self.rows}"


def find_breaches(invariants: Iterable[Invariant], *, show: int = 5) -> list[Breach]:
    """Run every invariant; return those that found rows (at most `show` each)."""
    breaches = []
    with connection.cursor() as cursor:
        for invariant in invariants:
            cursor.execute(invariant.sql)
            if rows := cursor.fetchmany(show):
                breaches.append(Breach(invariant, rows))
    return breaches


# What must always hold of this domain's own rows.
INVARIANTS = [
    Invariant(
        "I40 a form key was used once and has one result",
        "SELECT f.nonce, COUNT(*) FROM common_formkey f GROUP BY f.nonce"
        " HAVING COUNT(*) > 1 OR MIN(LENGTH(f.result)) = 0",
    ),
]
