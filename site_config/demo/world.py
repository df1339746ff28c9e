"""Builds the demo store by calling the services, in the order in which it would have happened.

First the people, shelves and listings of eighty days ago, then the pictures (drawn by all processors,
outside of any transaction), then a diary: what happened since, each thing on its own day. Every step
looks whether it is done already, so a run that was interrupted is finished by the next one.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from django.conf import settings
from django.db.models import Q

from marketplace.accounts.models import Role, User
from marketplace.accounts.saved import AddressKind
from marketplace.accounts.selectors import has_real_staff
from marketplace.common import clock, limits
from marketplace.common.authorisation import SYSTEM
from marketplace.common.tax import TaxClass
from marketplace.coupons.models import Coupon
from marketplace.notifications.models import Notification
from marketplace.notifications.services import mark_read
from marketplace.points.services import award_points
from marketplace.products.models import Brand, Category, Product
from marketplace.products.services import Figures, import_figures, set_tax_class
from marketplace.products.states import ListingStatus
from marketplace.rates.models import Payer
from marketplace.rates.selectors import current_table
from marketplace.rates.services import Rates, offer_free_delivery, publish_rates
from site_config.acts import coupons, people, products, wallet

from . import applicants, edits, listings, payouts, reductions, second_hand, shipments
from .goods import SHOPS as GOODS
from .item import Item
from .kinds import assignment_of, offered, shots_of
from .measures import days, minor
from .people import (
    ADMIN,
    FRESH,
    OTHER_ADDRESSES,
    PASSWORD,
    PEOPLE,
    PICK_UPS,
    SHOPPER,
    SHOPS,
    Person,
    place_of,
)
from .pictures_of import draw_all
from .reductions import NEEDED_EARLY
from .shelves import BRANDS, SHELVES, Shelf
from .stories import RATES_SINCE

SEED = 20_260
LATELY_REVIEWED = 3  # listings that came into the shop by the queue of reviews
OPENED = 80  # days ago
REDUCED = ("Food & Drink",)  # shelves whose goods have the reduced rate of tax, in a store that shows any
_READ = 2  # messages older than this were read


class Progress(Protocol):
    """What tells the person at the keyboard how far it is (tqdm, or nothing)."""

    def update(self, steps: int = 1) -> object: ...

    def set_description(self, text: str) -> object: ...


@dataclass
class World:
    """The ids that later steps need."""

    progress: Progress
    people: dict[str, int] = field(default_factory=dict)
    categories: dict[str, int] = field(default_factory=dict)
    brands: dict[str, int] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=dict)

    def user(self, person: Person) -> User:
        return User.objects.get(pk=self.people[person.email])


def is_complete() -> bool:
    """Whether the demo was built to its end: the last thing that it does is the fresh shopper's money."""
    return User.objects.filter(email=FRESH.email, wallet__balance__gt=0).exists()


def has_begun() -> bool:
    """Whether the demo's people are here."""
    return User.objects.filter(email=SHOPPER.email).exists()


def reasons_against() -> list[str]:
    """Why this store may be somebody's own, where people with a password from the README must not be."""
    reasons = []
    if not settings.DEBUG:
        reasons.append("DEBUG is off, as in a store that is run for real")
    if has_real_staff():
        reasons.append("it has admins of its own")
    return reasons


def items() -> list[tuple[str, str, Item]]:
    """Every item with its shop's name and its colours, in the order in which they are listed."""
    return [(goods.SHOP, goods.PALETTE, item) for goods in GOODS for item in goods.ITEMS]


def everybody() -> list[Person]:
    """Everybody who has an account."""
    return [*PEOPLE, *(shop.owner for shop in SHOPS), *(one.person for one in applicants.APPLICANTS)]


def steps() -> int:
    """How many steps of the progress bar `build` takes."""
    shots = sum(shots_of(item) for _shop, _palette, item in items())
    return len(everybody()) + 1 + len(items()) + shots + len(list(_diary(World(_Silent()), dry=True)))


def build(*, progress: Progress, processes: int) -> None:
    """Build what is missing. `processes` draw the pictures; 1 draws them in this one."""
    world = World(progress)
    with clock.moved(-days(OPENED)):
        _open_accounts(world)
        _put_up_shelves(world)
        _list_items(world)
    progress.set_description("Taking pictures")
    jobs = [assignment_of(world.products[item.title], item, palette) for _shop, palette, item in items()]
    for taken in draw_all(jobs, processes=processes):
        progress.update(taken)
    progress.set_description("Living through the last days")
    _tell_what_people_think(world)
    for ago, happen in sorted(_diary(world), key=lambda entry: -entry[0]):
        with limits.unlimited(), clock.moved(-days(ago)):
            happen()
        progress.update()


# --- people, shelves, listings ------------------------------------------------------------------


def _open_accounts(world: World) -> None:
    world.progress.set_description("Inviting people")
    for person in everybody():
        user = User.objects.filter(email=person.email).first()
        if user is None:
            # Sellers begin as shoppers, as everybody does, and then open a shop.
            role = Role.USER if person.role == Role.SELLER else person.role
            user = people.join(
                email=person.email, password=PASSWORD, name=person.name, role=role, phone=person.phone
            )
        else:  # a run that was interrupted may have got as far as the account
            people.introduce(user, name=person.name, phone=person.phone)
        world.people[person.email] = user.pk
        if person.place:
            people.settle(user, **place_of(person))
        world.progress.update()
    for shop in SHOPS:
        owner = world.user(shop.owner)
        people.open_shop(owner, name=shop.name, about=shop.about, ships_from=shop.ships_from)
    for user, kind, addresses in (
        (world.user(SHOPPER), AddressKind.DOOR, OTHER_ADDRESSES),
        (world.user(SHOPS[0].owner), AddressKind.PICK_UP, PICK_UPS),
    ):
        for label, name, phone, address, lat, lng, notes in addresses:
            people.save_address(
                user,
                label=label,
                name=name,
                phone=phone,
                address=address,
                lat=lat,
                lng=lng,
                notes=notes,
                kind=kind,
            )


def _put_up_shelves(world: World) -> None:
    world.progress.set_description("Putting up shelves")

    def put_up(shelf: Shelf, parent: Category | None) -> None:
        category = Category.objects.filter(name=shelf.name, parent=parent).first()
        if category is None:
            category = products.put_up_shelf(shelf.name, parent=parent, icon=shelf.icon)
            if shelf.name in REDUCED:
                set_tax_class(category_id=category.pk, tax_class=TaxClass.REDUCED, actor=SYSTEM)
        world.categories[shelf.name] = category.pk
        for below in shelf.below:
            put_up(below, category)

    for shelf in SHELVES:
        put_up(shelf, None)
    known = dict(Brand.objects.values_list("name", "pk"))
    for name, about in BRANDS.items():
        pk = known.get(name) or products.take_in_brand(name, about=about).pk
        world.brands[name] = pk
    world.progress.update()


def _list_items(world: World) -> None:
    world.progress.set_description("Listing goods")
    sellers = {shop.name: world.user(shop.owner) for shop in SHOPS}
    categories = Category.objects.in_bulk(world.categories.values())
    brands = Brand.objects.in_bulk(world.brands.values())
    numbers = {shop: count(1) for shop in sellers}
    for shop, _palette, item in items():
        sku = f"DEMO-{next(numbers[shop]):03d}"
        known = Q(variants__sku=sku) | Q(variants__sku=f"{sku}-01")
        product = Product.objects.filter(known, seller=sellers[shop]).first()
        if product is None:
            product = products.offer(
                sellers[shop],
                categories[world.categories[item.shelf]],
                title=item.title,
                brand=brands[world.brands[item.brand]],
                description=item.description,
                **offered(item, sku, minor),
                status=ListingStatus.DRAFT,
            )
        world.products[item.title] = product.pk
        world.progress.update()


def _tell_what_people_think(world: World) -> None:
    """Make up ratings and sales of the time before the demo began."""
    dice = random.Random(SEED)  # noqa: S311  a demo, not a secret
    figures = {}
    for pk in sorted(world.products.values()):
        fame = dice.random()
        ratings = 0 if fame < 0.08 else int(3 + 240 * fame**3)
        average = min(5.0, max(3.2, dice.gauss(4.45, 0.35)))
        stars = min(5 * ratings, round(average * ratings))
        figures[pk] = Figures(ratings=ratings, stars=stars, sold=int(ratings * (2 + 4 * dice.random())))
    import_figures(figures=figures)


# --- the diary ----------------------------------------------------------------------------------

Entry = tuple[float, Callable[[], object]]


def _diary(world: World, *, dry: bool = False) -> Iterator[Entry]:
    """(days ago, what happened then). `dry` only counts: nothing of it is called."""
    if dry:
        world.products = {item.title: 0 for _shop, _palette, item in items()}
        world.people = dict.fromkeys([person.email for person in everybody()], 0)
        world.categories = dict.fromkeys(["Clothing", "Hats & Scarves", "Soft & Wooden Toys", "Books"], 0)
    yield from _openings(world)
    yield from reductions.diary(world.products, world.categories, world.people)
    yield from _money(world)
    yield from _coupons(world)
    yield from shipments.diary(world.people, world.products)
    yield from applicants.diary(world.people)
    yield from listings.diary(world.people)
    yield from edits.diary(world.people)
    yield from payouts.diary(world.people)
    yield 33.3, lambda: second_hand.stock(items())
    yield RATES_SINCE, lambda: _publish_rates(world)
    yield 0.002, _read_what_is_old
    yield from _standing(world)


def _openings(world: World) -> Iterator[Entry]:
    """Products go live over eleven weeks, the last of them this morning; shops take turns."""
    dice = random.Random(SEED + 1)  # noqa: S311
    titles = list(world.products)
    dice.shuffle(titles)
    # What the stories below sell and mark down must have been there for long enough.
    early = [title for title in titles if title in NEEDED_EARLY]
    late = [title for title in titles if title not in NEEDED_EARLY]
    for at, title in enumerate(early):
        yield 78 - at * 0.1, lambda pk=world.products[title]: _put_on_sale(pk)
    for at, title in enumerate(late):
        ago = 75 * (1 - at / len(late)) ** 1.6 + 0.05
        if at < len(late) - LATELY_REVIEWED:
            yield ago, lambda pk=world.products[title]: _put_on_sale(pk)
        else:
            admin = world.people[ADMIN.email]
            yield ago, lambda pk=world.products[title], admin=admin: _review(pk, admin)


def _put_on_sale(product_id: int) -> None:
    products.put_on_sale(Product.objects.select_related("seller").get(pk=product_id))


def _review(product_id: int, admin_id: int) -> None:
    """Its seller hands it in, and an admin lets it into the shop."""
    product = Product.objects.select_related("seller").get(pk=product_id)
    if product.status == ListingStatus.DRAFT:
        products.decide(products.hand_in(product), User.objects.get(pk=admin_id))


def _money(world: World) -> Iterator[Entry]:
    for person in PEOPLE:
        for number, amount in enumerate(person.money):
            is_last = person is FRESH
            ago = 0.001 if is_last else 40 - 9 * number
            yield (
                ago,
                lambda person=person, number=number, amount=amount: wallet.top_up(
                    world.user(person), minor(amount), key=f"demo:{person.email}:{number}", memo="Demo"
                ),
            )


def _coupons(world: World) -> Iterator[Entry]:
    """A shop welcomes new customers, of whom one came, and has something for larger orders."""

    def make(code: str, **terms: object) -> None:
        owner = world.user(SHOPS[0].owner)
        if not Coupon.objects.filter(seller=owner, code=code).exists():
            coupons.make(owner, code, **terms)

    yield 5.0, lambda: make("WELCOME10", percent_bps=1000, most_a_person=1)
    yield (
        0.3,
        lambda: make(
            "SPRING5",
            amount=minor(500),
            smallest_cart=minor(4_000),
            most_uses=50,
            ends_at=clock.now() + days(30),
        ),
    )


def _publish_rates(world: World) -> None:
    """Delivery has a price since an hour ago: most of the stories were ordered before. A shop pays larger ones."""
    if current_table() is None:
        publish_rates(
            rates=Rates(
                base=minor(290),
                per_km=minor(35),
                extra_medium=minor(50),
                extra_large=minor(150),
                extra_bulky=minor(900),
                free_from=minor(15_000),
                max_metres=60_000,
                store_bps=1_500,
                courier_least=minor(250),
                back_bps=5_000,
                back_damaged=Payer.SELLER,
                again_fee=minor(150),
                wait_free=5,
                wait_fee=minor(40),
                wait_most=minor(200),
            ),
            actor=world.user(ADMIN),
            expected_version=0,
            note="The first table: couriers are paid out of it.",
        )
        offer_free_delivery(actor=world.user(SHOPS[0].owner), free_from=minor(6_000))


def _read_what_is_old() -> None:
    """Nobody has a month of unread messages."""
    old = Notification.objects.filter(read_at=None, created_at__lt=clock.now() - days(_READ))
    for notification in old.select_related("recipient"):
        mark_read(public_id=notification.public_id, actor=notification.recipient)


def _standing(world: World) -> Iterator[Entry]:
    """What sellers earned with the store before completed sales do it for them."""
    dice = random.Random(SEED + 2)  # noqa: S311
    for shop in SHOPS:
        for month, ago in enumerate((60, 30)):
            amount = dice.randrange(40, 400, 10)
            yield ago, lambda shop=shop, month=month, amount=amount: _award(world, shop.owner, month, amount)


def _award(world: World, seller: Person, month: int, amount: int) -> None:
    award_points(
        seller_id=world.people[seller.email],
        amount=amount,
        cause="demo",
        key=f"demo:{seller.email}:{month}",
        reason="Sales of the month",
    )


class _Silent:
    """A progress bar that nobody sees."""

    def update(self, steps: int = 1) -> None: ...

    def set_description(self, text: str) -> None: ...
