"""The world of a storm: `python -m site_config.storm.prepare CLIENTS` makes it, `… due NUMBER` parcels that are due.

Prints, as JSON, what the clients need to know.
"""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from marketplace.accounts.models import Role, User  # noqa: E402
from marketplace.common import clock  # noqa: E402
from marketplace.common.errors import Busy  # noqa: E402
from marketplace.products.models import Category, Product  # noqa: E402
from site_config.acts import delivery, orders, people, products, wallet  # noqa: E402

T = TypeVar("T")
PASSWORD = "a storm is not a breeze"  # noqa: S105  of people who live for minutes
PRODUCTS = 80
MONEY = 10**9
PATIENT = "-patient"  # two who are no clients: whose parcels arrived days ago
LONG_AGO = timedelta(days=4)


def join(role: str, name: str) -> User:
    user = people.join(email=f"{name.lower()}@storm.ecs", password=PASSWORD, role=role, name=name)
    people.settle(user)
    return user


def patiently(act: Callable[[], T]) -> T:
    """What `act` comes to, done again while the store is too busy for it: others are at work here."""
    for _try in range(9):
        try:
            return act()
        except Busy:
            continue
    return act()


def make_world(clients: int) -> dict:
    call_command("migrate", verbosity=0)
    call_command("run_due", confirm_clock=True, stdout=sys.stderr)
    sellers = [join(Role.SELLER, f"Seller{number}") for number in range(2)]
    for seller in sellers:
        people.open_shop(seller, name=f"The shop of {seller.profile.name}")
    shelf = Category.objects.first() or products.put_up_shelf("Umbrellas")
    goods = [
        products.offer(
            sellers[number % 2], shelf, title=f"Umbrella {number}", price=500 + number, stock=90_000
        )
        for number in range(PRODUCTS)
    ]
    for number in [*range(clients), PATIENT]:
        join(Role.DELIVERY, f"Courier{number}")
        wallet.top_up(join(Role.USER, f"Buyer{number}"), MONEY, key=f"storm:{number}")
    return {
        "password": PASSWORD,
        "goods": [{"id": product.pk, "slug": product.slug} for product in goods],
        "people": [[f"buyer{number}@storm.ecs", f"courier{number}@storm.ecs"] for number in range(clients)],
    }


def make_due(number: int) -> dict:
    """Parcels that arrived four days ago: the loop of sweeps pays their sellers now."""
    buyer = User.objects.get(email=f"buyer{PATIENT}@storm.ecs")
    courier = User.objects.get(email=f"courier{PATIENT}@storm.ecs")
    product = Product.objects.order_by("pk")[PRODUCTS - 1]
    found = []
    with clock.moved(-LONG_AGO):
        for _turn in range(number):
            shipment = patiently(lambda: orders.buy_shipment(buyer, product))
            patiently(lambda parcel=shipment: delivery.prove(delivery.carry(parcel, courier)))
            found.append(shipment.number)
    return {"due": found}


if __name__ == "__main__":
    due = sys.argv[1] == "due"
    json.dump(make_due(int(sys.argv[2])) if due else make_world(int(sys.argv[1])), sys.stdout)
