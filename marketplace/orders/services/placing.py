"""Writing an order down: what was agreed becomes shipments, sold pieces and held money.

Whatever sells ends here: the cart's checkout does, and what comes without a cart (an auction's winner, a
program, a replacement) brings its own items.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError

from marketplace.accounts.models import phone_number
from marketplace.common import clock
from marketplace.common.authorisation import Actor
from marketplace.common.errors import Invalid
from marketplace.common.inserting import insert
from marketplace.common.places import Place
from marketplace.notifications.services import Notice, notify_many
from marketplace.orders.models import Order, Shipment, ShipmentEvent, ShipmentLine
from marketplace.orders.notices import ORDER_CREATED, SALE_MADE
from marketplace.orders.states import ShipmentStatus
from marketplace.products.models import Product
from marketplace.products.services import take_stock
from marketplace.wallet.models import HoldKind
from marketplace.wallet.services import HoldRequest, place_holds


@dataclass(frozen=True)
class Item:
    """Pieces of a product as buyer and seller agreed on them; both prices are of one piece, in minor units."""

    product_id: int
    seller_id: int
    title: str
    sku: str
    quantity: int
    unit_price: int
    list_price: int

    @classmethod
    def of(cls, product: Product, *, quantity: int, unit_price: int) -> Self:
        """`quantity` pieces of a product as it is now, at `unit_price`."""
        return cls(
            product_id=product.pk,
            seller_id=product.seller_id,
            title=product.title,
            sku=product.sku,
            quantity=quantity,
            unit_price=unit_price,
            list_price=product.price,
        )

    @property
    def total(self) -> int:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class Recipient:
    """Who opens the door, and how to reach them; whoever says it, it is something that a courier can use."""

    name: str
    phone: str
    notes: str = ""

    def __post_init__(self) -> None:
        """Raises `Invalid` with the field that the order cannot take, or that is no phone number."""
        for name in ("name", "phone", "notes"):
            column, value = getattr(Order, f"ship_{name}").field, getattr(self, name)
            try:
                column.clean(value, None)
                if name == "phone":
                    phone_number(value)
            except ValidationError as error:
                raise Invalid(error.messages[0], field=name) from error


@dataclass(frozen=True)
class Address:
    """Where the door is: the address as it is written, and its place on the map."""

    text: str
    place: Place


def write_order(
    *,
    actor: Actor,
    buyer_id: int,
    number: str,
    items: Sequence[Item],
    recipient: Recipient,
    address: Address,
    last_cart_line: int | None = None,
) -> Order:
    """Write an order: a shipment a seller, its goods off the stock, its money held, everybody told.

    `buyer_id` pays and receives; `actor` is who the history says did it: the buyer, or SYSTEM for what the
    clock sold. `number` is the order's public one, chosen before (a form key's result); no product stands in
    two of the `items`. `last_cart_line` is the newest line of the cart that it was, which is ordered once.
    An inner step: the caller has the products' locks (`lock_products`) and no wallet's, and knows that
    the buyer may buy and that the prices hold. Raises `OutOfStock` and `InsufficientFunds`.
    """
    order = Order.objects.create(
        number=number,
        buyer_id=buyer_id,
        total=sum(item.total for item in items),
        last_cart_line=last_cart_line,
        ship_name=recipient.name,
        ship_phone=recipient.phone,
        ship_notes=recipient.notes,
        ship_address=address.text,
        ship_lat=address.place.lat,
        ship_lng=address.place.lng,
        placed_at=clock.now(),
    )
    shipments = _write_shipments(order, items, actor)
    take_stock(quantities={item.product_id: item.quantity for item in items}, cause=f"order:{order.pk}")
    notify_many(list(_notices(order, shipments)))
    _hold_money(order, shipments)
    return order


def _write_shipments(order: Order, items: Sequence[Item], actor: Actor) -> list[Shipment]:
    """One shipment a seller, with its lines and the first row of its history: three INSERTs."""
    by_seller: dict[int, list[Item]] = {}
    for item in items:
        by_seller.setdefault(item.seller_id, []).append(item)
    shipments = {
        seller_id: Shipment(
            order=order,
            seller_id=seller_id,
            total=sum(item.total for item in items),
            commission_bps=settings.COMMISSION_BPS,
            placed_at=order.placed_at,
        )
        for seller_id, items in by_seller.items()
    }
    insert(shipments.values())
    if any(shipment.pk is None for shipment in shipments.values()):  # MySQL does not tell the new keys
        keys = dict(Shipment.objects.filter(order=order).values_list("seller_id", "pk"))
        for seller_id, shipment in shipments.items():
            shipment.pk = keys[seller_id]
    insert(
        ShipmentLine(
            shipment=shipments[item.seller_id],
            product_id=item.product_id,
            title=item.title,
            sku=item.sku,
            unit_price=item.unit_price,
            list_price=item.list_price,
            quantity=item.quantity,
        )
        for item in items
    )
    insert(
        ShipmentEvent(
            shipment=shipment, actor_id=actor.pk, to_status=ShipmentStatus.PLACED, at=order.placed_at
        )
        for shipment in shipments.values()
    )
    return list(shipments.values())


def _notices(order: Order, shipments: list[Shipment]) -> Iterable[Notice]:
    yield Notice(
        order.buyer_id,
        ORDER_CREATED,
        order,
        f"order:{order.pk}:created",
        {"number": order.number, "total": order.total, "shipments": len(shipments)},
    )
    for shipment in shipments:
        yield Notice(
            shipment.seller_id,
            SALE_MADE,
            shipment,
            f"shipment:{shipment.pk}:sold",
            {"number": order.number, "total": shipment.total, "shipment": shipment.number},
        )


def _hold_money(order: Order, shipments: list[Shipment]) -> None:
    """Put the buyer's money aside, a hold a shipment: the last step, because wallets are the last locks.

    What brings a hold of its own (an auction's winner) will convert it here instead.
    """
    place_holds(
        owner_id=order.buyer_id,
        kind=HoldKind.SHIPMENT,
        requests=[HoldRequest(shipment.total, shipment.hold_key, shipment) for shipment in shipments],
        memo=order.number,
    )
