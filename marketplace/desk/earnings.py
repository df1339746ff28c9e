"""What somebody has earned and will earn: what can be paid out, what waits for what, what came in day by day."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.money import percent_of
from marketplace.delivery.models import Delivery
from marketplace.delivery.selectors.jobs import jobs_of
from marketplace.delivery.services.earnings import pending_for
from marketplace.delivery.states import ACTIVE
from marketplace.orders.models import Shipment
from marketplace.orders.states import FINAL, ShipmentStatus
from marketplace.payouts.models import Payout
from marketplace.payouts.selectors import Earned, earned, earnings
from marketplace.payouts.states import OPEN
from marketplace.wallet.models import HoldKind, Reserve, Wallet
from marketplace.wallet.reserves import ReserveTerms, reserves_of, terms_of
from marketplace.wallet.selectors import open_holds

MOST_PENDING = 100
CHART_DAYS = 30


@dataclass(frozen=True)
class Pending:
    """Money of a parcel that is not somebody's yet: how much, when it will be, and what it waits for."""

    subject: Shipment | Delivery
    number: str
    amount: int
    why: str
    at: datetime | None = None


@dataclass(frozen=True)
class EarningsView:
    """Somebody's money as their page shows it, in minor units."""

    earned: Earned
    on_its_way: int
    """Held for payouts that are not sent yet."""
    pending: list[Pending]
    pending_total: int
    has_more_pending: bool
    reserves: list[Reserve]
    """What is kept back of past sales, the first to be released first."""
    reserve_total: int
    has_more_reserves: bool
    terms: ReserveTerms
    """How much of the next sales is kept back."""
    days: list[tuple[date, int]]
    """What was earned on each of the last days, today last (the reader's days)."""

    @property
    def earned_lately(self) -> int:
        return sum(amount for _day, amount in self.days)


def earnings_view(owner: User) -> EarningsView:
    """What a seller or a courier has earned, and will."""
    pending = (_of_shipments if owner.is_seller else _of_jobs)(owner)
    held = Payout.objects.filter(owner=owner, status__in=OPEN).aggregate(all=Sum("amount"))["all"]
    shown = pending[:MOST_PENDING]
    wallet = Wallet.objects.filter(owner=owner).first()
    mine = earned(owner.pk, balance=wallet.balance if wallet else 0)
    reserves = list(reserves_of(owner.pk)[: MOST_PENDING + 1]) if owner.is_seller and mine.pending else []
    return EarningsView(
        earned=mine,
        on_its_way=held or 0,
        pending=shown,
        pending_total=sum(item.amount for item in shown),
        has_more_pending=len(pending) > MOST_PENDING,
        reserves=reserves[:MOST_PENDING],
        reserve_total=sum(row.hold.outstanding for row in reserves[:MOST_PENDING]),
        has_more_reserves=len(reserves) > MOST_PENDING,
        terms=terms_of(wallet) if owner.is_seller else ReserveTerms(0, 0),
        days=_earned_by_day(owner),
    )


def _of_shipments(seller: User) -> list[Pending]:
    parcels = Shipment.objects.filter(seller=seller).exclude(status__in=FINAL).select_related("order")
    parcels = parcels.order_by("completes_at", "pk")
    return [
        Pending(
            subject=parcel,
            number=parcel.number,
            amount=_net_of(parcel),
            why=_why(parcel),
            at=parcel.pays_at if not parcel.frozen else None,
        )
        for parcel in parcels[: MOST_PENDING + 1]
    ]


def _net_of(parcel: Shipment) -> int:
    """What its seller will get of it as it is now: the goods, less the commission and a delivery that they offered;
    of one that comes back, nothing."""
    if parcel.comes_back:
        return 0
    goods = parcel.goods_total
    return max(0, goods - percent_of(goods, parcel.commission_bps) - parcel.delivery_by_seller)


def _why(parcel: Shipment) -> str:
    if parcel.frozen:
        return _("Part of it is held back until that is settled.")
    if parcel.status == ShipmentStatus.DELIVERED:
        return _("Delivered: its buyer may look it over.")
    if parcel.comes_back:
        return _("It comes back to you: its buyer gets the money again.")
    if parcel.waits_for_pick_up:
        return _("It is not picked up yet.")
    return _("It is on its way.")


def _of_jobs(courier: User) -> list[Pending]:
    """What is earned and held for disputes, the first to be let go first, and what is carried now."""
    holds = open_holds(courier.pk).filter(kind=HoldKind.EARNING).order_by("created_at", "pk")
    held = list(holds[: MOST_PENDING + 1])
    jobs = jobs_of(courier).select_related("consignment__shipment")
    done = jobs.in_bulk([hold.object_id for hold in held])
    carried = jobs.filter(status__in=ACTIVE, fee__gt=0).order_by("pk")[: MOST_PENDING + 1]
    return [
        *(
            Pending(
                done[hold.object_id],
                done[hold.object_id].number,
                hold.outstanding,
                _("Earned. It stays held for a while, in case something is wrong with the delivery."),
                at=hold.created_at + pending_for(),
            )
            for hold in held
        ),
        *(
            Pending(job, job.number, job.fee, _("Yours as soon as the parcel is handed over."))
            for job in carried
        ),
    ]


def _earned_by_day(owner: User) -> list[tuple[date, int]]:
    today = timezone.localdate(clock.now())
    days = [today - timedelta(days=ago) for ago in reversed(range(CHART_DAYS))]
    since = clock.now() - timedelta(days=CHART_DAYS)
    sums: Counter[date] = Counter()
    rows = earnings(owner.pk).filter(created_at__gte=since)
    for at, amount in rows.values_list("created_at", "balance_delta").iterator(chunk_size=500):
        sums[timezone.localdate(at)] += amount
    return [(day, sums[day]) for day in days]
