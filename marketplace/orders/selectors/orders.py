"""What is read of orders and shipments, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet, Subquery

from marketplace.accounts.models import User
from marketplace.orders.models import Order, Settlement, Shipment, ShipmentEvent, ShipmentLine
from marketplace.orders.states import FINAL, TONES, ShipmentStatus
from marketplace.orders.taxes import TaxSum, tax_sums
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
    """An order as the list shows it.

    `total_now` is what is left to pay or was paid, in minor units, and `pieces` what it buys; the rest of the
    order's own total was `given_back`. `extra` of it came on top, for further tries and waiting.
    """

    order: Order
    ordered_pieces: int
    pieces: int
    total_now: int
    extra: int
    sellers: list[str]
    pictures: list[Picture]
    more: int

    @property
    def tone(self) -> str:
        return TONES[self.order.status]

    @property
    def given_back(self) -> int:
        """What was cancelled or came back, in minor units."""
        return self.order.total + self.extra - self.total_now


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
            "variant_id",
            "quantity",
            "unit_price",
            "coupon_off",
            "shipment_id",
            kept=F("quantity") - F("cancelled_quantity") - F("returned_quantity"),
            delivery=F("shipment__delivery_price") + F("shipment__delivery_back"),
            extra=F("shipment__delivery_extra"),
            status=F("shipment__status"),
            order_id=F("shipment__order_id"),
            shop=F("shipment__seller__seller_profile__shop_name"),
        )
    ):
        lines.setdefault(line["order_id"], []).append(line)
    first = {key: rows[:PICTURES_SHOWN] for key, rows in lines.items()}
    pictures = first_pictures(row["variant_id"] for rows in first.values() for row in rows)
    # What the delivery costs stands beside each line of its shipment, and counts once.
    parts = {key: {row["shipment_id"]: row for row in rows}.values() for key, rows in lines.items()}
    cards = [
        OrderCard(
            order=order,
            ordered_pieces=sum(row["quantity"] for row in lines.get(order.pk, [])),
            pieces=sum(row["kept"] for row in lines.get(order.pk, [])),
            total_now=sum(
                row["unit_price"] * row["kept"] - row["coupon_off"] for row in lines.get(order.pk, [])
            )
            + sum(part["delivery"] + part["extra"] for part in parts.get(order.pk, [])),
            extra=sum(_on_top(part["status"], part["extra"]) for part in parts.get(order.pk, [])),
            sellers=list(dict.fromkeys(row["shop"] or "" for row in lines.get(order.pk, []))),
            pictures=[
                pictures[row["variant_id"]]
                for row in first.get(order.pk, [])
                if row["variant_id"] in pictures
            ],
            more=max(0, len(lines.get(order.pk, [])) - PICTURES_SHOWN),
        )
        for order in shown
    ]
    return OrderPage(cards, shown[-1].number if len(found) > size else None)


def _on_top(status: str, extra: int) -> int:
    """What further tries and waiting cost beside what was ordered; of what came back it is out of that."""
    return 0 if status == ShipmentStatus.RETURNED else extra


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
    shop_address: str = ""
    """Where its seller is: a receipt names it, no page does."""
    coupon_code: str = ""

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
        """What was ordered and is not paid, in minor units: cancelled or returned pieces, and delivery."""
        return self.ordered - self.shipment.total + self.extra

    @property
    def extra(self) -> int:
        """What was paid besides, for further tries at the door and waiting there, in minor units."""
        return _on_top(self.shipment.status, self.shipment.delivery_extra)

    @property
    def coupon_off(self) -> int:
        """What a coupon takes off the kept pieces, in minor units."""
        return sum(view.line.coupon_off for view in self.lines)

    @property
    def taxes(self) -> list[TaxSum]:
        """What of it is tax, delivery included, by rate; [] where none is known or nothing is paid."""
        return tax_sums(self.shipment, [view.line for view in self.lines])

    @property
    def has_no_tax_known(self) -> bool:
        """Whether it was ordered while the store showed no tax."""
        return self.shipment.delivery_tax_rate is None

    @property
    def costs_delivery(self) -> bool:
        """Whether it was ordered in a store with rates, so that the page says what the delivery costs, free or not."""
        return self.shipment.rates_id is not None


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
    def extra(self) -> int:
        return sum(part.extra for part in self.shipments)

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
            shop_name=F("seller__seller_profile__shop_name"),
            shop_slug=F("seller__seller_profile__slug"),
            coupon_code=F("coupon__code"),
            home_address=F("seller__profile__location_address"),
        )
    )
    ids = [shipment.pk for shipment in shipments]
    lines: dict[int, list[ShipmentLine]] = {}
    slugs: dict[int, str] = {}
    for line in (
        ShipmentLine.objects.filter(shipment__in=ids)
        .annotate(slug=F("variant__product__slug"))
        .order_by("pk")
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
    pictures = first_pictures(line.variant_id for rows in lines.values() for line in rows)
    return OrderView(
        order,
        [
            ShipmentView(
                shipment=shipment,
                shop_name=shipment.shop_name or "",
                shop_slug=shipment.shop_slug or "",
                lines=[
                    LineView(position, line, slugs[line.pk], pictures.get(line.variant_id))
                    for position, line in enumerate(lines.get(shipment.pk, []), start=1)
                ],
                events=events.get(shipment.pk, []),
                held=held.get(shipment.hold_key, 0),
                ordered=sum(line.ordered_total for line in lines.get(shipment.pk, []))
                + shipment.delivery_agreed,
                settlement=getattr(shipment, "settlement", None),
                shop_address=shipment.pick_up_address or shipment.home_address or "",
                coupon_code=shipment.coupon_code or "",
            )
            for shipment in shipments
        ],
    )
