"""What is read of orders and shipments, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet, Subquery

from marketplace.accounts.models import User
from marketplace.orders.models import Order, Settlement, Shipment, ShipmentEvent, ShipmentLine
from marketplace.orders.states import FINAL, TONES
from marketplace.products.pictures import Picture
from marketplace.wallet.models import Hold

from .pictures import first_pictures
from .timeline import Step, steps_of

PAGE_SIZE = 10
PICTURES_SHOWN = 5


def orders_of_buyer(user: User) -> QuerySet[Order]:
    """The orders that this person placed."""
    return Order.objects.filter(buyer=user)


def orders_for(user: User) -> QuerySet[Order]:
    """The orders that this person may open whole: their own, or all of them for staff."""
    return Order.objects.all() if user.is_store_staff else orders_of_buyer(user)


@dataclass(frozen=True)
class OrderCard:
    """An order as the list shows it."""

    order: Order
    pieces: int
    sellers: list[str]
    pictures: list[Picture]
    more: int

    @property
    def tone(self) -> str:
        return TONES[self.order.status]


@dataclass(frozen=True)
class OrderPage:
    """Some orders, newest first, and the number to go on after (None at the end)."""

    cards: list[OrderCard]
    next_after: str | None


def orders_page(user: User, *, after: str | None = None, size: int = PAGE_SIZE) -> OrderPage:
    """The orders of a buyer, newest first, `size` at a time, after the order with the number `after`."""
    orders = orders_of_buyer(user).order_by("-pk")
    if after:
        orders = orders.filter(pk__lt=Subquery(orders_of_buyer(user).filter(number=after).values("pk")))
    found = list(orders[: size + 1])
    shown = found[:size]
    lines: dict[int, list[Mapping[str, Any]]] = {}
    for line in (
        ShipmentLine.objects.filter(shipment__order__in=shown)
        .order_by("pk")
        .values(
            "product_id",
            "quantity",
            order_id=F("shipment__order_id"),
            shop=F("shipment__seller__seller_profile__shop_name"),
        )
    ):
        lines.setdefault(line["order_id"], []).append(line)
    first = {key: rows[:PICTURES_SHOWN] for key, rows in lines.items()}
    pictures = first_pictures(row["product_id"] for rows in first.values() for row in rows)
    cards = [
        OrderCard(
            order=order,
            pieces=sum(row["quantity"] for row in lines.get(order.pk, [])),
            sellers=list(dict.fromkeys(row["shop"] or "" for row in lines.get(order.pk, []))),
            pictures=[
                pictures[row["product_id"]]
                for row in first.get(order.pk, [])
                if row["product_id"] in pictures
            ],
            more=max(0, len(lines.get(order.pk, [])) - PICTURES_SHOWN),
        )
        for order in shown
    ]
    return OrderPage(cards, shown[-1].number if len(found) > size else None)


@dataclass(frozen=True)
class LineView:
    """A line of a shipment with its product's picture and address as they are today.

    `position` counts from 1 within the shipment, whose lines never change places: its public name.
    """

    position: int
    line: ShipmentLine
    slug: str
    picture: Picture | None


@dataclass(frozen=True)
class ShipmentView:
    """A shipment as its buyer sees it."""

    shipment: Shipment
    shop_name: str
    shop_slug: str
    lines: list[LineView]
    events: list[ShipmentEvent]
    held: int
    ordered: int
    settlement: Settlement | None = None

    @property
    def steps(self) -> list[Step]:
        return steps_of(self.shipment, self.events)

    @property
    def notes(self) -> list[ShipmentEvent]:
        """What happened without a step: part of it was cancelled, another courier took over."""
        return [event for event in self.events if not event.is_step]

    @property
    def is_final(self) -> bool:
        return self.shipment.status in FINAL

    @property
    def tone(self) -> str:
        return TONES[self.shipment.status]

    @property
    def given_back(self) -> int:
        """What cancelled pieces cost, in minor units."""
        return self.ordered - self.shipment.total


@dataclass(frozen=True)
class OrderView:
    """A whole order for its buyer (and for staff)."""

    order: Order
    shipments: list[ShipmentView]

    @property
    def tone(self) -> str:
        return TONES[self.order.status]

    @property
    def held(self) -> int:
        return sum(part.held for part in self.shipments)

    @property
    def given_back(self) -> int:
        return sum(part.given_back for part in self.shipments)

    @property
    def total_now(self) -> int:
        """What is left to pay or was paid: the order without what was cancelled."""
        return sum(part.shipment.total for part in self.shipments)

    def line(self, shipment: str, position: int) -> tuple[ShipmentView, ShipmentLine] | None:
        """One line of this order by its shipment's number and its place in it; None if there is none."""
        for part in self.shipments:
            if part.shipment.number == shipment and 1 <= position <= len(part.lines):
                return part, part.lines[position - 1].line
        return None


def order_view(order: Order) -> OrderView:
    """All that the order's page shows, in five queries however many shipments and lines there are."""
    shipments = list(
        order.shipments.order_by("pk")
        .select_related("settlement")
        .annotate(
            shop_name=F("seller__seller_profile__shop_name"), shop_slug=F("seller__seller_profile__slug")
        )
    )
    ids = [shipment.pk for shipment in shipments]
    lines: dict[int, list[ShipmentLine]] = {}
    slugs: dict[int, str] = {}
    for line in (
        ShipmentLine.objects.filter(shipment__in=ids).annotate(slug=F("product__slug")).order_by("pk")
    ):
        slugs[line.pk] = line.slug
        lines.setdefault(line.shipment_id, []).append(line)
    events: dict[int, list[ShipmentEvent]] = {}
    for event in ShipmentEvent.objects.filter(shipment__in=ids).order_by("pk"):
        events.setdefault(event.shipment_id, []).append(event)
    held = {
        hold.open_key: hold.outstanding
        for hold in Hold.objects.filter(open_key__in=[shipment.hold_key for shipment in shipments])
    }
    pictures = first_pictures(line.product_id for rows in lines.values() for line in rows)
    return OrderView(
        order,
        [
            ShipmentView(
                shipment=shipment,
                shop_name=shipment.shop_name or "",
                shop_slug=shipment.shop_slug or "",
                lines=[
                    LineView(position, line, slugs[line.pk], pictures.get(line.product_id))
                    for position, line in enumerate(lines.get(shipment.pk, []), start=1)
                ],
                events=events.get(shipment.pk, []),
                held=held.get(shipment.hold_key, 0),
                ordered=sum(line.unit_price * line.quantity for line in lines.get(shipment.pk, [])),
                settlement=getattr(shipment, "settlement", None),
            )
            for shipment in shipments
        ],
    )
