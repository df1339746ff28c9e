"""docs/permissions/: who may do what, a table a face; read as one whole."""

import csv
from dataclasses import dataclass

from django.conf import settings

TABLES = settings.BASE_DIR / "docs" / "permissions"
NOT_PEOPLE = ("method", "route", "state", "action")


@dataclass(frozen=True)
class Row:
    """One line: a route, asked in one way about a thing in one state; `answers` by whoever asks."""

    answers: dict[str, str]
    method: str
    route: str
    state: str
    action: str

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.method, self.route, self.state)))


def read_tables() -> list[Row]:
    """The lines of every table."""
    rows = []
    for table in sorted(TABLES.glob("*.tsv")):
        with table.open(newline="") as file:
            for line in csv.DictReader(file, delimiter="\t", restval=""):
                asked = {column: line.pop(column) for column in NOT_PEOPLE}
                rows.append(Row(line, **asked))
    return rows


def only_posted() -> set[str]:
    """The routes that take a POST and nothing else: nobody looks at them."""
    rows = read_tables()
    return {row.route for row in rows} - {row.route for row in rows if row.method != "POST"}
