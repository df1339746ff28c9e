"""What is read of carts, orders and shipments, and by whom."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import F, QuerySet, Subquery, Sum

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.products.models import ProductImage
from marketplace.products.pictures import picture
from marketplace.products.prices import Shown, shown_prices
from marketplace.products.states import ListingStatus
from marketplace.wallet.models import Hold

from .cart_ref import CartRef
from .models import CartLine, Order, Shipment, ShipmentEvent, ShipmentLine
from .states import BEFORE_PICK_UP, TONES, ShipmentStatus


@dataclass(frozen=True)
class CartItem:
    """A line of a cart as it stands now. Prices are of one piece, in minor units."""

    line_id: int
    product_id: int
    slug: str
    title: str
    seller_id: int
    quantity: int
    stock: int
    is_live: bool
    price: int
    list_price: int
    price_seen: int
    lowest_price_30d: int | None = None
    picture: dict | None = None

    @property
    def is_buyable(self) -> bool:
        """Whether the line counts: paused and sold-out ones are shown and kept out of the total."""
        return self.is_live and self.stock > 0

    @property
    def is_short(self) -> bool:
        """Whether there are fewer pieces than the line wants."""
        return self.is_buyable and self.quantity > self.stock

    @property
    def has_risen(self) -> bool:
        """Whether it costs more than the shopper agreed to, so that they must be asked."""
        return self.is_buyable and self.price > self.price_seen

    @property
    def has_dropped(self) -> bool:
        return self.is_buyable and self.price < self.price_seen

    @property
    def is_reduced(self) -> bool:
        return self.price < self.list_price

    @property
    def total(self) -> int:
        return self.price * self.quantity if self.is_buyable else 0


@dataclass(frozen=True)
class SellerPart:
    """What a cart holds of one seller: a shipment to be."""

    seller_id: int
    shop_name: str
    shop_slug: str
    items: list[CartItem] = field(default_factory=list)

    @cached_property
    def total(self) -> int:
        return sum(item.total for item in self.items)

    @property
    def is_buyable(self) -> bool:
        return any(item.is_buyable for item in self.items)


@dataclass(frozen=True)
class CartView:
    """A whole cart as the cart and checkout pages show it."""

    parts: list[SellerPart] = field(default_factory=list)

    @cached_property
    def items(self) -> list[CartItem]:
        return [item for part in self.parts for item in part.items]

    @cached_property
    def buyable_parts(self) -> list[SellerPart]:
        return [part for part in self.parts if part.is_buyable]

    @cached_property
    def total(self) -> int:
        """What checking out would cost now, in minor units."""
        return sum(part.total for part in self.parts)

    @cached_property
    def pieces(self) -> int:
        return sum(item.quantity for item in self.items)

    @cached_property
    def seen_lines(self) -> dict[int, int]:
        """What would be ordered: product id → pieces. The checkout form sends it back."""
        return {item.product_id: item.quantity for item in self.items if item.is_buyable}

    @cached_property
    def risen(self) -> list[CartItem]:
        return [item for item in self.items if item.has_risen]

    @cached_property
    def is_ready(self) -> bool:
        """Whether nothing stands between this cart and the checkout."""
        return bool(self.seen_lines) and not self.risen and not any(item.is_short for item in self.items)


_PRICES = ("price", "current_price", "lowest_price_30d")


def cart_view(cart: CartRef | None) -> CartView:
    """The cart, grouped by seller in the order in which their goods came in: two queries (four right at the
    edge of a price window)."""
    if cart is None:
        return CartView()
    rows = list(
        CartLine.objects.filter(cart.where("cart__"))
        .order_by("pk")
        .values(
            "pk",
            "product_id",
            "quantity",
            "price_seen",
            "product__slug",
            "product__title",
            "product__stock",
            "product__status",
            "product__price_changes_at",
            *(f"product__{name}" for name in _PRICES),
            "product__seller_id",
            shop_name=F("product__seller__seller_profile__shop_name"),
            shop_slug=F("product__seller__seller_profile__slug"),
        )
    )
    now = clock.now()
    # The column is right up to the next edge of a price window; past it the windows are read themselves.
    due = [
        {"id": row["product_id"], **{name: row[f"product__{name}"] for name in _PRICES}}
        for row in rows
        if row["product__price_changes_at"] and row["product__price_changes_at"] <= now
    ]
    fresh = shown_prices(due, now) if due else {}
    pictures = first_pictures(row["product_id"] for row in rows)
    parts: dict[int, SellerPart] = {}
    for row in rows:
        seller_id = row["product__seller_id"]
        part = parts.setdefault(
            seller_id, SellerPart(seller_id, row["shop_name"] or "", row["shop_slug"] or "")
        )
        tag = fresh.get(row["product_id"]) or Shown(
            row["product__current_price"], row["product__lowest_price_30d"]
        )
        part.items.append(
            CartItem(
                line_id=row["pk"],
                product_id=row["product_id"],
                slug=row["product__slug"],
                title=row["product__title"],
                seller_id=seller_id,
                quantity=row["quantity"],
                stock=row["product__stock"],
                is_live=row["product__status"] == ListingStatus.LIVE,
                price=tag.price,
                list_price=row["product__price"],
                price_seen=row["price_seen"],
                lowest_price_30d=tag.lowest_30d,
                picture=pictures.get(row["product_id"]),
            )
        )
    return CartView(list(parts.values()))


def first_pictures(product_ids: Iterable[int]) -> dict[int, dict]:
    """The first picture of each product, as components/picture.html draws it: one query."""
    pictures: dict[int, dict] = {}
    images = (
        ProductImage.objects.filter(product_id__in=set(product_ids))
        .order_by("position", "pk")
        .values_list("product_id", "picture", "width", "height", "alt_text")
    )
    for product_id, *image in images:
        if product_id not in pictures:
            pictures[product_id] = picture(*image)
    return pictures


def cart_count(cart: CartRef | None) -> int:
    """How many pieces the cart holds."""
    if cart is None:
        return 0
    return CartLine.objects.filter(cart.where("cart__")).aggregate(n=Sum("quantity"))["n"] or 0


# --- orders ---------------------------------------------------------------------------------------

PAGE_SIZE = 10
PICTURES_SHOWN = 5


def orders_of_buyer(user: User) -> QuerySet[Order]:
    """The orders that this person placed."""
    return Order.objects.filter(buyer=user)


def orders_for(user: User) -> QuerySet[Order]:
    """The orders that this person may open whole: their own, or all of them for staff."""
    return Order.objects.all() if user.is_store_staff else orders_of_buyer(user)


def shipments_of_seller(user: User) -> QuerySet[Shipment]:
    """The shipments that this person has to send; other sellers' parts of the same orders are not theirs."""
    return Shipment.objects.filter(seller=user)


@dataclass(frozen=True)
class OrderCard:
    """An order as the list shows it."""

    order: Order
    pieces: int
    sellers: list[str]
    pictures: list[dict]
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
    lines: dict[int, list[dict]] = {}
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
    """A line of a shipment with its product's picture and address as they are today."""

    line: ShipmentLine
    slug: str
    picture: dict | None


@dataclass(frozen=True)
class Step:
    """A step of a timeline (templates/components/timeline.html)."""

    label: str
    state: str
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True)
class ShipmentView:
    """A shipment as its buyer sees it."""

    shipment: Shipment
    shop_name: str
    shop_slug: str
    lines: list[LineView]
    steps: list[Step]
    notes: list[ShipmentEvent]
    held: int
    ordered: int

    @property
    def tone(self) -> str:
        return TONES[self.shipment.status]

    @property
    def can_be_cancelled(self) -> bool:
        return self.shipment.status in BEFORE_PICK_UP

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

    def line(self, line_id: int) -> tuple[ShipmentView, ShipmentLine] | None:
        """One line of this order and its shipment; None for one of another order."""
        for part in self.shipments:
            for view in part.lines:
                if view.line.pk == line_id:
                    return part, view.line
        return None


def order_view(order: Order) -> OrderView:
    """All that the order's page shows, in five queries however many shipments and lines there are."""
    shipments = list(
        order.shipments.order_by("pk").annotate(
            shop_name=F("seller__seller_profile__shop_name"), shop_slug=F("seller__seller_profile__slug")
        )
    )
    ids = [shipment.pk for shipment in shipments]
    lines: dict[int, list[ShipmentLine]] = {}
    for line in (
        ShipmentLine.objects.filter(shipment__in=ids).annotate(slug=F("product__slug")).order_by("pk")
    ):
        lines.setdefault(line.shipment_id, []).append(line)
    events: dict[int, list[ShipmentEvent]] = {}
    for event in ShipmentEvent.objects.filter(shipment__in=ids).order_by("pk"):
        events.setdefault(event.shipment_id, []).append(event)
    held = {
        hold.open_key: hold.outstanding
        for hold in Hold.objects.filter(open_key__in=[f"shipment:{pk}" for pk in ids])
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
                    LineView(line, line.slug, pictures.get(line.product_id))
                    for line in lines.get(shipment.pk, [])
                ],
                steps=_steps(shipment, events.get(shipment.pk, [])),
                notes=[event for event in events.get(shipment.pk, []) if not event.is_step],
                held=held.get(f"shipment:{shipment.pk}", 0),
                ordered=sum(line.unit_price * line.quantity for line in lines.get(shipment.pk, [])),
            )
            for shipment in shipments
        ],
    )


_WAY = (
    (ShipmentStatus.PLACED, "placed_at"),
    (ShipmentStatus.PROCESSING, "claimed_at"),
    (ShipmentStatus.SHIPPED, "picked_up_at"),
    (ShipmentStatus.DELIVERED, "delivered_at"),
    (ShipmentStatus.COMPLETED, "completed_at"),
)


def _steps(shipment: Shipment, events: list[ShipmentEvent]) -> list[Step]:
    """The way of a shipment: what is done, where it is now, what is to come; or where it ended early."""
    reached = {event.to_status for event in events}
    reasons = {event.to_status: event.reason for event in events if event.is_step}
    ended_early = shipment.status in (
        ShipmentStatus.CANCELLED,
        ShipmentStatus.RETURNING,
        ShipmentStatus.RETURNED,
    )
    steps = []
    before = True
    for status, column in _WAY:
        if status == shipment.status:
            state = "done" if status == ShipmentStatus.COMPLETED else "now"
            before = False
        elif (ended_early and status in reached) or (not ended_early and before):
            state = "done"
        else:
            state = ""
        if state or not ended_early:
            steps.append(Step(status.label, state, getattr(shipment, column) if state else None))
    if ended_early:
        last = next((event for event in reversed(events) if event.is_step), None)
        status = ShipmentStatus(shipment.status)
        steps.append(Step(status.label, "trouble", last.at if last else None, reasons.get(status, "")))
    return steps
