"""The world that the permission table is asked in: nine people, and one thing in every state that a route needs.

`World.shipments` is keyed by the `state` column of docs/permissions/; each shipment is
alone in its order, which Bo placed with So.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.test import override_settings

from marketplace.accounts.models import Role, User
from marketplace.applications.models import Application
from marketplace.common import clock
from marketplace.common.idempotency import new_form_key
from marketplace.coupons.models import Coupon
from marketplace.delivery.models import Attempt, Delivery, Proof
from marketplace.importing.models import ImportRun
from marketplace.invoicing.models import CommissionInvoice
from marketplace.invoicing.services import write_invoices
from marketplace.notifications.models import Notification
from marketplace.orders.models import Shipment
from marketplace.payouts.models import Payout, PayoutBatch
from marketplace.products import services
from marketplace.products.models import Brand, Category, Discount, Product, SaleEvent
from marketplace.products.states import ListingStatus
from marketplace.rates.services import Rates, publish_rates
from marketplace.reviewing.models import Submission
from marketplace.reviewing.states import Decision
from marketplace.wallet.models import TopUp
from site_config.acts import (
    applications,
    coupons,
    delivery,
    imports,
    orders,
    payouts,
    people,
    products,
    wallet,
)
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
# The states of So's listings that docs/permissions/ names: the shelf is a draft, the lamp is live, and what the stool
# says is being changed.
LISTED = ("draft", "live", "staged")
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


# What `World.applications` is keyed by.
APPLIED = ("waiting", "changes")
PAID_OUT = ("asked", "approved", "sent")
BATCHED = ("made", "sent")


@dataclass
class World:
    people: dict[str, User | None] = field(default_factory=lambda: {"An": None})
    category: Category = None
    brand: Brand = None
    lamp: Product = None
    chair: Product = None
    draft: Product = None
    staged: Product = None
    top_up: TopUp = None
    open_event: SaleEvent = None
    own_event: SaleEvent = None
    discount: Discount = None
    coupon: Coupon = None
    imports: dict[str, ImportRun] = field(default_factory=dict)
    shipments: dict[str, Shipment] = field(default_factory=dict)
    # Bo's is asked for changes, somebody else's waits.
    applications: dict[str, Application] = field(default_factory=dict)
    # So's, in three states.
    payouts: dict[str, Payout] = field(default_factory=dict)
    # One that waits, one that was sent.
    batches: dict[str, PayoutBatch] = field(default_factory=dict)
    # The store's, to So.
    invoice: CommissionInvoice | None = None

    def submission(self, state: str) -> Submission:
        """What is decided about the application in this state."""
        return applications.submission_of(self.applications[state])

    def notice(self) -> Notification:
        """What the store told the buyer of the object."""
        return Notification.objects.filter(recipient=self.people["Bo"]).earliest("pk")

    def job_of(self, shipment: Shipment) -> Delivery:
        """The courier's job for a shipment."""
        return delivery.job_of(shipment)

    def photo_of(self, shipment: Shipment) -> str:
        """The public name of the photo of a parcel at a door."""
        mine = {"consignment__shipment": shipment}
        tried = Attempt.objects.filter(**mine).exclude(photo="").first()
        row = tried or Proof.objects.filter(**mine).exclude(photo="").get()
        return row.public_id

    def pin(self, shipment: Shipment) -> str:
        """The PIN that is waited for: the buyer's, or on the way back the seller's."""
        return delivery.pin_of(shipment)

    def token(self, shipment: Shipment) -> str:
        """What its QR code holds."""
        return delivery.token_of(shipment)

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
    _reduce(world)
    world.coupon = coupons.make(world.people["So"])
    world.imports["checked"] = imports.look_through(world.people["So"], imports.product_file("Mug"))
    for code in ("Bu", "Bo", "So", "Sx"):
        wallet.top_up(world.people[code], 200_000)
    bo = world.people["Bo"]
    people.introduce(bo, name="Beatrice Boyle", phone=PHONE)
    people.settle(bo, lat=Decimal("52.486243"), lng=Decimal("13.424805"), address=f"{DOOR}, 12045 Berlin")
    # Their delivery costs nothing but what a courier waits at the door.
    publish_rates(rates=Rates(wait_fee=10, wait_most=100), actor=world.people["Ad"], expected_version=0)
    world.top_up = wallet.begin_top_up(bo, 2_500)
    for state, reach in STATES.items():
        world.shipments[state] = reach(world)
    _apply(world)
    _pay_out(world)
    _invoice(world)
    # Everybody who may buy has something in the cart that is not their own.
    for code, product in {"Bu": world.lamp, "Bo": world.lamp, "Sx": world.lamp, "So": world.chair}.items():
        orders.fill_cart(world.people[code], {product: 2})
    return world


def _stock(world: World) -> None:
    world.category = products.put_up_shelf("Lamps")
    world.brand = products.take_in_brand("Northwind")
    for name, seller in (("lamp", "So"), ("chair", "Sx")):
        product = products.offer(
            world.people[seller],
            world.category,
            title=name.title(),
            brand=world.brand,
            description="Made to be used every day.",
            price=1_500,
            stock=500,
        )
        setattr(world, name, product)
    world.draft = products.offer(
        world.people["So"],
        world.category,
        title="Shelf",
        description="Made to be used every day.",
        status=ListingStatus.DRAFT,
    )
    products.show(world.draft, alt_text="A shelf on a wall", size=(320, 320))
    world.staged = products.offer(
        world.people["So"], world.category, title="Stool", description="Made to be used every day."
    )
    products.show(world.staged, alt_text="A stool in a kitchen", size=(320, 320))
    edit = services.begin_edit(product_id=world.staged.pk, actor=world.people["So"])
    stool = services.Changes(title="Kitchen stool")
    services.change_edit(edit_id=edit.pk, changes=stool, actor=world.people["So"])


def _reduce(world: World) -> None:
    """An event of the store that sellers may join, and an event and a discount of So's; all of them are to come."""
    begin = clock.now() + timedelta(days=2)
    window = {"percent_bps": 1_000, "starts_at": begin, "ends_at": begin + timedelta(days=1)}
    world.open_event = services.open_sale_event(name="Spring", actor=world.people["Ad"], **window)
    mine = {"actor": world.people["So"], **window}
    world.own_event = services.run_own_event(name="Mine", product_ids=[world.lamp.pk], **mine)
    world.discount = services.create_discount(product_id=world.lamp.pk, **mine)


def _apply(world: World) -> None:
    waiting = make_person(Role.USER, name="Ap")
    world.applications["waiting"] = applications.apply(waiting, applications.shop_wish("Ap's apples"))
    changes = applications.apply(world.people["Bo"], applications.courier_wish("Beatrice Boyle"))
    world.applications["changes"] = applications.decide(
        changes, world.people["Su"], Decision.ASK_FOR_CHANGES, "Which districts?"
    )


def _pay_out(world: World) -> None:
    """What So earned by the completed parcel, in parts."""
    so, admin = world.people["So"], world.people["Ad"]
    payouts.give_account(so)
    for state in PAID_OUT:
        world.payouts[state] = payouts.ask(so, 500)
    payouts.approve(world.payouts["sent"], admin)
    world.batches["sent"] = payouts.send_file(payouts.make_file(admin), admin)
    payouts.approve(world.payouts["approved"], admin)
    world.batches["made"] = payouts.make_file(admin)
    for payout in world.payouts.values():
        payout.refresh_from_db()


def _invoice(world: World) -> None:
    """A sale of So's of which the store took a tenth, a month later."""
    with override_settings(COMMISSION_BPS=1_000):
        sold = orders.buy_shipment(world.people["Bo"], world.lamp)
    delivery.prove(delivery.carry(sold, world.people["Ca"]))
    delivery.complete(sold)
    write_invoices(clock.now() + timedelta(days=32))
    world.invoice = CommissionInvoice.objects.get()


def a_photo() -> object:
    """A photo as a phone sends it."""
    photo = products.picture_file("JPEG", (320, 320))
    photo.name = "door.jpg"
    return photo


# --- how Bo's two lamps of So's get into each state ---------------------------------------------


def _placed(world: World) -> Shipment:
    return orders.buy_shipment(world.people["Bo"], world.lamp, quantity=2)


def _claimed(world: World) -> Shipment:
    shipment = _placed(world)
    delivery.claim(shipment, world.people["Ca"])
    return shipment


def _carried(world: World) -> Shipment:
    shipment = _placed(world)
    delivery.carry(shipment, world.people["Ca"])
    return shipment


def _failed(world: World, reason: str = "absent") -> Shipment:
    shipment = _carried(world)
    delivery.fail(world.job_of(shipment), reason, note="Nobody opened", photo=a_photo())
    return shipment


def _bypassed(world: World) -> Shipment:
    shipment = _carried(world)
    delivery.bypass(shipment, world.people["Ad"], photo=a_photo(), reason="The buyer's phone is broken")
    return shipment


def _locked(world: World) -> Shipment:
    shipment = _carried(world)
    delivery.lock(world.job_of(shipment))
    return shipment


def _delivered(world: World) -> Shipment:
    shipment = _carried(world)
    delivery.prove(world.job_of(shipment))
    return shipment


def _completed(world: World) -> Shipment:
    shipment = _delivered(world)
    delivery.complete(shipment)
    return shipment


def _returned(world: World) -> Shipment:
    shipment = _failed(world, "refused")
    delivery.prove(world.job_of(shipment))
    return shipment


# How a shipment gets into each state that docs/permissions/ names. At the end the courier has four
# active jobs: one more may be claimed.
STATES: Mapping[str, Callable[[World], Shipment]] = {
    "placed": _placed,
    "cancelled": lambda world: delivery.cancel(_placed(world)),
    "delivered": _delivered,
    "bypassed": _bypassed,
    "completed": _completed,
    "returned": _returned,
    "claimed": _claimed,
    "carried": _failed,
    "locked": _locked,
    "returning": lambda world: _failed(world, "refused"),
}
