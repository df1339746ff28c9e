"""Writing an order down: what was agreed becomes shipments, sold pieces and held money.

Whatever sells ends here: the cart's checkout does, and what comes without a cart (an auction's winner, a
program, a replacement) brings its own items.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from marketplace.accounts.address_book import AddressWish
from marketplace.accounts.models import phone_number
from marketplace.common import clock
from marketplace.common.authorisation import Actor
from marketplace.common.errors import Invalid
from marketplace.common.inserting import insert
from marketplace.common.places import Place
from marketplace.common.tax import rate_of
from marketplace.coupons.models import Coupon
from marketplace.coupons.services.steps import take as use_coupons
from marketplace.notifications.services import Notice, notify_many
from marketplace.orders.models import Order, Shipment, ShipmentEvent, ShipmentLine
from marketplace.orders.notices import ORDER_CREATED, SALE_MADE
from marketplace.orders.pick_ups import frozen_columns
from marketplace.orders.states import ShipmentStatus
from marketplace.orders.taxes import delivery_rate, set_tax
from marketplace.products.models import Variant
from marketplace.products.services import take_stock
from marketplace.rates.pricing import NO_RATES, Quote
from marketplace.wallet.models import HoldKind
from marketplace.wallet.services import HoldRequest, place_holds


@dataclass(frozen=True)
class Item:
    """Pieces of a locked variant (`lock_variants`) as buyer and seller agreed on them, at `unit_price` minor units."""

    variant: Variant
    quantity: int
    unit_price: int
    coupon_off: int = 0
    """What a coupon takes off all of them; a minor unit at least stays to be paid."""

    @property
    def seller_id(self) -> int:
        return self.variant.seller_id

    @property
    def total(self) -> int:
        """What they cost, less the coupon."""
        return self.unit_price * self.quantity - self.coupon_off


@dataclass(frozen=True)
class Recipient:
    """Who opens the door, and how to reach them; whoever says it, it is something that a courier can use."""

    name: str
    phone: str
    notes: str = ""

    def __post_init__(self) -> None:
        """Clean all three. Raises `Invalid` with the field that an order cannot take, or that is no phone number."""
        for name in ("name", "phone", "notes"):
            column, value = getattr(Order, f"ship_{name}").field, getattr(self, name)
            try:
                value = column.clean(value, None)
                if name == "phone":
                    phone_number(value)
            except ValidationError as error:
                raise Invalid(error.messages[0], field=name) from error
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Address:
    """Where the door is: the address as it is written, and its place on the map."""

    text: str
    place: Place


def destination_of(wish: AddressWish) -> Address:
    """Where an address that was typed is. Raises `Invalid` with the field for what an order cannot keep."""
    column = Order._meta.get_field("ship_address")
    try:
        place = Place(wish.lat, wish.lng)
    except (ArithmeticError, ValueError) as error:
        raise Invalid(_("This is not a place on Earth."), field="lat") from error
    try:
        return Address(column.clean(wish.address, None), place)
    except ValidationError as error:
        raise Invalid(error.messages[0], field="address") from error


def write_order(
    *,
    actor: Actor,
    buyer_id: int,
    number: str,
    items: Sequence[Item],
    recipient: Recipient,
    address: Address,
    deliveries: Mapping[int, Quote] | None = None,
    coupons: Mapping[int, Coupon] | None = None,
    last_cart_line: int | None = None,
) -> Order:
    """Write an order: a shipment a seller, its goods off the stock, its money held, everybody told.

    `buyer_id` pays and receives; `actor` is who the history says did it: the buyer, or SYSTEM for what the
    clock sold. `number` is the order's public one, chosen before (a form key's result); no variant stands in
    two of the `items`. `coupons` (seller → locked coupon) is what took off the `coupon_off` of their items: its use is
    written here. `last_cart_line` is the newest line of the cart that it was, which is ordered once.
    An inner step: the caller has the variants' locks (`lock_variants`) and no wallet's, and knows that
    the buyer may buy and that the prices hold. Raises `OutOfStock` and `InsufficientFunds`.
    """
    deliveries, coupons = deliveries or {}, coupons or {}
    order = Order.objects.create(
        number=number,
        buyer_id=buyer_id,
        total=sum(item.total for item in items) + sum(quote.terms.buyer for quote in deliveries.values()),
        last_cart_line=last_cart_line,
        ship_name=recipient.name,
        ship_phone=recipient.phone,
        ship_notes=recipient.notes,
        ship_address=address.text,
        ship_lat=address.place.lat,
        ship_lng=address.place.lng,
        placed_at=clock.now(),
    )
    shipments = _write_shipments(order, items, deliveries, coupons, actor)
    reductions = {
        coupon: sum(item.coupon_off for item in items if item.seller_id == seller_id)
        for seller_id, coupon in coupons.items()
    }
    use_coupons(person_id=buyer_id, order=order.number, reductions=reductions)
    take_stock(
        variants={item.variant.pk: item.variant for item in items},
        quantities={item.variant.pk: item.quantity for item in items},
        cause=f"order:{order.pk}",
    )
    notify_many(list(_notices(order, shipments)))
    _hold_money(order, shipments)
    return order


def _write_shipments(
    order: Order,
    items: Sequence[Item],
    deliveries: Mapping[int, Quote],
    coupons: Mapping[int, Coupon],
    actor: Actor,
) -> list[Shipment]:
    """One shipment a seller, with its lines and the first row of its history: three INSERTs."""
    by_seller: dict[int, list[Item]] = {}
    for item in items:
        by_seller.setdefault(item.seller_id, []).append(item)
    shipments = {
        seller_id: _shipment(
            order, seller_id, items, deliveries.get(seller_id, NO_RATES), coupons.get(seller_id)
        )
        for seller_id, items in by_seller.items()
    }
    insert(shipments.values())
    if any(shipment.pk is None for shipment in shipments.values()):  # MySQL does not tell the new keys
        keys = dict(Shipment.objects.filter(order=order).values_list("seller_id", "pk"))
        for seller_id, shipment in shipments.items():
            shipment.pk = keys[seller_id]
    lines = [
        ShipmentLine(
            shipment=shipments[item.seller_id],
            variant_id=item.variant.pk,
            title=item.variant.product.title,
            options=item.variant.options_text,
            sku=item.variant.sku,
            listing_number=item.variant.product.content_number,
            unit_price=item.unit_price,
            list_price=item.variant.price,
            coupon_agreed=item.coupon_off,
            coupon_off=item.coupon_off,
            quantity=item.quantity,
            tax_rate=None if product.is_small_business else rate_of(product.tax_class),
        )
        for item in items
        for product in [item.variant.product]
    ]
    for shipment in shipments.values():
        set_tax([line for line in lines if line.shipment is shipment])
    insert(lines)
    insert(
        ShipmentEvent(
            shipment=shipment, actor_id=actor.pk, to_status=ShipmentStatus.PLACED, at=order.placed_at
        )
        for shipment in shipments.values()
    )
    return list(shipments.values())


def _shipment(
    order: Order, seller_id: int, items: Sequence[Item], quote: Quote, coupon: Coupon | None
) -> Shipment:
    """A seller's part of it, with what its delivery costs and how it is taxed frozen on it."""
    terms, tax = quote.terms, delivery_rate()
    return Shipment(
        order=order,
        seller_id=seller_id,
        total=sum(item.total for item in items) + terms.buyer,
        commission_bps=settings.COMMISSION_BPS,
        delivery_agreed=terms.buyer,
        delivery_price=terms.buyer,
        delivery_by_seller=terms.seller,
        delivery_full=terms.full,
        courier_share=terms.courier,
        delivery_metres=quote.metres,
        rates=quote.table,
        is_small_business=tax is not None and any(item.variant.product.is_small_business for item in items),
        delivery_tax_rate=tax,
        coupon=coupon,
        placed_at=order.placed_at,
        **frozen_columns([item.variant.product for item in items]),
    )


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
            {"number": order.number, "total": shipment.goods_total, "shipment": shipment.number},
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
