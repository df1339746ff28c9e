"""A month of somebody's wallet: what there was, what came and went, what there is. The months are their owner's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.db.models import QuerySet, Sum
from django.utils import timezone

from marketplace.common import clock
from marketplace.wallet.models import Transaction
from marketplace.wallet.selectors import StatementQuery, statement

MOST_MONTHS = 240


@dataclass(frozen=True, order=True)
class Month:
    """A month of a calendar."""

    year: int
    month: int

    @classmethod
    def of(cls, at: datetime, zone: tzinfo) -> "Month":
        """The month that a moment is in, for whoever lives in `zone`."""
        here = at.astimezone(zone)
        return cls(here.year, here.month)

    @property
    def following(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    def begins(self, zone: tzinfo) -> datetime:
        """Its first moment in `zone`."""
        return datetime(self.year, self.month, 1, tzinfo=zone)


@dataclass(frozen=True)
class Sums:
    """What a wallet can spend and what of it is held, in minor units."""

    balance: int
    held: int


@dataclass(frozen=True)
class Entry:
    """A row of the ledger with what there was after it."""

    row: Transaction
    after: Sums


@dataclass(frozen=True)
class MonthlyStatement:
    """Somebody's month. What there is after the last entry is its closing: of the present month more may come in while
    it is read, and every paper adds up."""

    month: Month
    begins: datetime
    ends: datetime
    opening: Sums
    rows: QuerySet[Transaction]
    """Oldest first."""

    def entries(self, rows: Iterator[Transaction]) -> Iterator[Entry]:
        """`rows` (these, however they were fetched) with the running balance."""
        balance, held = self.opening.balance, self.opening.held
        for row in rows:
            balance += row.balance_delta
            held += row.held_delta
            yield Entry(row, Sums(balance, held))


def months_of(owner_id: int) -> list[Month]:
    """The months since somebody's first entry, the present one first; none while nothing has moved."""
    first = statement(owner_id).order_by("pk").values_list("created_at", flat=True).first()
    if first is None:
        return []
    zone = timezone.get_current_timezone()
    months = [Month.of(first, zone)]
    last = Month.of(clock.now(), zone)
    while months[-1] < last:
        months.append(months[-1].following)
    return months[::-1][:MOST_MONTHS]


def monthly_statement(owner_id: int, month: Month) -> MonthlyStatement:
    """The month of somebody's wallet, in the zone that is active."""
    zone = timezone.get_current_timezone()
    begins, ends = month.begins(zone), month.following.begins(zone)
    return MonthlyStatement(
        month=month,
        begins=begins,
        ends=ends,
        opening=_sums(statement(owner_id, StatementQuery(until=begins))),
        rows=statement(owner_id, StatementQuery(since=begins, until=ends)).order_by("pk"),
    )


def _sums(rows: QuerySet[Transaction]) -> Sums:
    """By the movements themselves: a row's own `balance_after` is the one before only while no clock goes back."""
    found = rows.order_by().aggregate(balance=Sum("balance_delta"), held=Sum("held_delta"))
    return Sums(found["balance"] or 0, found["held"] or 0)
