"""The line of a balance over the last days, drawn on the server."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from marketplace.wallet.selectors import balance_before, balance_by_day

DAYS = 30
WIDTH, HEIGHT = 600, 120


@dataclass(frozen=True)
class Chart:
    """An SVG's points, and what it says in words."""

    line: str
    area: str
    low: int
    high: int
    first_day: datetime
    last_day: datetime
    width: int = WIDTH
    height: int = HEIGHT


def balance_chart(user_id: int, now: datetime) -> Chart | None:
    """The chart of somebody's balance; None while there is nothing to draw. Two queries."""
    first_day = now - timedelta(days=DAYS)
    moves = balance_by_day(user_id, first_day)
    if not moves:
        return None
    steps = [(first_day, balance_before(user_id, first_day)), *moves, (now, moves[-1][1])]
    amounts = [amount for _at, amount in steps]
    low, high = min(amounts), max(amounts)
    span = (high - low) or max(high, 1)
    whole = (now - first_day).total_seconds()

    def point(at: datetime, amount: int) -> tuple[int, int]:
        x = round(WIDTH * (at - first_day).total_seconds() / whole)
        return max(0, min(x, WIDTH)), round(4 + (HEIGHT - 8) * (1 - (amount - low) / span))

    # A balance stays where it is until it moves: the line goes in steps.
    points: list[tuple[int, int]] = []
    for at, amount in steps:
        x, y = point(at, amount)
        if points:
            points.append((x, points[-1][1]))
        points.append((x, y))
    line = " ".join(f"{x},{y}" for x, y in points)
    return Chart(line, f"0,{HEIGHT} {line} {WIDTH},{HEIGHT}", low, high, first_day, now)
