"""Each invariant finds what it is there to find: something is broken on purpose, by raw SQL."""

from datetime import timedelta

import pytest
from django.db import connection

from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.common.invariants import find_breaches
from marketplace.products.invariants import INVARIANTS
from marketplace.products.services import (
    Changes,
    NewVariant,
    add_image,
    begin_edit,
    change_edit,
    create_discount,
    decide_edit,
    submit_edit,
)
from marketplace.reviewing.models import Submission
from marketplace.reviewing.states import Decision

BREAKS = {
    "I15 stock": "UPDATE products_variant SET stock = -1",
    "I15 a product": "UPDATE products_product SET in_stock = NOT in_stock",
    "every product has a variant": "UPDATE products_variant SET seller_id = (SELECT MAX(id) FROM accounts_user)",
    "a product without options": "UPDATE products_variant SET option1 = '', option2 = sku",
    "I16 a variant's": "UPDATE products_variant SET stock = stock + 1",
    "I16 each": "UPDATE products_stockmove SET kind = 'sold'",
    "I17": "UPDATE products_stockmove SET delta = -1",
    "I37 what": "UPDATE products_variant SET current_price = price + 1",
    "I37 a variant's": "UPDATE products_variant SET lowest_price_30d = current_price",
    "I37 a product": "UPDATE products_product SET on_sale = NOT on_sale",
    "a product costs": "UPDATE products_product SET price_to = price_to + 1",
    "a product's price columns": "UPDATE products_product SET price = price + 1",
    "the price history": "UPDATE products_pricechange SET price = price + 1",
    "the last step": "UPDATE products_listingevent SET to_status = 'paused'",
    "exactly the live": "DELETE FROM products_searchentry",
    "its seller finds": "UPDATE products_ownword SET seller_id = (SELECT MAX(id) FROM accounts_user)",
    "I41 the tree": "UPDATE products_category SET parent_id = id WHERE parent_id IS NULL",
    "I41 the list": "DELETE FROM products_categoryancestor",
    "of what a listing said": "UPDATE products_listingversion SET number = number + 1",
    "one edit is open": "UPDATE products_product SET status = 'archived'",
    "an edit is where": "DELETE FROM products_editevent",
    "an edit waits": "UPDATE reviewing_submission SET object_id = 0",
    "what a submission": "UPDATE reviewing_submission SET kind = 'listing', object_id = (SELECT MIN(id)"
    " FROM products_product) WHERE open_key IS NOT NULL",
    "a product shows": "UPDATE products_product SET cover_name = ''",
}
# More ways to break one that says several things.
MORE = [
    ("its seller finds", "DELETE FROM products_ownword"),
    ("I15 a product", "UPDATE products_variant SET is_offered = (stock = 0)"),
    (
        "every product has a variant",
        "UPDATE products_variant SET product_id = (SELECT MIN(id) FROM products_product) WHERE option1 <> ''",
    ),
    ("a product costs", "UPDATE products_variant SET current_price = 1 WHERE stock > 0"),
    ("a product costs", "UPDATE products_product SET current_price = current_price - 1"),
    ("a product's price columns", "UPDATE products_product SET lowest_price_30d = 1"),
    ("the price history", "DELETE FROM products_pricechange"),
    ("of what a listing said", "UPDATE products_product SET content_number = content_number + 1"),
    (
        "one edit is open",
        "UPDATE products_listingedit SET product_id = (SELECT MIN(id) FROM products_product)",
    ),
    ("an edit waits", "UPDATE products_listingedit SET status = 'pending' WHERE open_key IS NOT NULL"),
    ("an edit is where", "UPDATE products_editevent SET to_status = 'declined'"),
]
# PostgreSQL and MariaDB have these CHECKs; MariaDB cannot take one away inside a transaction.
CHECKS = {
    "I15 stock": ("products_variant_stock_check", "products_variant_stock_not_negative"),
    "I37 what": ("products_variant_never_above_list_price",),
}


@pytest.fixture
def goods(make_category, make_product, picture_file, person, seller, admin):
    """A product on sale with a picture, in a tree of two, one at its list price, and one in three sizes. What the
    first says was changed once and shall be once more; an edit of the second is begun."""
    category = make_category("Lamps", parent=make_category("Home"))
    product = make_product(category=category, price=2000, stock=3)
    now = clock.now()
    create_discount(
        product_id=product.pk, percent_bps=1000, starts_at=now, ends_at=now + timedelta(days=1), actor=SYSTEM
    )
    add_image(product_id=product.pk, file=picture_file(), alt_text="A lamp", actor=SYSTEM)
    for text in ("Of brass.", "Of steel."):
        edit = begin_edit(product_id=product.pk, actor=seller)
        change_edit(edit_id=edit.pk, changes=Changes(description=text), actor=seller)
        submit_edit(edit_id=edit.pk, actor=seller)
        if text == "Of brass.":
            submission = Submission.objects.get()
            decide_edit(submission_id=submission.pk, decision=Decision.APPROVE, reason="", actor=admin)
    begin_edit(product_id=make_product(category=category).pk, actor=seller)
    make_product(
        category=category,
        options=[("Size", ["S", "M", "L"])],
        variants=[NewVariant(900, 0, ("S",)), NewVariant(1000, 2, ("M",)), NewVariant(1200, 2, ("L",))],
    )
    person()  # who sells nothing


@pytest.mark.breaks_books
@pytest.mark.parametrize(("name", "break_it"), [*BREAKS.items(), *MORE])
def test_a_break_is_found(goods, name, break_it):
    assert find_breaches(INVARIANTS) == []
    if connection.vendor == "mysql" and name in CHECKS:
        pytest.skip("MariaDB's CHECK keeps it")

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = 1")
        elif connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for check in CHECKS.get(name, ()):
                cursor.execute(f"ALTER TABLE products_variant DROP CONSTRAINT {check}")
        try:
            cursor.execute(break_it)
        finally:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = 0")

    assert any(str(breach).startswith(name) for breach in find_breaches(INVARIANTS))


def test_every_invariant_has_its_break():
    assert all(any(rule.name.startswith(name) for name in BREAKS) for rule in INVARIANTS)
