"""How a page is looked at: by whom, and with what in its address."""

from collections.abc import Callable
from dataclasses import dataclass

from e2e.world import World

VISITOR = "visitor"  # nobody is signed in
NEWCOMER = "newcomer"  # signed in, with nothing yet: every empty state
BUYER = "buyer"  # has money, a cart, orders, notifications
SELLER = "seller"
COURIER = "courier"
ADMIN = "admin"
PEOPLE = (VISITOR, NEWCOMER, BUYER, SELLER, COURIER, ADMIN)

Address = Callable[[World], dict[str, object]]


@dataclass(frozen=True)
class Shown:
    """How a page is looked at. `address` gives the route's arguments, `query` what follows the "?"."""

    people: tuple[str, ...]
    address: Address = lambda world: {}
    query: tuple[str, ...] = ("",)
    status: int = 200


def shown(*people: str, **options: object) -> Shown:
    return Shown(people or PEOPLE, **options)


def slug_of(things: str, name: str) -> Address:
    """The slug of a category or product of the world, by its name there."""
    return lambda world: {"slug": getattr(world, things)[name].slug}


def an_address(world: World) -> dict[str, object]:
    return {"public_id": world.buyer.saved_addresses.earliest("pk").public_id}


def the_order(world: World) -> dict[str, object]:
    return {"number": world.order.number}


def its_shipment(world: World) -> dict[str, object]:
    return {**the_order(world), "shipment": world.order.shipments.order_by("pk").first().number}


def its_line(world: World) -> dict[str, object]:
    shipment = world.order.shipments.order_by("pk").first()
    return {**the_order(world), "shipment": shipment.number, "position": shipment.lines.count()}


def its_job(state: str) -> Address:
    """The courier's job for the parcel that is at this point of its way."""

    def address(world: World) -> dict[str, object]:
        from site_config.acts.delivery import job_of

        return {"number": job_of(world.shipments[state]).number}

    return address


def shipment(state: str) -> Address:
    """One of the world's parcels by where it is, and its order."""
    return lambda world: {
        "number": world.shipments[state].order.number,
        "shipment": world.shipments[state].number,
    }


def the_shipment(state: str) -> Address:
    """As `shipment`, where its own number is all that the address needs."""
    return lambda world: {"number": world.shipments[state].number}


def track(world: World) -> dict[str, object]:
    from marketplace.delivery.selectors import tracking_token

    return {"token": tracking_token(world.shipments["failed"])}
