"""The world that the permission table is asked in: nine people, and one thing in every state that a route needs.

`World.shipments` is keyed by the `state` column of docs/permissions.tsv; each shipment is
alone in its order, which Bo placed with So.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from PIL import Image

from marketplace.accounts.models import Role, User
from marketplace.accounts.services import save_location, save_profile
from marketplace.common.idempotency import new_form_key
from marketplace.delivery.models import Delivery
from marketplace.delivery.proofs import pin_of, token_of
from marketplace.delivery.services import (
    bypass_proof,
    cancel_shipment,
    claim_shipment,
    complete_shipment,
    confirm_delivery,
    fail_attempt,
    pick_up,
)
from marketplace.delivery.states import MAX_TRIES
from marketplace.notifications.models import Notification
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.models import Order, Shipment
from marketplace.orders.selectors import cart_view
from marketplace.orders.services import add_to_cart, place_order
from marketplace.products import services as products
from marketplace.products.models import Brand, Category, Product
from marketplace.products.states import BrandStatus, ListingStatus
from marketplace.wallet.models import TopUp
from marketplace.wallet.payments.desk import payment_page
from marketplace.wallet.services import start_top_up, top_up_wallet
from site_config.testing.people import make_person

PEOPLE = {
    "An": "nobody is signed in",
    "Bu": "another buyer",
    "Bo": "the buyer of the object",
    "So": "the seller of the object",
    "Sx": "another seller",
    "Ca": "the courier of the object",
    "Cx": "another courier",
    "Ad": "an admin",
    "Su": "the superadmin",
}
# Where Bo's parcels go, and how Bo is called: in no other person's profile.
DOOR, PHONE = "Weserstraße 12", "+49 30 7770123"
ROLES = {
    "Bu": Role.USER,
    "Bo": Role.USER,
    "So": Role.SELLER,
    "Sx": Role.SELLER,
    "Ca": Role.DELIVERY,
    "Cx": Role.DELIVERY,
    "Ad": Role.ADMIN,
    "Su": Role.SUPERADMIN,
}


@dataclass
class World:
    people: dict[str, User | None] = field(default_factory=lambda: {"An": None})
    category: Category = None
    brand: Brand = None
    lamp: Product = None
    chair: Product = None
    top_up: TopUp = None
    shipments: dict[str, Shipment] = field(default_factory=dict)

    def notice(self) -> Notification:
        """What the store told the buyer of the object."""
        return Notification.objects.filter(recipient=self.people["Bo"]).earliest("pk")

    def job_of(self, shipment: Shipment) -> Delivery:
        """The courier's job for a shipment."""
        return shipment.deliveries.latest("pk")

    def photo_of(self, shipment: Shipment) -> str:
        """The public name of the photo of a parcel at a door."""
        row = shipment.attempts.exclude(photo="").first() or shipment.proofs.exclude(photo="").get()
        return row.public_id

    def pin(self, shipment: Shipment) -> str:
        """The PIN that is waited for: the buyer's, or on the way back the seller's."""
        return pin_of(shipment.proofs.filter(current_key__isnull=False).latest("pk"))

    def token(self, shipment: Shipment) -> str:
        """What its QR code holds."""
        return token_of(shipment.proofs.filter(current_key__isnull=False).latest("pk"))

    def key(self, who: str, action: str, subject: object = "") -> str:
        """A form key as the page of this person would hold it."""
        person = self.people[who]
        return new_form_key(user_id=person.pk if person else None, action=action, subject=subject)


def build() -> World:
    """Everybody, their goods, money and carts, and a shipment in every state."""
    world = World()
    for code in ("Su", *ROLES):  # the superadmin first: somebody must have made the admin
        if code not in world.people:
            world.people[code] = make_person(ROLES[code], name=f"{code} {PEOPLE[code]}")
    _stock(world)
    for code in ("Bu", "Bo", "So", "Sx"):
        top_up_wallet(user_id=world.people[code].pk, amount=200_000, key=f"everybody:{code}")
    bo = world.people["Bo"]
    save_profile(user_id=bo.pk, name="Beatrice Boyle", phone=PHONE, time_zone="")
    save_location(
        user_id=bo.pk, lat=Decimal("52.486243"), lng=Decimal("13.424805"), address=f"{DOOR}, 12045 Berlin"
    )
    world.top_up = start_top_up(user_id=bo.pk, amount=2_500, form_key=world.key("Bo", "top_up"))
    payment_page(top_up_id=world.top_up.pk, return_url="http://localhost/wallet/")
    world.top_up.refresh_from_db()
    for state, reach in STATES.items():
        world.shipments[state] = reach(world)
    # Everybody who may buy has something in the cart that is not their own.
    for code, product in {"Bu": world.lamp, "Bo": world.lamp, "Sx": world.lamp, "So": world.chair}.items():
        add_to_cart(cart=CartRef(user_id=world.people[code].pk), product_id=product.pk, quantity=2)
    return world


def _stock(world: World) -> None:
    world.category = products.create_category(name="Lamps")
    world.brand = products.create_brand(name="Northwind", status=BrandStatus.APPROVED)
    for name, seller in (("lamp", "So"), ("chair", "Sx")):
        product = products.create_product(
            seller_id=world.people[seller].pk,
            category_id=world.category.pk,
            brand_id=world.brand.pk,
            title=name.title(),
            description="Made to be used every day.",
            price=1_500,
            stock=500,
            status=ListingStatus.LIVE,
        )
        setattr(world, name, product)


def _order(world: World) -> Order:
    """Bo orders two lamps of So's."""
    cart = CartRef(user_id=world.people["Bo"].pk)
    add_to_cart(cart=cart, product_id=world.lamp.pk, quantity=2)
    return place_order(
        actor=world.people["Bo"],
        form_key=world.key("Bo", "checkout"),
        seen_total=cart_view(cart).total,
    )


def _placed(world: World) -> Shipment:
    return _order(world).shipments.get()


def _claimed(world: World) -> Shipment:
    shipment = _placed(world)
    claim_shipment(shipment_id=shipment.pk, actor=world.people["Ca"])
    return shipment


def _carried(world: World) -> Shipment:
    shipment = _claimed(world)
    pick_up(delivery_id=world.job_of(shipment).pk, actor=world.people["Ca"])
    return shipment


def _failed(world: World, reason: str = "absent") -> Shipment:
    shipment = _carried(world)
    job = world.job_of(shipment)
    fail_attempt(
        delivery_id=job.pk,
        actor=world.people["Ca"],
        reason=reason,
        note="Nobody opened",
        photo=a_photo(),
        place=None,
        form_key=world.key("Ca", "fail_attempt", job.pk),
    )
    return shipment


def a_photo() -> io.BytesIO:
    """A photo as a phone sends it."""
    photo = io.BytesIO()
    Image.new("RGB", (320, 320), "#c9b79c").save(photo, "JPEG")
    photo.seek(0)
    photo.name = "door.jpg"
    return photo


def _bypassed(world: World) -> Shipment:
    shipment = _carried(world)
    bypass_proof(
        shipment_id=shipment.pk,
        actor=world.people["Ad"],
        reason="The buyer's phone is broken",
        photo=a_photo(),
        form_key=world.key("Ad", "bypass_proof", shipment.pk),
    )
    return shipment


def _locked(world: World) -> Shipment:
    shipment = _carried(world)
    for number in range(1, MAX_TRIES + 1):
        _confirm(world, shipment, wrong_by=number)
    return shipment


def _delivered(world: World) -> Shipment:
    shipment = _carried(world)
    _confirm(world, shipment)
    return shipment


def _completed(world: World) -> Shipment:
    shipment = _delivered(world)
    complete_shipment(shipment_id=shipment.pk, actor=world.people["Bo"])
    return shipment


def _returned(world: World) -> Shipment:
    shipment = _failed(world, "refused")
    _confirm(world, shipment)
    return shipment


def _confirm(world: World, shipment: Shipment, *, wrong_by: int = 0) -> None:
    """The courier gives the PIN that is waited for, or one that is `wrong_by` so much."""
    job = world.job_of(shipment)
    pin = f"{(int(world.pin(shipment)) + wrong_by) % 1_000_000:06d}"
    confirm_delivery(
        delivery_id=job.pk,
        actor=world.people["Ca"],
        pin=pin,
        place=None,
        form_key=world.key("Ca", "confirm_delivery", job.pk),
    )


# How a shipment gets into each state that docs/permissions.tsv names. At the end the courier has four
# active jobs: one more may be claimed.
STATES: Mapping[str, Callable[[World], Shipment]] = {
    "placed": _placed,
    "cancelled": lambda world: cancel_shipment(shipment_id=_placed(world).pk, actor=world.people["Bo"]),
    "delivered": _delivered,
    "bypassed": _bypassed,
    "completed": _completed,
    "returned": _returned,
    "claimed": _claimed,
    "carried": _failed,
    "locked": _locked,
    "returning": lambda world: _failed(world, "refused"),
}
