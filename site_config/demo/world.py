"""Builds the demo store by calling the services, in the order in which it would have happened.

First the people, shelves and listings of eighty days ago, then the pictures (drawn by all processors,
outside of any transaction), then a diary: what happened since, each thing on its own day. Every step
looks whether it is done already, so a run that was interrupted is finished by the next one.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Protocol

from marketplace.accounts.models import Role, User
from marketplace.common import clock, limits
from marketplace.common.authorisation import SYSTEM
from marketplace.common.money import exponent
from marketplace.notifications.models import Notification
from marketplace.notifications.services import mark_read
from marketplace.points.services import award_points
from marketplace.products.models import Brand, Category, Product, SaleEvent
from marketplace.products.services import (
    Figures,
    change_price,
    create_discount,
    create_sale_event,
    import_figures,
    refresh_prices,
)
from marketplace.products.states import ListingStatus
from site_config.acts import people, products, wallet

from . import shipments
from .goods import SHOPS as GOODS
from .item import Item
from .people import FRESH, PASSWORD, PEOPLE, SHOPPER, SHOPS, Person, place_of
from .pictures_of import Assignment, draw_all
from .shelves import BRANDS, SHELVES, Shelf
from .stories import ORDERED

SEED = 20_260
OPENED = 80  # days ago
_READ = 2  # messages older than this were read


class Progress(Protocol):
    """What tells the person at the keyboard how far it is (tqdm, or nothing)."""

    def update(self, steps: int = 1) -> object: ...

    def set_description(self, text: str) -> object: ...


def minor(hundredths: int) -> int:
    """Hundredths of the store's currency in its minor units: a yen has no hundredths."""
    return max(1, hundredths * 10 ** exponent() // 100)


def days(number: float) -> timedelta:
    return timedelta(days=number)


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


def items() -> list[tuple[str, str, Item]]:
    """Every item with its shop's name and its colours, in the order in which they are listed."""
    return [(goods.SHOP, goods.PALETTE, item) for goods in GOODS for item in goods.ITEMS]


def steps() -> int:
    """How many steps of the progress bar `build` takes."""
    shots = sum(1 + len(item.shots) for _shop, _palette, item in items())
    return len(PEOPLE) + len(SHOPS) + 1 + len(items()) + shots + len(list(_diary(World(_Silent()), dry=True)))


def build(*, progress: Progress, processes: int) -> None:
    """Build what is missing. `processes` draw the pictures; 1 draws them in this one."""
    world = World(progress)
    with clock.moved(-days(OPENED)):
        _open_accounts(world)
        _put_up_shelves(world)
        _list_items(world)
    progress.set_description("Taking pictures")
    jobs = [
        Assignment(world.products[item.title], item.cutout, item.title, item.shows, palette, item.shots)
        for _shop, palette, item in items()
    ]
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
    for person in [*PEOPLE, *(shop.owner for shop in SHOPS)]:
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


def _put_up_shelves(world: World) -> None:
    world.progress.set_description("Putting up shelves")

    def put_up(shelf: Shelf, parent: Category | None) -> None:
        category = Category.objects.filter(name=shelf.name, parent=parent).first()
        if category is None:
            category = products.put_up_shelf(shelf.name, parent=parent, icon=shelf.icon)
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
        product = Product.objects.filter(seller=sellers[shop], sku=sku).first()
        if product is None:
            product = products.offer(
                sellers[shop],
                categories[world.categories[item.shelf]],
                title=item.title,
                brand=brands[world.brands[item.brand]],
                description=item.description,
                price=minor(item.price),
                stock=item.stock,
                sku=sku,
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
        world.people = dict.fromkeys([person.email for person in PEOPLE], 0)
        world.people |= dict.fromkeys([shop.owner.email for shop in SHOPS], 0)
        world.categories = dict.fromkeys(["Clothing", "Hats & Scarves", "Soft & Wooden Toys", "Books"], 0)
    yield from _openings(world)
    yield from _prices(world)
    yield from _money(world)
    yield from shipments.diary(world.people, world.products)
    yield 0.002, _read_what_is_old
    yield from _standing(world)


def _openings(world: World) -> Iterator[Entry]:
    """Products go live over eleven weeks, the last of them this morning; shops take turns."""
    dice = random.Random(SEED + 1)  # noqa: S311
    titles = list(world.products)
    dice.shuffle(titles)
    # What the stories below sell and mark down must have been there for long enough.
    early = [title for title in titles if title in _NEEDED_EARLY]
    late = [title for title in titles if title not in _NEEDED_EARLY]
    for at, title in enumerate(early):
        yield 78 - at * 0.1, lambda pk=world.products[title]: _put_on_sale(pk)
    for at, title in enumerate(late):
        ago = 75 * (1 - at / len(late)) ** 1.6 + 0.05
        yield ago, lambda pk=world.products[title]: _put_on_sale(pk)


def _put_on_sale(product_id: int) -> None:
    products.put_on_sale(Product.objects.select_related("seller").get(pk=product_id))


def _discount(world: World, title: str, *, off: int, begins: float, lasts: float) -> Entry:
    """A discount of `off` per cent that was announced on the day it began."""

    def happen() -> None:
        product = Product.objects.get(pk=world.products[title])
        now = clock.now() if begins >= 0 else clock.now() + days(-begins)
        if not product.discounts.exists():
            create_discount(
                product_id=product.pk,
                percent_bps=off * 100,
                starts_at=now,
                ends_at=now + days(lasts),
                actor=product.seller,
            )

    return max(begins, 0.01), happen


def _price_change(world: World, title: str, *, ago: float, to: int) -> Entry:
    def happen() -> None:
        product = Product.objects.get(pk=world.products[title])
        if not product.price_changes.filter(at__gte=clock.now() - days(1)).exists():
            change_price(product_id=product.pk, price=minor(to), actor=product.seller)

    return ago, happen


# title: per cent off, began days ago (negative: will begin), lasts days.
_DISCOUNTS = {
    "Raspberry Stoneware Teapot, 1.2 l": (20, 2.4, 6),
    "Cast-Iron Skillet, 26 cm": (15, 1.2, 9),
    "Cook's Knife, 20 cm": (25, 0.5, 3),
    "Over-Ear Headphones, Pearl": (30, 3.1, 5),
    "Pebblo Air 14 Laptop": (12, 1.6, 12),
    "Wireless Game Controller, Violet": (18, 4.2, 7),
    "Two-Person Tent, Forest": (22, 2.1, 8),
    "City Bicycle, Red": (10, 5.5, 14),
    "Beginner's Telescope, 70 mm": (20, 0.8, 4),
    "Electric Guitar, Rosewood and Red": (15, 1.9, 6),
    "Meadow Bouquet, Large": (30, 0.3, 1.2),
    "Watercolour Palette, 24 Pans": (20, 3.4, 10),
    "Two-Seat Sofa with Reading Lamp": (12, 6.2, 15),
    "Butter Croissants, Six": (10, 0.6, 2),
    # Over already: what is left of them is the price history.
    "Twin-Bell Alarm Clock": (25, 26, 6),
    "Street Basketball": (20, 18, 4),
    "Linden Blossom Honey, 500 g": (15, 22, 5),
    # Begin soon.
    "Compact Camera with 35 mm Lens": (15, -1.5, 7),
    "Weighted Chess Set": (20, -0.4, 5),
}
# title: (days ago, hundredths), oldest first; the last one is the price of today.
_PRICE_CHANGES = {
    "Over-Ear Headphones, Pearl": [(41, 17_900), (21, 16_900), (9, 18_900)],
    "Pebblo Air 14 Laptop": [(33, 114_900), (16, 109_900)],
    "Cast-Iron Skillet, 26 cm": [(35, 5_500), (12, 5_900)],
    "Two-Person Tent, Forest": [(28, 22_900), (13, 24_900)],
    "Bruno the Bear, 34 cm": [(24, 3_290), (10, 3_490)],
}
_NEEDED_EARLY = {*_DISCOUNTS, *_PRICE_CHANGES, *ORDERED}


def _prices(world: World) -> Iterator[Entry]:
    for title, (off, begins, lasts) in _DISCOUNTS.items():
        yield _discount(world, title, off=off, begins=begins, lasts=lasts)
        if begins > lasts:  # the sweep that ended it, on the day it ended
            yield begins - lasts - 0.01, lambda: refresh_prices(clock.now())
    for title, changes in _PRICE_CHANGES.items():
        for ago, to in changes:
            yield _price_change(world, title, ago=ago, to=to)
    yield _event(world, "Harvest Week", percent=12, begins=30, lasts=7, products=["Morning Cup with Saucer"])
    yield 22.9, lambda: refresh_prices(clock.now())
    yield _event(
        world, "Winter Wardrobe", percent=15, begins=2.8, lasts=9, categories=["Clothing", "Hats & Scarves"]
    )
    yield _event(world, "Play Day", percent=20, begins=0.9, lasts=2.5, categories=["Soft & Wooden Toys"])
    yield _event(world, "Book Night", percent=10, begins=-2, lasts=1, categories=["Books"])
    yield 0.005, lambda: refresh_prices(clock.now())


def _event(
    world: World, name: str, *, percent: int, begins: float, lasts: float, products=(), categories=()
) -> Entry:
    def happen() -> None:
        now = clock.now() if begins >= 0 else clock.now() + days(-begins)
        if not SaleEvent.objects.filter(name=name).exists():
            create_sale_event(
                name=name,
                percent_bps=percent * 100,
                starts_at=now,
                ends_at=now + days(lasts),
                product_ids=[world.products[title] for title in products],
                category_ids=[world.categories[shelf] for shelf in categories],
                actor=SYSTEM,
            )

    return max(begins, 0.01), happen


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
