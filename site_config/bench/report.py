"""The table of a run, for people: on the screen and in docs/performance.md."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from statistics import median

from marketplace.common import clock

from .run import PAGES, Cell

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def table(cells: dict[tuple[str, int, str], Cell], *, sizes: list[int], conditions: str) -> str:
    """Everything that was measured, as Markdown."""
    small, large = sizes[0], sizes[-1]
    lines = [
        conditions,
        "",
        "| page | products | who | requests/s | of the reference: rate | by CPU"
        " | CPU ms | PostgreSQL CPU ms | p50 | p95 | p99 ms | kB |",
        "|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name in PAGES:
        reference = cells.get((f"reference beside {name}", small, "visitor"))
        if reference:
            lines.append(_row(reference, f"*{reference.name}*", "1.00 | 1.00"))
        for size in sizes:
            for who in ("visitor", "signed in"):
                if cell := cells.get((name, size, who)):
                    lines.append(
                        _row(
                            cell,
                            name,
                            f"**{cell.share_of(reference):.2f}** | {1 / cell.work_of(reference):.2f}",
                        )
                    )
    for size in sizes:
        for who in ("visitor", "signed in"):
            if cell := cells.get(("add to cart", size, who)):
                lines.append(_row(cell, cell.name, "· | ·"))
    if plain := cells.get(("plain SQL", small, "pgbench")):
        lines.append(_row(plain, "*the order's transaction in plain SQL*", "1.00 | 1.00"))
        for size in sizes:
            if cell := cells.get(("place order", size, "signed in")):
                lines.append(
                    _row(
                        cell,
                        cell.name,
                        f"**{cell.share_of(plain):.2f}** of plain SQL | {1 / cell.work_of(plain):.2f}",
                    )
                )
    if small != large:
        lines += [
            "",
            f"| {large:,} products against {small:,} | CPU (server and PostgreSQL) | p95 |",
            "|---|--:|--:|",
        ]
        for (name, size, who), cell in cells.items():
            other = cells.get((name, large, who))
            if size == small and other:
                slower = median(
                    mine[1] / theirs[1]
                    for mine, theirs in zip(other.percentiles, cell.percentiles, strict=True)
                )
                lines.append(f"| {name}, {who} | **{other.work_of(cell):.2f}×** | {slower:.2f}× |")
    return "\n".join(lines) + "\n"


def _row(cell: Cell, name: str, share: str) -> str:
    p50, p95, p99 = (median(values) for values in zip(*cell.percentiles, strict=True))
    cpu, database = median(cell.cpu), median(cell.database_cpu)
    spent = f"{cpu:.2f} | {database:.2f}" if cpu else f"· | {database:.2f}"
    size = f"{cell.kilobytes:.1f}" if cell.kilobytes else "·"
    return (
        f"| {name} | {cell.products:,} | {cell.who} | {median(cell.rates):,.0f} | {share} | {spent}"
        f" | {p50:.1f} | {p95:.1f} | {p99:.1f} | {size} |"
    )


def bars(
    cells: dict[tuple[str, int, str], Cell], *, sizes: list[int]
) -> list[tuple[str, float, float, bool]]:
    """The bars of issue 2: what, measured, bar, whether it was cleared."""
    small, large = sizes[0], sizes[-1]
    found = []

    def at_least(what: str, cell: Cell | None, other: Cell | None, bar: float) -> None:
        if cell and other:
            share = cell.share_of(other)
            found.append((what, share, bar, share >= bar))

    reference = cells.get(("reference beside category", small, "visitor"))
    at_least(
        "category, visitor, of the reference", cells.get(("category", small, "visitor")), reference, 0.60
    )
    at_least(
        "category, signed in, of the reference", cells.get(("category", small, "signed in")), reference, 0.45
    )
    at_least(
        "place order, of plain SQL",
        cells.get(("place order", small, "signed in")),
        cells.get(("plain SQL", small, "pgbench")),
        0.12,
    )
    if small != large:
        for (name, size, who), cell in cells.items():
            other = cells.get((name, large, who))
            if size == small and other:
                growth = other.work_of(cell)
                found.append(
                    (
                        f"{name}, {who}: CPU of {large:,} against {small:,} products",
                        growth,
                        1.2,
                        growth <= 1.2,
                    )
                )
    return found


def conditions(*, rounds: int, seconds: float, connections: int, postgres: str) -> str:
    """On what, and how, this was measured."""
    memory = _first("/proc/meminfo", "MemTotal").split()[0]
    packages = ", ".join(f"{name} {version(name)}" for name in ("Django", "gunicorn", "psycopg"))
    return (
        f"Measured {clock.now():%d %B %Y} on {os.cpu_count()} cores"
        f" ({_first('/proc/cpuinfo', 'model name') or platform.machine()}), {int(memory) // 2**20} GiB,"
        f" {platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}, {packages},"
        f" {postgres}; {rounds} rounds of {seconds:g} s a row, {connections} connections. The load client ran on the"
        f" same cores, the load average at the start was {os.getloadavg()[0]:.1f}. CPU ms is processor time"
        " a request: the server's processes, then PostgreSQL's."
    )


def _first(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return ""


def write(page: Path, text: str) -> None:
    """Put the table between its marks in docs/performance.md; the words around it are people's."""
    old = page.read_text()
    before, _, rest = old.partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{text}{END}{after}")
