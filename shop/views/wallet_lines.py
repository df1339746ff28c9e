"""How holds and transactions are shown: a sentence about each, and the way to what it is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.orders.models import Shipment
from marketplace.orders.states import ShipmentStatus
from marketplace.wallet.models import Hold, HoldKind, Transaction, TransactionKind
from marketplace.web.subjects import name_of, page_of, with_subjects


@dataclass(frozen=True)
class About:
    """What money was about: a few words, and a link if the person has a page for it."""

    text: str = ""
    url: str = ""


@dataclass(frozen=True)
class HoldLine:
    about: About
    amount: int
    since: datetime
    ends: str


@dataclass(frozen=True)
class StatementLine:
    """A row of the statement; amounts in minor units, what can be spent and what is held apart."""

    at: datetime
    kind: str
    about: About
    memo: str
    balance_delta: int
    held_delta: int
    balance_after: int
    held_after: int

    @property
    def note(self) -> str:
        """The memo, unless the words about it hold it already."""
        return "" if self.memo in self.about.text else self.memo

    @property
    def comes_in(self) -> bool:
        return self.balance_delta > 0


def hold_lines(holds: QuerySet[Hold], viewer: User) -> list[HoldLine]:
    return [
        HoldLine(about(hold.subject, viewer), hold.outstanding, hold.created_at, _ends(hold))
        for hold in with_subjects(holds)
    ]


def statement_lines(rows: Iterable[Transaction], viewer: User) -> list[StatementLine]:
    return [statement_line(row, viewer) for row in rows]


def statement_line(row: Transaction, viewer: User) -> StatementLine:
    return StatementLine(
        at=row.created_at,
        kind=_kind(row, viewer),
        about=about(row.subject, viewer),
        memo=row.memo,
        balance_delta=row.balance_delta,
        held_delta=row.held_delta,
        balance_after=row.balance_after,
        held_after=row.held_after,
    )


def about(subject: Model | None, viewer: User) -> About:
    """What a row is about, for the person who looks."""
    return About(name_of(subject, viewer), page_of(subject, viewer))


def _kind(row: Transaction, viewer: User) -> str:
    if row.kind == TransactionKind.ESCROW_HOLD and not _is_bought(row.subject, viewer):
        return _("Set aside")
    if row.kind == TransactionKind.ESCROW_RELEASE and not _is_bought(row.subject, viewer):
        return _("No longer set aside")
    if row.kind == TransactionKind.PAYMENT:
        if row.balance_delta < 0 or row.key.endswith(":delivery"):
            return _("Paid for the delivery")
        return _("Paid to the seller") if row.held_delta < 0 else _("Payment received")
    return row.get_kind_display()


def _is_bought(subject: Model | None, viewer: User) -> bool:
    """Whether money about it is held until its buyer has it; what is held for a payout or in reserve is no escrow."""
    return isinstance(subject, Shipment) and subject.seller_id != viewer.pk


def _ends(hold: Hold) -> str:
    if hold.kind == HoldKind.RESERVE:
        return _("Kept for a while, in case something has to be paid back. Your earnings say until when.")
    subject = hold.subject
    if not isinstance(subject, Shipment):
        return ""
    if subject.status == ShipmentStatus.DELIVERED:
        return _("Goes to the seller once you say that all is fine, or when the time to look it over is up.")
    if subject.status in (ShipmentStatus.RETURNING, ShipmentStatus.RETURNED):
        return _("Comes back to you when the parcel is back with the seller.")
    return _("Held until the parcel is in your hands. Cancel before pick-up, and it comes back at once.")
