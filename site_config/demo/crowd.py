"""A hundred thousand more products: every demo item in many colours, sizes and editions.

They go in through the catalogue's own import, share the pictures of the items that they are made
from, and are the same at every run.
"""

import random
from collections.abc import Iterator

from marketplace.accounts.models import SellerProfile
from marketplace.products.models import Brand, Category, Product, Variant
from marketplace.products.services import NewProduct, import_products
from marketplace.products.states import ListingStatus

from .people import SHOPS
from .world import SEED, Progress, items, minor

MANNERS = [
    "Classic",
    "Everyday",
    "Handmade",
    "Compact",
    "Grand",
    "Little",
    "Royal",
    "Rustic",
    "Modern",
    "Vintage",
    "Nordic",
    "Coastal",
    "Alpine",
    "Urban",
    "Festive",
    "Gentle",
    "Bold",
    "Quiet",
    "Bright",
    "Original",
]
COLOURS = [
    "Ivory",
    "Coral",
    "Teal",
    "Mustard",
    "Charcoal",
    "Crimson",
    "Indigo",
    "Olive",
    "Amber",
    "Slate",
    "Plum",
    "Sage",
    "Copper",
    "Pearl",
    "Cobalt",
    "Rust",
    "Mint",
    "Sand",
    "Ruby",
    "Moss",
    "Lavender",
    "Saffron",
    "Walnut",
    "Graphite",
]
EDITIONS = ("", " (Set of Two)", " (Set of Four)", ", Large", ", Small", ", Gift Edition", ", Second Season")


def missing(products: int) -> int:
    """How many are still to be imported until the shop window has so many."""
    return max(0, products - Product.objects.filter(status=ListingStatus.LIVE).count())


def fill(number: int, *, progress: Progress) -> None:
    """Import `number` products."""
    before = Variant.objects.filter(sku__startswith="CROWD-").count()
    for done in import_products(_rows(before, number)):
        progress.update(done)


def _rows(first: int, number: int) -> Iterator[NewProduct]:
    shops = dict(SellerProfile.objects.values_list("shop_name", "user_id"))
    sellers = {shop.name: shops[shop.name] for shop in SHOPS}
    categories = dict(Category.objects.values_list("name", "pk"))
    brands = dict(Brand.objects.values_list("name", "pk"))
    originals = dict(
        Variant.objects.filter(sku__startswith="DEMO-").values_list("product__title", "product_id")
    )
    sources = items()
    for serial in range(first, first + number):
        dice = random.Random(SEED * 1_000_003 + serial)  # noqa: S311  a demo, not a secret
        shop, _palette, item = sources[serial % len(sources)]
        noun = item.title.split(",")[0]
        title = f"{dice.choice(MANNERS)} {noun} in {dice.choice(COLOURS)}{dice.choice(EDITIONS)}"
        price = int(item.price * dice.uniform(0.6, 1.6)) // 10 * 10 + 9
        yield NewProduct(
            seller_id=sellers[shop],
            category_id=categories[item.shelf],
            brand_id=brands[item.brand],
            title=title[:140],
            description=item.description,
            price=minor(price),
            stock=0 if dice.random() < 0.04 else dice.randint(1, 250),
            sku=f"CROWD-{serial:07d}",
            pictures_of=originals[item.title],
        )
