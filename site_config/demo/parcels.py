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
from marketplace.common.idempotency import new_form_key
from marketplace.common.money import exponent
from marketplace.delivery.models import Delivery
from marketplace.delivery.places import Place
from marketplace.delivery.proofs import pin_of
from marketplace.delivery.services import (
    bypass_proof,
    cancel_line,
    cancel_shipment,
    claim_shipment,
    complete_shipment,
    confirm_delivery,
    fail_attempt,
    pick_up,
)
from marketplace.delivery.states import MAX_TRIES, DeliveryStatus
from marketplace.orders.models import Order, Shipment
from marketplace.orders.selectors import cart_view
from marketplace.orders.services import (
    CartRef,
    add_to_cart,
    pack_shipment,
    place_order,
    remind_of_completion,
)
from marketplace.orders.states import BEFORE_PICK_UP, ShipmentStatus

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
    cart = CartRef(user_id=buyer.pk)
    for title, pieces in story.lines.items():
        add_to_cart(cart=cart, product_id=products[title], quantity=pieces)
    with terms_of(story.ago):
        place_order(
            actor=buyer,
            form_key=new_form_key(user_id=buyer.pk, action="checkout"),
            seen_total=cart_view(cart).total,
        )


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
        return self.shipment.deliveries.order_by("pk").last()

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

    def _key(self, who: User, action: str, subject: object) -> str:
        return new_form_key(user_id=who.pk, action=action, subject=subject)

    # --- the steps ---

    def cancel(self) -> None:
        shipment, buyer = self.shipment, self.shipment.order.buyer
        if self.way.cancelled_by_seller:
            reason = self.way.cancelled_by_seller
            cancel_shipment(shipment_id=shipment.pk, actor=shipment.seller, reason=reason)
        elif self.way.cancelled == WHOLE:
            cancel_shipment(shipment_id=shipment.pk, actor=buyer, reason="Found one at home")
        elif self.way.cancelled == ONE_PIECE and not shipment.lines.filter(cancelled_quantity__gt=0).exists():
            line = shipment.lines.order_by("-quantity").first()
            key = self._key(buyer, "cancel_line", line.pk)
            cancel_line(line_id=line.pk, quantity=1, actor=buyer, form_key=key)

    def pack(self) -> None:
        if self.shipment.status in BEFORE_PICK_UP:
            pack_shipment(shipment_id=self.shipment.pk, actor=self.shipment.seller)

    def claim(self) -> None:
        if self.shipment.status == ShipmentStatus.PLACED:
            with terms_of(self.way.claimed):
                claim_shipment(shipment_id=self.shipment.pk, actor=self.courier)

    def pick_up(self) -> None:
        if self._is(DeliveryStatus.CLAIMED):
            pick_up(delivery_id=self.job.pk, actor=self.courier)

    def miss(self, number: int, miss: Miss) -> None:
        if self.shipment.attempts.count() > number or not self._is(DeliveryStatus.CARRYING):
            return
        courier = self.courier
        fail_attempt(
            delivery_id=self.job.pk,
            actor=courier,
            reason=miss.reason,
            note=miss.note,
            photo=self._photo() if miss.has_photo else None,
            place=self.place,
            form_key=self._key(courier, "fail_attempt", self.job.pk),
        )

    def lock(self) -> None:
        """The courier misheard the PIN on the phone, five times."""
        if not self._is(DeliveryStatus.CARRYING):
            return
        for _try in range(MAX_TRIES):
            proof = self.shipment.proofs.get(current_key__isnull=False)
            self._give(f"{(int(pin_of(proof)) + 7) % 1_000_000:06d}")

    def confirm(self) -> None:
        """With the PIN of whoever takes it: the buyer, or the seller when it comes back."""
        if self._is(DeliveryStatus.CARRYING, DeliveryStatus.RETURNING):
            self._give(pin_of(self.shipment.proofs.get(current_key__isnull=False)))

    def _give(self, pin: str) -> None:
        courier, job = self.courier, self.job
        confirm_delivery(
            delivery_id=job.pk,
            actor=courier,
            pin=pin,
            place=self.place,
            form_key=self._key(courier, "confirm_delivery", job.pk),
        )

    def bypass(self) -> None:
        if self.shipment.status != ShipmentStatus.SHIPPED:
            return
        admin = self._person(ADMIN.email)
        bypass_proof(
            shipment_id=self.shipment.pk,
            actor=admin,
            reason="The buyer's phone is broken; he showed his passport at the door.",
            photo=self._photo(),
            form_key=self._key(admin, "bypass_proof", self.shipment.pk),
        )

    def _photo(self) -> io.BytesIO:
        picture = studio.photograph(PARCEL, product=self.shop, palette="stone", shot=studio.FRONT)
        return io.BytesIO(picture)

    def accept(self) -> None:
        if self.shipment.status == ShipmentStatus.DELIVERED:
            complete_shipment(shipment_id=self.shipment.pk, actor=self.shipment.order.buyer)

    def remind(self) -> None:
        remind_of_completion(clock.now())

    def complete(self) -> None:
        if self.shipment.status == ShipmentStatus.DELIVERED:
            complete_shipment(shipment_id=self.shipment.pk, actor=SYSTEM)
