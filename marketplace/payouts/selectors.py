"""What there is to be paid out, and what became of payouts. Nothing here locks or writes."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from marketplace.accounts.models import User
from marketplace.common.authorisation import authorize
from marketplace.common.counts import Count, count_up_to
from marketplace.common.cursors import read_cursor, write_cursor
from marketplace.wallet.models import HoldKind, Transaction, TransactionKind
from marketplace.wallet.selectors import open_holds, wallet_of

from .accounts import Account, unseal_account
from .models import Payout, PayoutAddress, PayoutLine, PayoutPlan, PayoutTransfer
from .states import SETTLING, PayoutStatus

PAGE = 25
KEPT = (HoldKind.EARNING, HoldKind.RESERVE)
"""Holds of what somebody earned and has not got yet."""
WAITING = (PayoutStatus.REQUESTED, PayoutStatus.APPROVED)


@dataclass(frozen=True)
class Earned:
    """What somebody earned here, in minor units."""

    balance: int
    """What their wallet can spend."""
    unsettled: int
    """Of what they earned, what no payout has settled."""
    pending: int = 0
    """Of that, what is still held: for disputes, or in reserve (`KEPT`)."""

    @property
    def available(self) -> int:
        """What can be paid out: earned here, theirs by now, and in the wallet still."""
        return max(0, min(self.balance, self.unsettled - self.pending))


def earnings(owner_id: int) -> QuerySet[Transaction]:
    """The entries by which somebody earned: a seller's share of a parcel, a courier's fee; oldest first."""
    return Transaction.objects.filter(
        wallet__owner_id=owner_id, kind=TransactionKind.PAYMENT, balance_delta__gt=0
    ).order_by("pk")


def earned(owner_id: int, *, balance: int | None = None) -> Earned:
    """What somebody earned and can be paid out. `balance` is that of a wallet in hand (under its lock)."""
    if balance is None:
        balance = wallet_of(owner_id).balance
    total = earnings(owner_id).aggregate(all=Sum("balance_delta"))["all"] or 0
    settled = PayoutLine.objects.filter(payout__owner_id=owner_id, payout__status__in=SETTLING)
    held = open_holds(owner_id).filter(kind__in=KEPT)
    left = Sum(F("amount") - F("captured") - F("released"))
    sums = User.objects.filter(pk=owner_id).values_list(
        Subquery(settled.order_by().values("payout__owner").annotate(all=Sum("amount")).values("all")),
        Subquery(held.order_by().values("wallet__owner").annotate(all=left).values("all")),
    )
    [(paid, pending)] = sums
    return Earned(balance, total - (paid or 0), pending or 0)


def unsettled_entries(owner_id: int) -> Iterator[tuple[int, int]]:
    """The entries that no payout has settled whole, oldest first: key, and what is left of it in minor units."""
    lines = PayoutLine.objects.filter(entry=OuterRef("pk"), payout__status__in=SETTLING)
    settled = lines.order_by().values("entry").annotate(all=Sum("amount")).values("all")
    rows = earnings(owner_id).annotate(settled=Coalesce(Subquery(settled), 0))
    left = rows.filter(balance_delta__gt=F("settled"))
    for pk, amount, done in left.values_list("pk", "balance_delta", "settled").iterator(chunk_size=200):
        yield pk, amount - done


def address_of(owner_id: int) -> PayoutAddress | None:
    """Where somebody's payouts go now."""
    return PayoutAddress.objects.filter(current_for=owner_id).first()


def account_to_pay(actor: User, payout: Payout) -> Account | None:
    """The whole account of a payout that waits to be sent, for whoever sends it; None before and after, where its
    owner has given another one since (the former may not be theirs) or was shut out, and where no key reads it any
    more. Raises PermissionDenied."""
    authorize(actor, "payouts.decide", payout)
    return unseal_account(payout.address.sealed) if may_go_out(payout) else None


def transfer_of(payout: Payout) -> PayoutTransfer | None:
    """What its provider was asked about a payout; None where there was nothing to ask."""
    return getattr(payout, "transfer", None)  # no row is an AttributeError, too


def may_go_out(payout: Payout) -> bool:
    """Whether a payout is approved, and nothing has happened since for which its money should stay here."""
    return (
        payout.status == PayoutStatus.APPROVED
        and payout.address.current_for is not None
        and payout.owner.is_active
    )


def account_of(actor: User) -> Account | None:
    """Somebody's own account as they typed it, for the page on which they change it."""
    address = address_of(actor.pk)
    return unseal_account(address.sealed) if address else None


def plan_of(owner_id: int) -> PayoutPlan:
    """How somebody is paid out by themselves; who never said so is not."""
    return PayoutPlan.objects.filter(owner_id=owner_id).first() or PayoutPlan(owner_id=owner_id)


def payouts_of(owner_id: int) -> QuerySet[Payout]:
    """Somebody's payouts, newest first."""
    return Payout.objects.filter(owner_id=owner_id).select_related("address").order_by("-pk")


def own_page(owner_id: int, *, after: str = "") -> tuple[list[Payout], str]:
    """A page of somebody's payouts, and the next one's cursor ("": the last)."""
    return _page(payouts_of(owner_id), after)


def entries_of(payout: Payout, *, most: int) -> QuerySet[Transaction]:
    """The entries that a payout settles, oldest first, so many at most."""
    ids = list(payout.lines.order_by("entry_id").values_list("entry_id", flat=True)[:most])
    return Transaction.objects.filter(pk__in=ids).order_by("pk")


# --- the back office --------------------------------------------------------------------------------


def all_payouts(actor: User) -> QuerySet[Payout]:
    """Every payout, for staff, who alone may ask. Raises PermissionDenied."""
    authorize(actor, "payouts.decide")
    return Payout.objects.select_related("address", "owner__profile", "batch", "transfer").order_by("-pk")


def queue_page(
    actor: User, *, status: str = "", search: str = "", after: str = "", has_matter: bool = False
) -> tuple[list[Payout], str]:
    """A page of the payouts of one status (all without one) whose number or owner's address has `search`.

    With `has_matter`, those that an admin must look at (`Matter`)."""
    rows = all_payouts(actor)
    if has_matter:
        rows = rows.filter(transfer__in=_with_matter())
    if status:
        rows = rows.filter(status=status)
    if search:
        rows = rows.filter(Q(public_id=search) | Q(owner__email__contains=search.lower()))
    return _page(rows, after)


def is_any_to_be_looked_at(actor: User) -> bool:
    """Whether there is a payout that the books cannot follow at its provider. Raises PermissionDenied."""
    authorize(actor, "payouts.decide")
    return _with_matter().exists()


def _with_matter() -> QuerySet[PayoutTransfer]:
    return PayoutTransfer.objects.exclude(matter="")


def waiting_payouts(actor: User) -> Count:
    """How many wait for an admin: to be approved, or to be sent."""
    authorize(actor, "payouts.decide")
    return count_up_to(Payout.objects.filter(status__in=WAITING), 1000)


def _page(rows: QuerySet[Payout], after: str) -> tuple[list[Payout], str]:
    match read_cursor(after):
        case [int() as pk]:
            rows = rows.filter(pk__lt=pk)
    found = list(rows[: PAGE + 1])
    return found[:PAGE], write_cursor(found[PAGE - 1].pk) if len(found) > PAGE else ""
