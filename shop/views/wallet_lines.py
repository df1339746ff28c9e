"""How holds and transactions are shown: a sentence about each, and the way to what it is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.delivery.models import Delivery
from marketplace.orders.models import Shipment
from marketplace.orders.states import ShipmentStatus
from marketplace.wallet.models import Hold, TopUp, Transaction, TransactionKind


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
    def comes_in(self) -> bool:
        return self.balance_delta > 0


def with_subjects(rows: QuerySet) -> QuerySet:
    """`rows` with what they are about: one query a kind of thing, however many rows."""
    shipments = Shipment.objects.select_related("order", "seller__seller_profile")
    jobs = Delivery.objects.select_related("shipment")
    return rows.prefetch_related(GenericPrefetch("subject", [shipments, jobs, TopUp.objects.all()]))


def hold_lines(holds: QuerySet[Hold], viewer_id: int) -> list[HoldLine]:
    return [
        HoldLine(about(hold.subject, viewer_id), hold.outstanding, hold.created_at, _ends(hold.subject))
        for hold in with_subjects(holds)
    ]


def statement_lines(rows: Iterable[Transaction], viewer_id: int) -> list[StatementLine]:
    return [statement_line(row, viewer_id) for row in rows]


def statement_line(row: Transaction, viewer_id: int) -> StatementLine:
    return StatementLine(
        at=row.created_at,
        kind=_kind(row),
        about=about(row.subject, viewer_id),
        memo=row.memo,
        balance_delta=row.balance_delta,
        held_delta=row.held_delta,
        balance_after=row.balance_after,
        held_after=row.held_after,
    )


def about(subject: Model | None, viewer_id: int) -> About:
    """What a row is about, for the person who looks. A seller sees the shipment, not the buyer's order."""
    if isinstance(subject, Delivery):
        text = _("Shipment %(number)s") % {"number": subject.shipment.number}
        is_theirs = subject.courier_id == viewer_id
        return About(text, reverse("courier:job", args=[subject.number]) if is_theirs else "")
    if isinstance(subject, Shipment):
        if subject.order.buyer_id != viewer_id:
            is_theirs = subject.seller_id == viewer_id
            url = reverse("seller_dashboard:parcel", args=[subject.number]) if is_theirs else ""
            return About(_("Shipment %(number)s") % {"number": subject.number}, url)
        shop = subject.seller.seller_profile.shop_name
        text = _("Order %(number)s from %(shop)s") % {"number": subject.order.number, "shop": shop}
        return About(text, reverse("shop:order_detail", args=[subject.order.number]))
    if isinstance(subject, TopUp):
        return About(
            _("Payment %(number)s") % {"number": subject.public_id},
            reverse("shop:payment", args=[subject.public_id]),
        )
    return About()


def _kind(row: Transaction) -> str:
    if row.kind == TransactionKind.PAYMENT:
        return _("Paid to the seller") if row.held_delta < 0 else _("Payment received")
    return row.get_kind_display()


def _ends(subject: Model | None) -> str:
    if not isinstance(subject, Shipment):
        return ""
    if subject.status == ShipmentStatus.DELIVERED:
        return _("Goes to the seller once you say that all is fine, or when the time to look it over is up.")
    if subject.status in (ShipmentStatus.RETURNING, ShipmentStatus.RETURNED):
        return _("Comes back to you when the parcel is back with the seller.")
    return _("Held until the parcel is in your hands. Cancel before pick-up, and it comes back at once.")
