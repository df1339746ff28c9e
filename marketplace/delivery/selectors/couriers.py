"""What a courier has done and may do."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import BigIntegerField, Case, Count, F, Max, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.delivery.models import Courier, Delivery, ProofTry
from marketplace.delivery.services.jobs import given_back_lately
from marketplace.delivery.states import ACTIVE, DONE, DeliveryStatus, Method
from marketplace.wallet.models import Hold, HoldKind
from marketplace.wallet.states import HoldStatus

from .jobs import jobs_of

CHART_DAYS = 14
_EARNED = Case(
    When(status=DeliveryStatus.RETURNED, then=F("fee") + F("back_fee") + F("extra_fee")),
    default=F("fee") + F("extra_fee"),
    output_field=BigIntegerField(),
)


@dataclass(frozen=True)
class CourierState:
    """How many parcels a courier has, of how many, and whether they may take more."""

    active: int
    limit: int
    suspended_at: datetime | None
    given_back: int = 0

    @property
    def gave_back_too_often(self) -> bool:
        """Whether there is nothing to take until some of what they gave back is a day ago."""
        return self.given_back >= settings.COURIER_MAX_GIVEN_BACK

    @property
    def may_claim(self) -> bool:
        return not (self.suspended_at or self.is_full or self.gave_back_too_often)

    @property
    def is_full(self) -> bool:
        return self.active >= self.limit

    @property
    def slots(self) -> list[bool]:
        """Which of the places in the courier's bag are taken, for a picture of it."""
        return [slot < self.active for slot in range(max(self.limit, self.active))]


def courier_state(user: User) -> CourierState:
    """One query; who never claimed anything has no `Courier` yet."""
    active = (
        Delivery.objects.filter(courier=OuterRef("pk"), status__in=ACTIVE)
        .order_by()
        .values("courier")
        .annotate(number=Count("pk"))
        .values("number")
    )
    given_back = given_back_lately(OuterRef("pk")).order_by().values("courier").annotate(number=Count("pk"))
    suspended_at = Courier.objects.filter(pk=OuterRef("pk")).values("claims_suspended_at")
    row = User.objects.filter(pk=user.pk).values(
        active=Coalesce(Subquery(active), 0),
        given_back=Coalesce(Subquery(given_back.values("number")), 0),
        suspended_at=Subquery(suspended_at),
    )[0]
    return CourierState(row["active"], settings.COURIER_MAX_ACTIVE, row["suspended_at"], row["given_back"])


@dataclass(frozen=True)
class Summary:
    """Parcels that were brought to their buyer or back to their seller, and what they earned (minor units)."""

    today: int
    week: int
    total: int
    earned_today: int
    earned_week: int
    earned_total: int
    active: int
    pending: int = 0
    """What is earned and still held for disputes."""

    @property
    def earns(self) -> bool:
        """Whether a fee was ever set, or the store has rates."""
        return bool(settings.COURIER_FEE or self.earned_total or self.pending)


def courier_summary(user: User) -> Summary:
    """Done today, this week (from Monday) and ever, in the time zone of the page. One query."""
    day = _begin_of_today()
    today = Q(status__in=DONE, ended_at__gte=day)
    week = Q(status__in=DONE, ended_at__gte=day - timedelta(days=day.weekday()))
    ever = Q(status__in=DONE)
    row = jobs_of(user).aggregate(
        today=Count("pk", filter=today),
        week=Count("pk", filter=week),
        total=Count("pk", filter=ever),
        earned_today=Coalesce(Sum(_EARNED, filter=today), 0),
        earned_week=Coalesce(Sum(_EARNED, filter=week), 0),
        earned_total=Coalesce(Sum(_EARNED, filter=ever), 0),
        active=Count("pk", filter=Q(status__in=ACTIVE)),
        pending=Coalesce(Max(_pending(user)), 0),  # the same beside each job; without one nothing is held
    )
    return Summary(**row)


def _pending(user: User) -> Subquery:
    """What `user` earned and is held for disputes, in minor units."""
    held = Hold.objects.filter(wallet__owner=user, kind=HoldKind.EARNING, status=HoldStatus.OPEN)
    left = Sum(F("amount") - F("captured") - F("released"))
    return Subquery(held.order_by().values("wallet").annotate(sum=left).values("sum"))


def done_by_day(user: User, *, days: int = CHART_DAYS) -> list[tuple[date, int]]:
    """How many parcels were brought on each of the last `days`, today included, the oldest first. One query."""
    begin = _begin_of_today() - timedelta(days=days - 1)
    ended = jobs_of(user).filter(status__in=DONE, ended_at__gte=begin).values_list("ended_at", flat=True)
    counted = {begin.date() + timedelta(days=number): 0 for number in range(days)}
    for at in ended:
        day = timezone.localtime(at).date()
        if day in counted:
            counted[day] += 1
    return list(counted.items())


def wrong_tries(user: User) -> int:
    """Wrong PINs that this courier gave within a day and that no admin has forgiven. One query."""
    since = clock.now() - timedelta(days=1)
    forgiven = Courier.objects.filter(pk=OuterRef("courier")).values("forgiven_at")
    return (
        ProofTry.objects.filter(courier=user, right=False, method=Method.PIN, at__gt=since)
        .alias(forgiven_at=Subquery(forgiven))
        .filter(Q(forgiven_at=None) | Q(at__gt=Subquery(forgiven)))
        .count()
    )


def _begin_of_today() -> datetime:
    """Midnight in the time zone of whoever looks."""
    return timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
