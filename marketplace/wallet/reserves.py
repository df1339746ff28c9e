"""How much of a seller's sales is held back, for how long, and what is. Nothing here locks or writes."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import F, QuerySet, Sum

from marketplace.common.money import percent_of

from .models import Hold, HoldKind, Reserve, ReserveChange, Wallet
from .states import HoldStatus


@dataclass(frozen=True)
class ReserveTerms:
    """The share of each sale, in 1/100 percent, and for how many days it is held back."""

    bps: int
    days: int
    is_own: bool = False
    """Whether an admin set them for this seller."""

    def part_of(self, amount: int) -> int:
        """What of `amount` minor units is held back."""
        return percent_of(amount, self.bps)


def terms_of(wallet: Wallet | None) -> ReserveTerms:
    """What holds for a wallet's owner: what an admin set for them, else the store's own rule."""
    if wallet is None or wallet.reserve_bps is None or wallet.reserve_days is None:
        return ReserveTerms(settings.RESERVE_BPS, settings.RESERVE_DAYS)
    return ReserveTerms(wallet.reserve_bps, wallet.reserve_days, is_own=True)


def terms_for(owner_id: int) -> ReserveTerms:
    """As `terms_of`, of a person."""
    return terms_of(Wallet.objects.filter(owner_id=owner_id).first())


def reserves_of(owner_id: int) -> QuerySet[Reserve]:
    """What is held back of somebody's sales right now, the first to be released first."""
    rows = Reserve.objects.filter(
        hold__wallet__owner_id=owner_id, hold__kind=HoldKind.RESERVE, hold__status=HoldStatus.OPEN
    )
    return rows.select_related("hold").order_by("releases_at", "pk")


def last_change(owner_id: int) -> ReserveChange | None:
    """What an admin decided last about somebody's reserve."""
    rows = ReserveChange.objects.filter(wallet__owner_id=owner_id)
    return rows.select_related("actor__profile").order_by("-pk").first()


def reserved(owner_id: int) -> int:
    """What is held back of somebody's sales right now, in minor units."""
    rows = Hold.objects.filter(wallet__owner_id=owner_id, kind=HoldKind.RESERVE, status=HoldStatus.OPEN)
    held: int | None = rows.aggregate(all=Sum(F("amount") - F("captured") - F("released")))["all"]
    return held or 0
