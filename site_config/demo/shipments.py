"""Lives the stories of the demo: every step is taken by calling its service, on its own day, once.

In its first weeks the demo's store took an eighth of a sale and paid its couriers by the parcel (`OLD_TERMS`);
since then it does what its settings say. An order keeps the commission and a job the fee that it began with.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.test import override_settings

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.common.money import exponent
from marketplace.common.places import Place
from marketplace.coupons.models import Coupon
from marketplace.delivery.models import Attempt, Delivery
from marketplace.delivery.states import DeliveryStatus
from marketplace.orders.models import Order, Shipment
from marketplace.orders.services import remind_of_completion
from marketplace.orders.states import BEFORE_PICK_UP, ShipmentStatus
from marketplace.products.models import Product, Variant
from site_config.acts import coupons, delivery, orders

from . import studio
from .people import ADMIN
from .stories import ONE_PIECE, STORIES, WHOLE, Miss, Story, Way

Entry = tuple[float, Callable[[], object]]
NEW_TERMS = 10  # days ago
COMMISSION_THEN = 1_250  # 1/100 %
FEE_THEN = 350  # hundredths of the store's currency
PARCEL = "1f381"  # the cut-out that stands for a parcel at a door
A_MOMENT = 0.01


def terms_of(ago: float) -> AbstractContextManager:
    """What the store took and paid on that day."""
    if ago <= NEW_TERMS:
        return nullcontext()
    fee = max(1, FEE_THEN * 10 ** exponent() // 100)
    return override_settings(COMMISSION_BPS=COMMISSION_THEN, COURIER_FEE=fee)


def diary(people: dict[str, int], products: dict[str, int]) -> Iterator[Entry]:
    """All orders and all steps of their parcels: (days ago, what happened)."""
    for story in STORIES:
        yield story.ago, partial(order, story, people, products)
        for shop, way in story.ways.items():
            yield from Parcel(story, shop, way, people).entries()


def order(story: Story, people: dict[str, int], products: dict[str, int]) -> None:
    """Place the order of a story, if nobody has."""
    if order_of(story, people):
        return
    buyer = User.objects.get(pk=people[story.buyer])
    there = Product.objects.in_bulk(products[title] for title in story.lines)
    with terms_of(story.ago):
        kinds = {_kind_of(there[products[title]]): pieces for title, pieces in story.lines.items()}
        orders.fill_cart(buyer, kinds)
        for coupon in Coupon.objects.filter(code__in=story.coupons):
            coupons.apply(buyer, coupon)
        orders.check_out(buyer)


def _kind_of(product: Product) -> Variant:
    """The kind that most people take: the one of which there is most."""
    offered = product.variants.filter(is_offered=True).select_related("product__seller")
    return offered.order_by("-stock", "position")[0]


def order_of(story: Story, people: dict[str, int]) -> Order | None:
    """The order of a story: a person's orders are placed in the order of their stories."""
    earlier = sum(other.buyer == story.buyer for other in STORIES[: STORIES.index(story)])
    return Order.objects.filter(buyer=people[story.buyer]).order_by("pk")[earlier : earlier + 1].first()


@dataclass(frozen=True)
class Parcel:
    """One shop's part of a story. A step looks whether it was taken before, so a second run changes nothing."""

    story: Story
    shop: str
    way: Way
    people: dict[str, int]

    def entries(self) -> Iterator[Entry]:
        """What happened to it, and when; what lies ahead is left out."""
        way = self.way
        if way.cancelled or way.cancelled_by_seller:
            yield self.story.ago - A_MOMENT, self.cancel
        for ago, step in (
            (way.packed, self.pack),
            (way.claimed, self.claim),
            (way.picked_up, self.pick_up),
            *((miss.ago, partial(self.miss, number, miss)) for number, miss in enumerate(way.misses)),
            (way.locked, self.lock),
            (way.delivered, self.confirm),
            (way.brought_back, self.confirm),
            (way.bypassed, self.bypass),
            (way.accepted, self.accept),
        ):
            if ago is not None:
                yield ago, step
        yield from self._what_the_clock_did()

    def _what_the_clock_did(self) -> Iterator[Entry]:
        way, days = self.way, settings.COMPLETION_DAYS
        arrived = way.delivered or way.bypassed
        if arrived is None or way.accepted is not None:
            return
        paid = arrived - days * (2 if way.bypassed else 1)
        if paid + 1 > A_MOMENT:
            yield paid + 1 - A_MOMENT, self.remind
        if paid > A_MOMENT:
            yield paid - A_MOMENT, self.complete

    # --- whom and what it is about ---

    @property
    def shipment(self) -> Shipment:
        shipments = order_of(self.story, self.people).shipments.select_related("seller", "order__buyer")
        return shipments.get(seller__seller_profile__shop_name=self.shop)

    @property
    def job(self) -> Delivery | None:
        return Delivery.objects.filter(consignment__shipment=self.shipment).order_by("pk").last()

    def _is(self, *statuses: str) -> bool:
        """Whether its courier is at one of these; not if somebody else (the clock) was here between two runs."""
        job = self.job
        return job is not None and job.status in statuses

    @property
    def courier(self) -> User:
        return self._person(self.way.courier)

    @property
    def place(self) -> Place:
        """Where the courier stood: at the door, as far as a phone knows."""
        order = self.shipment.order
        return Place(order.ship_lat, order.ship_lng, 18)

    def _person(self, email: str) -> User:
        return User.objects.get(pk=self.people[email])

    # --- the steps ---

    def cancel(self) -> None:
        shipment = self.shipment
        if self.way.cancelled_by_seller:
            reason = self.way.cancelled_by_seller
            delivery.cancel(shipment, shipment.seller, reason=reason)
        elif self.way.cancelled == WHOLE:
            delivery.cancel(shipment, reason="Found one at home")
        elif self.way.cancelled == ONE_PIECE and not shipment.lines.filter(cancelled_quantity__gt=0).exists():
            delivery.cancel_pieces(shipment.lines.order_by("-quantity").first())

    def pack(self) -> None:
        if self.shipment.status in BEFORE_PICK_UP:
            orders.pack(self.shipment)

    def claim(self) -> None:
        if self.shipment.status == ShipmentStatus.PLACED:
            with terms_of(self.way.claimed):
                delivery.claim(self.shipment, self.courier)

    def pick_up(self) -> None:
        if self._is(DeliveryStatus.CLAIMED):
            delivery.pick_up(self.job)

    def miss(self, number: int, miss: Miss) -> None:
        tried = Attempt.objects.filter(consignment__shipment=self.shipment).count()
        if tried > number or not self._is(DeliveryStatus.CARRYING):
            return
        photo = self._photo() if miss.has_photo else None
        delivery.fail(self.job, miss.reason, note=miss.note, photo=photo, place=self.place)

    def lock(self) -> None:
        """The courier misheard the PIN on the phone, five times."""
        if self._is(DeliveryStatus.CARRYING):
            delivery.lock(self.job, place=self.place)

    def confirm(self) -> None:
        """With the PIN of whoever takes it: the buyer, or the seller when it comes back."""
        if self._is(DeliveryStatus.CARRYING, DeliveryStatus.RETURNING):
            delivery.prove(self.job, place=self.place)

    def bypass(self) -> None:
        if self.shipment.status != ShipmentStatus.SHIPPED:
            return
        reason = "The buyer's phone is broken; he showed his passport at the door."
        delivery.bypass(self.shipment, self._person(ADMIN.email), photo=self._photo(), reason=reason)

    def _photo(self) -> io.BytesIO:
        picture = studio.photograph(PARCEL, product=self.shop, palette="stone", shot=studio.FRONT)
        return io.BytesIO(picture)

    def accept(self) -> None:
        if self.shipment.status == ShipmentStatus.DELIVERED:
            delivery.complete(self.shipment)

    def remind(self) -> None:
        remind_of_completion(clock.now())

    def complete(self) -> None:
        if self.shipment.status == ShipmentStatus.DELIVERED:
            delivery.complete(self.shipment, SYSTEM)
