"""Fixtures of the orders domain."""

import pytest

from marketplace.accounts.models import Role, User
from marketplace.common.idempotency import new_form_key
from marketplace.common.locking import lock_row
from marketplace.common.transactions import service
from marketplace.orders.models import Order, Shipment
from marketplace.orders.selectors import cart_view
from marketplace.orders.services import CartRef, add_to_cart, advance, lock_shipment, place_order
from marketplace.orders.services.checkout import hold_key
from marketplace.orders.services.settlement import settle
from marketplace.orders.states import FINAL, ShipmentStatus
from marketplace.products.models import Product
from marketplace.products.search import index
from marketplace.products.services import change_price, change_stock, listings
from marketplace.wallet.services import release_hold


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

    def fill(buyer: User, quantities: dict[Product, int]) -> CartRef:
        cart = CartRef(user_id=buyer.pk)
        for product, quantity in quantities.items():
            add_to_cart(cart=cart, product_id=product.pk, quantity=quantity)
        return cart

    return fill


@pytest.fixture
def check_out(books_balance):
    """`check_out(buyer)` orders what is in somebody's cart, as the checkout page would; the audit follows."""

    def run(buyer: User, **changes) -> Order:
        view = cart_view(CartRef(user_id=buyer.pk))
        return place_order(
            **{
                "buyer_id": buyer.pk,
                "form_key": new_form_key(user_id=buyer.pk, action="checkout"),
                "seen_total": view.total,
                "seen_lines": view.seen_lines,
            }
            | changes
        )

    return run


@pytest.fixture
def walk():
    """`walk(shipment, ShipmentStatus.PROCESSING, ShipmentStatus.SHIPPED)` moves a shipment, step by step.

    Where that ends it, its money goes to the seller (its buyer said so) or comes back, so that the books
    balance.
    """

    @service
    def run(shipment: Shipment, *steps: str) -> Shipment:
        row = lock_shipment(shipment.pk)
        for status in steps:
            if (row.status, status) == (ShipmentStatus.DELIVERED, ShipmentStatus.COMPLETED):
                settle(row, actor=row.order.buyer)
                continue
            advance(row, status, actor_id=None)
            if status in FINAL:
                release_hold(open_key=hold_key(row), key=f"{hold_key(row)}:walked")
        return row

    return run


@pytest.fixture
def change():
    """`change(product, stock=0)`, `price=2600` or `status=ListingStatus.PAUSED`, as its seller or the staff would."""

    @service
    def set_status(product: Product, status: str) -> None:
        listings.advance(lock_row(Product, product.pk), status, None)
        index.drop([product.pk])

    def run(product: Product, **what: object) -> None:
        for name, value in what.items():
            if name == "status":
                set_status(product, value)
            else:
                {"stock": change_stock, "price": change_price}[name](product_id=product.pk, **{name: value})

    return run
