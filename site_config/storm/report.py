"""The table of a storm, and where it stands in docs/reliability.md."""

from collections.abc import Iterable
from pathlib import Path

from .run import Row
from .troubles import TROUBLES

BEGIN, END = "<!-- storm: begin -->", "<!-- storm: end -->"
HEAD = (
    "| trouble | database | struck | acknowledged | found | lost | doubled | no answer: done / not done"
    " | answers by status | slowest | back after |\n|---|---|--:|--:|--:|--:|--:|--:|---|--:|--:|\n"
)


def line(row: Row) -> str:
    sums = row.sums
    unknown = f"{sums['unknown_done']} / {sums['unknown_not_done']}"
    statuses = ", ".join(f"{status}: {number}" for status, number in sorted(row.statuses.items()))
    return (
        f"| {row.trouble.title} | {row.database} | {row.struck} | {sums['acknowledged']} | {sums['found']}"
        f" | {sums['lost']} | {sums['doubled']} | {unknown} | {statuses} | {row.slowest:.1f} s"
        f" | {row.back_after:.1f} s |\n"
    )


def table(rows: Iterable[Row]) -> str:
    """A trouble's rows stand together, one for each database."""
    return HEAD + "".join(line(row) for row in sorted(rows, key=lambda row: TROUBLES.index(row.trouble)))


def write(page: Path, text: str) -> None:
    """Put the table between its marks; the words around it are people's."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{text}{END}{after}")
