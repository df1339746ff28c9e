"""Fixtures of the orders domain."""

from itertools import count

import pytest

from marketplace.accounts.models import Role, User
from marketplace.orders.services import CartRef, add_to_cart
from marketplace.products.models import Category, Product, StockMove
from marketplace.products.states import ListingStatus

_numbers = count(1)


@pytest.fixture
def goods(db, person):
    """Make something that can be bought: `goods(seller, price=1999, stock=5, title="Lamp")`."""
    default_seller: list[User] = []

    def make(seller: User | None = None, *, price: int = 1000, stock: int = 10, **fields) -> Product:
        if seller is None:
            if not default_seller:
                default_seller.append(person(Role.SELLER))
            seller = default_seller[0]
        number = next(_numbers)
        category, _created = Category.objects.get_or_create(slug="things", defaults={"name": "Things"})
        title = fields.pop("title", f"Thing {number}")
        product = Product.objects.create(
            seller=seller,
            category=category,
            title=title,
            slug=f"thing-{number}",
            **{"price": price, "current_price": price, "lowest_price_30d": price}
            | {"stock": stock, "in_stock": stock > 0, "status": ListingStatus.LIVE}
            | fields,
        )
        if stock:
            StockMove.objects.create(
                product=product, delta=stock, kind="received", key=f"test:{product.pk}:received"
            )
        return product

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
