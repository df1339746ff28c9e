"""What was earned day by day, as bars drawn on the server."""

from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT, GAP = 600, 120, 6


@dataclass(frozen=True)
class Bar:
    """A day of the chart, in the units of its SVG."""

    day: date
    amount: int
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def earning_days(self) -> list[Bar]:
        """The days on which anything came in: the table beside the picture."""
        return [bar for bar in self.bars if bar.amount]


def earnings_chart(days: list[tuple[date, int]]) -> Chart | None:
    """The days as bars; the highest fills the chart, an empty one is a line. None while nothing was earned."""
    most = max((amount for _day, amount in days), default=0)
    if not most:
        return None
    step = (WIDTH + GAP) / len(days)
    bars = []
    for place, (day, amount) in enumerate(days):
        height = max(2, round(HEIGHT * amount / most))
        bars.append(Bar(day, amount, round(place * step), HEIGHT - height, round(step) - GAP, height))
    return Chart(bars)
