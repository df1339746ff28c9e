"""A small store for browser tests, built by the services that the pages call."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from marketplace.accounts.models import Role, User

PRODUCTS = (
    # category, brand, title, price in minor units, stock
    ("kettles", "Copperline", "Copper kettle", 4_990, 20),
    ("kettles", "Copperline", "Enamel kettle", 2_950, 20),
    ("kettles", "Northwind", "Travel kettle", 1_999, 1),
    ("lamps", "Northwind", "Reading lamp", 7_400, 20),
    ("lamps", "Northwind", "Night lamp", 1_250, 0),
)


@dataclass
class World:
    """Who and what is there. `products` is keyed by title; the second seller's titles end in " II"."""

    buyer: User
    seller: User
    other_seller: User
    admin: User
    courier: User
    categories: dict[str, object] = field(default_factory=dict)
    products: dict[str, object] = field(default_factory=dict)


def stock_world(person: Callable[..., User]) -> World:
    """Two sellers with five products each (one sold out, one with a single piece), one on sale now."""
    from marketplace.common import clock
    from marketplace.products import services as products
    from marketplace.products.states import BrandStatus, ListingStatus
    from marketplace.wallet.services import top_up_wallet

    world = World(
        buyer=person(name="Bea"),
        seller=person(Role.SELLER, name="Sam"),
        other_seller=person(Role.SELLER, name="Sue"),
        admin=person(Role.ADMIN, name="Ada"),
        courier=person(Role.DELIVERY, name="Cara"),
    )
    kitchen = products.create_category(name="Kitchen")
    world.categories = {
        "kitchen": kitchen,
        "kettles": products.create_category(name="Kettles", parent_id=kitchen.pk),
        "lamps": products.create_category(name="Lamps"),
    }
    brands = {
        name: products.create_brand(name=name, status=BrandStatus.APPROVED)
        for name in ("Copperline", "Northwind")
    }
    for seller, suffix in ((world.seller, ""), (world.other_seller, " II")):
        for category, brand, title, price, stock in PRODUCTS:
            world.products[title + suffix] = products.create_product(
                seller_id=seller.pk,
                category_id=world.categories[category].pk,
                brand_id=brands[brand].pk,
                title=title + suffix,
                description=f"{title}{suffix}, made to be used every day.",
                price=price,
                stock=stock,
                status=ListingStatus.LIVE,
            )
    now = clock.now()
    products.create_discount(
        product_id=world.products["Copper kettle"].pk,
        percent_bps=2_000,
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=6),
    )
    top_up_wallet(user_id=world.buyer.pk, amount=50_000, key=f"test-world:{world.buyer.pk}")
    return world
