"""A small store for browser tests, built by the services that the pages call."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from marketplace.accounts.models import Role, User
from marketplace.products.services import NewVariant

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
    # An application that waits; the buyer's own is asked for changes.
    submission: object = None
    # The seller's, approved; another one was sent.
    payout: object = None
    # A file for the bank that was not sent yet.
    batch: object = None


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

    world.products["Draft shirt"] = products.offer(
        world.seller,
        world.categories["lamps"],
        title="Draft shirt",
        options=[("Size", ["S", "M"])],
        variants=[NewVariant(1500, 3, ("S",)), NewVariant(1700, 0, ("M",))],
        status="draft",
    )
    products.show(world.products["Draft shirt"], alt_text="")

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
    _apply(world, person)
    _pay_out(world)
    return world


def _apply(world: World, person: Callable[..., User]) -> None:
    """Two people wait for a decision, the buyer is asked for changes."""
    from site_config.acts import applications

    waiting = applications.apply(person(name="Ann"), applications.shop_wish("Ann's Apples"))
    applications.apply(person(name="Carlos"), applications.courier_wish("Carlos"))
    world.submission = applications.submission_of(waiting)
    changes = applications.apply(world.buyer, applications.shop_wish())
    applications.decide(changes, world.admin, "changes_requested", "Please say more about the beans.")


def _pay_out(world: World) -> None:
    """The seller's earnings in parts: one payout sent, one approved."""
    from site_config.acts import payouts

    payouts.give_account(world.seller)
    payouts.send(payouts.ask(world.seller, 1_000), world.admin)
    world.payout = payouts.approve(payouts.ask(world.seller, 1_200), world.admin)
    world.batch = payouts.make_file(world.admin)
