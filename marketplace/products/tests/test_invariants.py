"""Each invariant finds what it is there to find: something is broken on purpose, by raw SQL."""

from datetime import timedelta

import pytest
from django.db import connection

from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.common.invariants import find_breaches
from marketplace.products.invariants import INVARIANTS
from marketplace.products.services import add_image, create_discount

BREAKS = {
    "I15": "UPDATE products_product SET in_stock = NOT in_stock",
    "I16 a product's": "UPDATE products_product SET stock = stock + 1",
    "I16 each": "UPDATE products_stockmove SET kind = 'sold'",
    "I17": "UPDATE products_stockmove SET delta = -1",
    "I37 what": "UPDATE products_product SET current_price = price + 1",
    "I37 a product": "UPDATE products_product SET on_sale = NOT on_sale",
    "the price history": "UPDATE products_pricechange SET price = price + 1",
    "the last step": "UPDATE products_listingevent SET to_status = 'paused'",
    "exactly the live": "DELETE FROM products_searchentry",
    "I41 the tree": "UPDATE products_category SET parent_id = id WHERE parent_id IS NULL",
    "I41 the list": "DELETE FROM products_categoryancestor",
    "a product shows": "UPDATE products_product SET cover_name = ''",
}
# MariaDB cannot take a CHECK away inside a transaction: it refuses these rows itself.
KEPT_BY_MARIADB = {"I37 what"}


@pytest.fixture
def goods(make_category, make_product, picture_file):
    """A product on sale with a picture, in a tree of two, and one at its list price."""
    category = make_category("Lamps", parent=make_category("Home"))
    product = make_product(category=category, price=2000, stock=3)
    now = clock.now()
    create_discount(
        product_id=product.pk, percent_bps=1000, starts_at=now, ends_at=now + timedelta(days=1), actor=SYSTEM
    )
    add_image(product_id=product.pk, file=picture_file(), alt_text="A lamp", actor=SYSTEM)
    make_product(category=category)


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_found(goods, name):
    assert find_breaches(INVARIANTS) == []
    if connection.vendor == "mysql" and name in KEPT_BY_MARIADB:
        pytest.skip("MariaDB's CHECK keeps it")

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = 1")
        elif connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "ALTER TABLE products_product DROP CONSTRAINT products_product_never_above_list_price"
            )
        try:
            cursor.execute(BREAKS[name])
        finally:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = 0")

    assert any(str(breach).startswith(name) for breach in find_breaches(INVARIANTS))


def test_every_invariant_has_its_break():
    assert all(any(rule.name.startswith(name) for name in BREAKS) for rule in INVARIANTS)
