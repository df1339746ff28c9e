"""What the back office reads of couriers: who carries how much, who types wrong PINs, who may not claim."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count as CountOf
from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from marketplace.accounts.models import Role, User
from marketplace.common import clock
from marketplace.common.cleaning import clean_line, fold
from marketplace.common.counts import Count, count_up_to
from marketplace.common.cursors import read_cursor, write_cursor
from marketplace.delivery.models import Courier, Delivery, ProofTry
from marketplace.delivery.shown import mark_of_suspension
from marketplace.delivery.states import ACTIVE, DeliveryStatus, Method
from marketplace.orders.models import Shipment

PAGE_SIZE = 25
MOST_COUNTED = 99
CHOICES_SHOWN = 50
TRIES_COUNT_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class CourierRow:
    """A courier in the list."""

    user: User
    name: str
    active: int
    done: int
    wrong: int
    suspended_at: datetime | None
    last_ended_at: datetime | None

    @property
    def most(self) -> int:
        """How many parcels somebody may carry at once."""
        return settings.COURIER_MAX_ACTIVE

    @property
    def mark(self) -> str:
        """What the form that lifts this suspension is drawn for."""
        return mark_of_suspension(self.user.pk, self.suspended_at)


@dataclass(frozen=True)
class CourierPage:
    rows: list[CourierRow]
    next_after: str


def couriers_page(
    user: User, *, search: str = "", suspended: bool = False, after: str = "", size: int = PAGE_SIZE
) -> CourierPage:
    """Couriers by name or e-mail address, newest first, `size` after the cursor: one query. Staff only."""
    found = _couriers(user)
    if suspended:
        found = found.filter(suspended_at__isnull=False)
    if text := clean_line(search):
        found = found.filter(Q(profile__name__icontains=text) | Q(email__contains=fold(text)))
    match read_cursor(after):
        case [int() as pk]:
            found = found.filter(pk__lt=pk)
    jobs = Delivery.objects.filter(courier=OuterRef("pk")).order_by()
    done = jobs.filter(status__in=[DeliveryStatus.DELIVERED, DeliveryStatus.RETURNED])
    shown = list(
        found.annotate(
            done=_count(done, "courier"),
            wrong=_count(_wrong_tries(), "courier"),
            last_ended_at=Subquery(
                jobs.filter(ended_at__isnull=False).order_by("-ended_at").values("ended_at")[:1]
            ),
        ).order_by("-pk")[: size + 1]
    )
    rows = [
        CourierRow(
            user=row,
            name=row.profile.name or row.email,
            active=row.active,
            done=row.done,
            wrong=row.wrong,
            suspended_at=row.suspended_at,
            last_ended_at=row.last_ended_at,
        )
        for row in shown[:size]
    ]
    return CourierPage(rows, write_cursor(shown[size - 1].pk) if len(shown) > size else "")


def couriers_to_choose(user: User, shipment: Shipment) -> list[User]:
    """Couriers who could take this shipment now, the least busy first, 50 at most.

    Active, not suspended, with a free slot, neither its buyer nor its seller nor who has it now.
    """
    parties = [shipment.seller_id, shipment.order.buyer_id, shipment.courier_id or 0]
    free = (
        _couriers(user)
        .filter(is_active=True, suspended_at__isnull=True, active__lt=settings.COURIER_MAX_ACTIVE)
        .exclude(pk__in=parties)
    )
    return list(free.order_by("active", "profile__name", "pk")[:CHOICES_SHOWN])


def courier_with_email(user: User, email: str) -> User | None:
    """The courier with this e-mail address, however busy; the service says whether they may take something."""
    return _couriers(user).filter(email=email.strip().lower()).first()


def count_suspended(user: User) -> Count:
    """How many couriers may not claim at the moment, 99 counted at most."""
    if not user.is_store_staff:
        return Count(0)
    return count_up_to(Courier.objects.filter(claims_suspended_at__isnull=False), MOST_COUNTED)


def _couriers(user: User) -> QuerySet[Any]:
    """All couriers for staff, nobody for others; with what they carry and since when they are suspended."""
    couriers = User.objects.filter(role=Role.DELIVERY) if user.is_store_staff else User.objects.none()
    active = Delivery.objects.filter(courier=OuterRef("pk"), status__in=ACTIVE).order_by()
    return couriers.select_related("profile").annotate(
        active=_count(active, "courier"), suspended_at=F("courier__claims_suspended_at")
    )


def _wrong_tries() -> QuerySet[ProofTry]:
    """What counts towards a suspension: wrong PINs of the last day, and not forgiven since."""
    forgiven = Courier.objects.filter(pk=OuterRef("courier"), forgiven_at__gte=OuterRef("at"))
    since = clock.now() - TRIES_COUNT_FOR
    wrong = ProofTry.objects.filter(courier=OuterRef("pk"), right=False, method=Method.PIN, at__gt=since)
    return wrong.filter(~Exists(forgiven)).order_by()


def _count(queryset: QuerySet[Any], by: str) -> Coalesce:
    return Coalesce(
        Subquery(queryset.values(by).annotate(n=CountOf("pk")).values("n"), output_field=IntegerField()), 0
    )
