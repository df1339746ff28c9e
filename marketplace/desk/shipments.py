"""What the back office reads of the parcels under way. Nothing here carries a PIN or a QR token."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count as CountOf
from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.counts import Count, count_up_to
from marketplace.common.cursors import read_cursor, write_cursor
from marketplace.delivery.models import SHIPMENT, Attempt, Proof
from marketplace.delivery.states import AttemptOutcome, ProofStatus
from marketplace.orders.models import Shipment
from marketplace.orders.states import BEFORE_PICK_UP, ON_THE_WAY, ShipmentStatus

PAGE_SIZE = 25
MOST_COUNTED = 99
# From here on a parcel stands or travels for so long that somebody should look at it.
WAITS_LONG = timedelta(days=2)
# What a cursor may name: microseconds since 1970, up to the year 3000.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = (datetime(3000, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)

UNDER_WAY = (*BEFORE_PICK_UP, *ON_THE_WAY)
FILTERED_BY = (*UNDER_WAY, ShipmentStatus.DELIVERED)

Listed = Any  # a Shipment with what `desk_page` adds


class Trouble(TextChoices):
    """What makes a shipment worth a look."""

    LOCKED = "locked", _("Proof locked")
    FAILED = "failed", _("Failed at the door")
    WAITING = "waiting", _("Waiting long")
    RETURNING = "returning", _("Coming back")


@dataclass(frozen=True)
class DeskQuery:
    """Which shipments: those with this number; else of one status and with one trouble; else all under way."""

    status: str = ""
    trouble: str = ""
    search: str = ""

    @property
    def statuses(self) -> tuple[str, ...]:
        return (self.status,) if self.status in FILTERED_BY else UNDER_WAY


@dataclass(frozen=True)
class DeskRow:
    """A shipment in the list, with what is wrong with it."""

    shipment: Shipment
    shop_name: str
    courier_name: str
    troubles: list[Trouble]
    failed: int


@dataclass(frozen=True)
class DeskPage:
    """Some shipments, those that wait longest first, and the cursor of the next page ("": the last)."""

    rows: list[DeskRow]
    next_after: str


def shipments_for_desk(user: User) -> QuerySet[Shipment]:
    """The shipments whose whole story this person may read: all of them for staff, else none."""
    return Shipment.objects.all() if user.is_store_staff else Shipment.objects.none()


def troubled(shipments: QuerySet[Shipment], trouble: str, now: datetime) -> QuerySet[Shipment]:
    """Those of `shipments` that are under way and have this trouble now."""
    if trouble == Trouble.LOCKED:
        return shipments.filter(Exists(_locked()), status__in=ON_THE_WAY)
    if trouble == Trouble.FAILED:
        return shipments.filter(Exists(_failed()), status__in=ON_THE_WAY)
    if trouble == Trouble.WAITING:
        return shipments.filter(_waits_long(now))
    if trouble == Trouble.RETURNING:
        return shipments.filter(status=ShipmentStatus.RETURNING)
    return shipments


def trouble_counts(user: User) -> dict[str, Count]:
    """How many shipments have each trouble now, 99 counted at most: one bounded query a trouble."""
    now = clock.now()
    return {
        trouble.value: count_up_to(troubled(shipments_for_desk(user), trouble, now), MOST_COUNTED)
        for trouble in Trouble
    }


@dataclass(frozen=True)
class Queue:
    """Everything with one trouble: how much, and since when the oldest of it waits."""

    trouble: Trouble
    count: Count
    oldest: datetime | None


def trouble_queues(user: User) -> list[Queue]:
    """The inbox: a queue a trouble, empty ones too; two bounded queries each."""
    now = clock.now()
    queues = []
    for trouble in Trouble:
        shipments = troubled(shipments_for_desk(user).filter(status__in=UNDER_WAY), trouble, now)
        oldest = shipments.order_by("placed_at", "pk").values_list("placed_at", flat=True).first()
        queues.append(Queue(trouble, count_up_to(shipments, MOST_COUNTED), oldest))
    return queues


def desk_page(user: User, query: DeskQuery, *, after: str = "", size: int = PAGE_SIZE) -> DeskPage:
    """The shipments that `query` asks for, oldest first, `size` after the cursor: one query, two for a search."""
    now = clock.now()
    shipments = shipments_for_desk(user)
    if query.search:
        shipments = shipments.filter(pk__in=_with_number(shipments, query.search))
    else:
        shipments = troubled(shipments.filter(status__in=query.statuses), query.trouble, now)
    match read_cursor(after):
        case [int() as placed, int() as pk] if 0 <= placed < LATEST:
            at = EPOCH + timedelta(microseconds=placed)
            shipments = shipments.filter(Q(placed_at__gt=at) | Q(placed_at=at, pk__gt=pk))
    failures = _failed().order_by().values("consignment").annotate(n=CountOf("pk")).values("n")
    # (status, placed_at) is an index; by the primary key the database would walk all that is long done.
    found = list(
        shipments.order_by("placed_at", "pk")
        .select_related("order")
        .annotate(
            shop_name=F("seller__seller_profile__shop_name"),
            courier_name=F("courier__profile__name"),
            is_locked=Exists(_locked()),
            failed=Coalesce(Subquery(failures, output_field=IntegerField()), 0),
        )[: size + 1]
    )
    rows = [
        DeskRow(
            shipment=row,
            shop_name=row.shop_name or "",
            courier_name=row.courier_name or "",
            troubles=list(_troubles(row, now)),
            failed=row.failed,
        )
        for row in found[:size]
    ]
    return DeskPage(rows, _cursor(found[size - 1]) if len(found) > size else "")


def ship_by(shipment: Shipment) -> datetime:
    """When the clock cancels a shipment that nobody has picked up."""
    return shipment.placed_at + timedelta(days=settings.SHIP_BY_DAYS)


def _locked() -> QuerySet[Proof]:
    return _of_shipment(Proof.objects.filter(status=ProofStatus.LOCKED, current_key__isnull=False))


def _failed() -> QuerySet[Attempt]:
    return _of_shipment(Attempt.objects.filter(outcome=AttemptOutcome.FAILED))


def _of_shipment(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(consignment__shipment=OuterRef("pk"), consignment__kind=SHIPMENT)


def _waits_long(now: datetime) -> Q:
    return Q(status__in=BEFORE_PICK_UP, placed_at__lt=now - WAITS_LONG) | Q(
        status__in=ON_THE_WAY, picked_up_at__lt=now - WAITS_LONG
    )


def _troubles(row: Listed, now: datetime) -> Iterator[Trouble]:
    on_the_way = row.status in ON_THE_WAY
    if on_the_way and row.is_locked:
        yield Trouble.LOCKED
    if on_the_way and row.failed:
        yield Trouble.FAILED
    since = row.placed_at if row.status in BEFORE_PICK_UP else row.picked_up_at if on_the_way else None
    if since and since < now - WAITS_LONG:
        yield Trouble.WAITING


def _with_number(shipments: QuerySet[Shipment], text: str) -> list[int]:
    """The shipment of this number and those of the order of this number: each found by its unique index."""
    number = text.strip().lower().lstrip("#")
    by_number = shipments.filter(number=number).order_by().values_list("pk", flat=True)
    by_order = shipments.filter(order__number=number).order_by().values_list("pk", flat=True)
    return list(by_number.union(by_order))


def _cursor(row: Shipment) -> str:
    return write_cursor((row.placed_at - EPOCH) // timedelta(microseconds=1), row.pk)
