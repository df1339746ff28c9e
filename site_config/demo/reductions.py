"""What happens to prices in the demo: discounts, new list prices, and sale events of the store and of shops."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.products.models import Product, SaleEvent
from marketplace.products.services import (
    change_price,
    create_discount,
    create_sale_event,
    open_sale_event,
    refresh_prices,
    run_own_event,
    take_part,
)

from .measures import days, minor
from .people import ADMIN
from .stories import ORDERED

Entry = tuple[float, Callable[[], object]]


def _discount(products: Mapping[str, int], title: str, *, off: int, begins: float, lasts: float) -> Entry:
    """A discount of `off` per cent that was announced on the day it began."""

    def happen() -> None:
        product = Product.objects.get(pk=products[title])
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


def _price_change(products: Mapping[str, int], title: str, *, ago: float, to: int) -> Entry:
    def happen() -> None:
        product = Product.objects.get(pk=products[title])
        for variant in product.variants.all():
            if not variant.price_changes.filter(at__gte=clock.now() - days(1)).exists():
                change_price(variant_id=variant.pk, price=minor(to), actor=product.seller)

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
NEEDED_EARLY = {*_DISCOUNTS, *_PRICE_CHANGES, *ORDERED}


def diary(
    products: Mapping[str, int], categories: Mapping[str, int], people: Mapping[str, int]
) -> Iterator[Entry]:
    """What happened to prices: (days ago, what). Keys by title, by shelf, by address."""
    for title, (off, begins, lasts) in _DISCOUNTS.items():
        yield _discount(products, title, off=off, begins=begins, lasts=lasts)
        if begins > lasts:  # the sweep that ended it, on the day it ended
            yield begins - lasts - 0.01, lambda: refresh_prices(clock.now())
    for title, changes in _PRICE_CHANGES.items():
        for ago, to in changes:
            yield _price_change(products, title, ago=ago, to=to)

    def event(name: str, *, shelves: Sequence[str] = (), titles: Sequence[str] = (), **when: float) -> Entry:
        return _event(
            name,
            product_ids=[products[title] for title in titles],
            category_ids=[categories[shelf] for shelf in shelves],
            **when,
        )

    yield event("Harvest Week", percent=12, begins=30, lasts=7, titles=["Morning Cup with Saucer"])
    yield 22.9, lambda: refresh_prices(clock.now())
    yield event("Winter Wardrobe", percent=15, begins=2.8, lasts=9, shelves=["Clothing", "Hats & Scarves"])
    yield event("Play Day", percent=20, begins=0.9, lasts=2.5, shelves=["Soft & Wooden Toys"])
    yield event("Book Night", percent=10, begins=-2, lasts=1, shelves=["Books"])
    yield 0.6, lambda: _open_event(people[ADMIN.email], products["Cast-Iron Skillet, 26 cm"])
    yield 0.4, lambda: _own_event(products["Raspberry Stoneware Teapot, 1.2 l"])
    yield 0.005, lambda: refresh_prices(clock.now())


def _event(
    name: str,
    *,
    percent: float,
    begins: float,
    lasts: float,
    product_ids: Sequence[int],
    category_ids: Sequence[int],
) -> Entry:
    def happen() -> None:
        now = clock.now() if begins >= 0 else clock.now() + days(-begins)
        if not SaleEvent.objects.filter(name=name).exists():
            create_sale_event(
                name=name,
                percent_bps=round(percent * 100),
                starts_at=now,
                ends_at=now + days(lasts),
                product_ids=product_ids,
                category_ids=category_ids,
                actor=SYSTEM,
            )

    return max(begins, 0.01), happen


def _open_event(admin_id: int, product_id: int) -> None:
    """An admin opens an event to sellers, and one of them puts something in."""
    if SaleEvent.objects.filter(name="Second Advent").exists():
        return
    begin = clock.now() + days(7)
    event = open_sale_event(
        name="Second Advent",
        percent_bps=1_000,
        starts_at=begin,
        ends_at=begin + days(3),
        actor=User.objects.get(pk=admin_id),
    )
    product = Product.objects.select_related("seller").get(pk=product_id)
    take_part(event_id=event.pk, put_in=[product_id], actor=product.seller)


def _own_event(product_id: int) -> None:
    """A shop runs an event of its own, tomorrow."""
    if SaleEvent.objects.filter(name="Tea Day").exists():
        return
    product, begin = Product.objects.select_related("seller").get(pk=product_id), clock.now() + days(1.5)
    run_own_event(
        name="Tea Day",
        percent_bps=1_250,
        starts_at=begin,
        ends_at=begin + days(1),
        product_ids=[product_id],
        actor=product.seller,
    )
