"""What wallets show. Nothing here locks or writes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Max, QuerySet
from django.db.models.functions import TruncDate

from marketplace.common.cursors import read_cursor, write_cursor

from .models import DemoPayment, Hold, TopUp, Transaction, Wallet
from .states import HoldStatus, TopUpStatus


@dataclass(frozen=True)
class WalletView:
    """What somebody can spend and what is held for them, in minor units."""

    balance: int = 0
    held_balance: int = 0


@dataclass(frozen=True)
class StatementQuery:
    """Which rows of a statement: of one kind, from `since` on, before `until` (moments, both aware)."""

    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None


def wallet_of(owner_id: int) -> WalletView:
    """Somebody's wallet; zeros for a person whose wallet was never used."""
    row = Wallet.objects.filter(owner_id=owner_id).values("balance", "held_balance").first()
    return WalletView(**row) if row else WalletView()


def open_holds(owner_id: int) -> QuerySet[Hold]:
    """What is held for somebody right now, newest first."""
    return Hold.objects.filter(wallet__owner_id=owner_id, status=HoldStatus.OPEN).order_by("-pk")


def statement(owner_id: int, query: StatementQuery = StatementQuery()) -> QuerySet[Transaction]:
    """Somebody's transactions, newest first."""
    rows = Transaction.objects.filter(wallet__owner_id=owner_id).order_by("-pk")
    if query.kind:
        rows = rows.filter(kind=query.kind)
    if query.since:
        rows = rows.filter(created_at__gte=query.since)
    if query.until:
        rows = rows.filter(created_at__lt=query.until)
    return rows


def statement_page(
    owner_id: int, query: StatementQuery, *, after: str = "", size: int = 25
) -> tuple[QuerySet[Transaction], str]:
    """The rows of a statement that follow the cursor `after`, and the next page's cursor ("": the last)."""
    rows = statement(owner_id, query)
    match read_cursor(after):
        case [int() as pk]:
            rows = rows.filter(pk__lt=pk)
    ids = list(rows.values_list("pk", flat=True)[: size + 1])
    page = Transaction.objects.filter(pk__in=ids[:size]).order_by("-pk")
    return page, write_cursor(ids[size - 1]) if len(ids) > size else ""


def balance_by_day(owner_id: int, since: datetime) -> list[tuple[datetime, int]]:
    """What somebody could spend at the end of each (UTC) day that money moved on; one query."""
    rows = Transaction.objects.filter(wallet__owner_id=owner_id, created_at__gte=since)
    last_of_day = (
        rows.annotate(day=TruncDate("created_at", tzinfo=UTC))
        .order_by()
        .values("day")
        .annotate(last=Max("pk"))
        .values("last")
    )
    ends = Transaction.objects.filter(pk__in=last_of_day).order_by("pk")
    return [(at, balance or 0) for at, balance in ends.values_list("created_at", "balance_after")]


def balance_before(owner_id: int, moment: datetime) -> int:
    """What somebody could spend at `moment`."""
    row = statement(owner_id, StatementQuery(until=moment)).values_list("balance_after", flat=True).first()
    return row or 0


def top_ups_of(owner_id: int) -> QuerySet[TopUp]:
    """Somebody's payments into their wallet, newest first."""
    return TopUp.objects.filter(wallet__owner_id=owner_id).order_by("-pk")


def demo_payment_of(owner_id: int, reference: str) -> tuple[TopUp, DemoPayment] | None:
    """Somebody's payment with the demo provider, and what that provider keeps of it."""
    record = DemoPayment.objects.filter(reference=reference).first()
    top_up = top_ups_of(owner_id).filter(provider="demo", provider_reference=reference).first()
    return (top_up, record) if top_up and record else None


def open_top_ups(owner_id: int) -> Iterable[TopUp]:
    """The payments of somebody that have not ended yet."""
    return top_ups_of(owner_id).filter(status=TopUpStatus.PENDING)
