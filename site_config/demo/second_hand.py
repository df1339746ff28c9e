"""A shop with three hundred listings, one piece of each: what was bought new once, for less.

They go in through the catalogue's own import, with the pictures of what they once were, and are the same at every run.
"""

import random
from collections.abc import Iterator, Sequence

from marketplace.accounts.models import SellerProfile
from marketplace.products.models import Product
from marketplace.products.services import NewProduct, import_products

from .goods import food, garden
from .item import Item
from .measures import minor

SHOP = "Second Spring"
LISTINGS = 300
SEED = 30_300
NOT_AGAIN = {food.SHOP, garden.SHOP}  # nobody buys a croissant or a hyacinth at second hand
CONDITIONS = [
    "like new",
    "well used",
    "with one scratch",
    "a little faded",
    "mended by hand",
    "from a shop window",
    "returned unused",
    "without its box",
    "in its own box",
    "with a small dent",
]


def stock(items: Sequence[tuple[str, str, Item]]) -> None:
    """List what was made of `items` (each with its shop's name and colours); the import leaves out what is there."""
    shop = SellerProfile.objects.get(shop_name=SHOP)
    for _done in import_products(_rows(shop.pk, items)):
        pass


def _rows(seller_id: int, items: Sequence[tuple[str, str, Item]]) -> Iterator[NewProduct]:
    sources = [item for shop, _palette, item in items if shop not in NOT_AGAIN]
    demo = Product.objects.filter(variants__sku__startswith="DEMO-").distinct()
    originals = {
        title: (pk, category, brand)
        for title, pk, category, brand in demo.values_list("title", "pk", "category_id", "brand_id")
    }
    for serial in range(LISTINGS):
        dice = random.Random(SEED * 1_000 + serial)  # noqa: S311  a demo, not a secret
        at, which = divmod(serial, len(sources))
        item, condition = sources[which], CONDITIONS[at % len(CONDITIONS)]
        pk, category, brand = originals[item.title]
        yield NewProduct(
            seller_id=seller_id,
            category_id=category,
            brand_id=brand,
            title=f"{item.title}, {condition}",
            description=f"Second-hand, {condition}. We have cleaned it and tried it out.\n\n{item.description}",
            price=minor(int(item.price * dice.uniform(0.3, 0.7)) // 10 * 10),
            stock=0 if dice.random() < 0.1 else 1,
            sku=f"USED-{serial:03d}",
            pictures_of=pk,
        )
