"""Fixtures of the orders domain."""

import pytest

from marketplace.accounts.models import Role, User
from marketplace.common.authorisation import SYSTEM
from marketplace.common.transactions import service
from marketplace.orders.models import Shipment
from marketplace.orders.services.shipments import advance, lock_shipment
from marketplace.orders.states import ShipmentStatus as S
from marketplace.products.models import Product, Variant
from marketplace.products.search import index
from marketplace.products.services import change_price, count_stock, listings, lock_products
from site_config.acts import delivery, orders, products


@pytest.fixture
def goods(make_product, person):
    """Make something that can be bought: `goods(seller, price=1999, stock=5, title="Lamp")`."""
    default_seller: list[User] = []

    def make(seller: User | None = None, **fields) -> Product:
        if seller is None:
            if not default_seller:
                default_seller.append(person(Role.SELLER))
            seller = default_seller[0]
        return make_product(seller=seller, **fields)

    return make


@pytest.fixture
def fill_cart():
    """`fill_cart(buyer, {product: 2, other: 1})` puts goods into somebody's cart and names it."""

    return orders.fill_cart


@pytest.fixture
def check_out(books_balance):
    """`check_out(buyer)` orders what is in somebody's cart, as the checkout page would; the audit follows."""

    return orders.check_out


@pytest.fixture
def walk(person, confirm, fail):
    """`walk(shipment, ShipmentStatus.PROCESSING, ShipmentStatus.SHIPPED)` moves a shipment, step by step.

    By the real services: a courier of its own claims it, picks it up, proves it with the PIN or brings it
    back; its buyer completes it. A step that there is not is asked of `advance`, which refuses it.
    """

    @service
    def refuse(shipment: Shipment, status: str) -> None:
        advance(lock_shipment(shipment.pk), status, actor_id=None)
        raise AssertionError(f"{status} is a step of the table, and no service makes it")

    def step(shipment: Shipment, status: str) -> None:
        job = delivery.live_job_of(shipment)
        match (Shipment.objects.get(pk=shipment.pk).status, status):
            case (S.PLACED, S.PROCESSING):
                delivery.claim(shipment, person(Role.DELIVERY))
            case (S.PROCESSING, S.PLACED):
                delivery.give_back(job)
            case (S.PROCESSING, S.SHIPPED):
                delivery.pick_up(job)
            case (S.SHIPPED, S.DELIVERED) | (S.RETURNING, S.RETURNED):
                confirm(job)
            case (S.SHIPPED, S.RETURNING):
                fail(job, "refused")
            case (S.DELIVERED, S.COMPLETED):
                delivery.complete(shipment)
            case (S.PLACED | S.PROCESSING, S.CANCELLED):
                delivery.cancel(shipment)
            case _:
                refuse(shipment, status)

    def run(shipment: Shipment, *steps: str) -> Shipment:
        for status in steps:
            step(shipment, status)
        return Shipment.objects.select_related("order").get(pk=shipment.pk)

    return run


@pytest.fixture
def change():
    """`change(product, stock=0)`, `price=2600` or `status=ListingStatus.PAUSED`, as its seller or the staff would.

    Stock and price are those of a product with one variant, or of a variant.
    """

    @service
    def set_status(product: Product, status: str) -> None:
        listings.advance(lock_products([product.pk])[product.pk], status, actor=SYSTEM)
        index.drop([product.pk])

    def run(goods: Product | Variant, **what: object) -> None:
        for name, value in what.items():
            variant = goods if isinstance(goods, Variant) else products.variant(goods)
            match name:
                case "status":
                    set_status(variant.product, value)
                case "stock":
                    there = Variant.objects.get(pk=variant.pk).stock
                    count_stock(
                        variant_id=variant.pk, counted=value, expected=there, actor=variant.product.seller
                    )
                case "price":
                    change_price(variant_id=variant.pk, price=value, actor=variant.product.seller)

    return run
