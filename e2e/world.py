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
    order: object = None
    cancelled_order: object = None
    top_up: object = None
    # The buyer's shipments at every point of their way (e2e/shipments.py), and a courier who may not claim.
    shipments: dict[str, object] = field(default_factory=dict)
    suspended_courier: User | None = None


def stock_world(person: Callable[..., User]) -> World:
    """Two sellers with five products each (one sold out, one with a single piece), one on sale now."""
    from site_config.acts import products, wallet

    world = World(
        buyer=person(name="Bea"),
        seller=person(Role.SELLER, name="Sam"),
        other_seller=person(Role.SELLER, name="Sue"),
        admin=person(Role.ADMIN, name="Ada"),
        courier=person(Role.DELIVERY, name="Cara"),
    )
    kitchen = products.put_up_shelf("Kitchen")
    world.categories = {
        "kitchen": kitchen,
        "kettles": products.put_up_shelf("Kettles", parent=kitchen),
        "lamps": products.put_up_shelf("Lamps"),
    }
    brands = {name: products.take_in_brand(name) for name in ("Copperline", "Northwind")}
    for seller, suffix in ((world.seller, ""), (world.other_seller, " II")):
        for category, brand, title, price, stock in PRODUCTS:
            world.products[title + suffix] = products.offer(
                seller,
                world.categories[category],
                title=title + suffix,
                brand=brands[brand],
                description=f"{title}{suffix}, made to be used every day.",
                price=price,
                stock=stock,
            )
    products.reduce(
        world.products["Copper kettle"], percent=20, began=timedelta(days=1), lasts=timedelta(days=7)
    )
    wallet.top_up(world.buyer, 50_000)
    return world


def furnish(world: World, person: Callable[..., User]) -> World:
    """Give everybody something to see everywhere: an order of two sellers, one of it partly cancelled, one
    shipment cancelled, parcels at every point of their way, a cart of two sellers, a top-up under way,
    notifications; goods get pictures.
    """
    from e2e.shipments import send_shipments
    from site_config.acts import delivery, orders, products, wallet

    for title in ("Copper kettle", "Copper kettle II"):
        products.show(world.products[title], alt_text="A kettle on a table, seen from the side")

    def pieces(**quantities: int) -> dict[object, int]:
        return {world.products[title.replace("_", " ")]: number for title, number in quantities.items()}

    world.order = orders.buy(world.buyer, pieces(Copper_kettle=2, Reading_lamp=1, Enamel_kettle_II=1))
    kettles = world.order.shipments.get(seller=world.seller)
    delivery.cancel_pieces(kettles.lines.order_by("pk").first(), reason="One is enough")
    world.cancelled_order = orders.buy(world.buyer, pieces(Enamel_kettle=1))
    delivery.cancel(world.cancelled_order.shipments.get(), reason="Found another")
    world.suspended_courier = person(Role.DELIVERY, name="Cole")
    world.shipments = send_shipments(
        buyer=world.buyer,
        courier=world.courier,
        suspended=world.suspended_courier,
        products=[world.products[title] for title in ("Enamel kettle", "Enamel kettle II")],
    )
    orders.fill_cart(world.buyer, pieces(Travel_kettle=1, Reading_lamp_II=1))
    world.top_up = wallet.begin_top_up(world.buyer, 2_500)
    return world
