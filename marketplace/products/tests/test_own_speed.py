"""A seller's table of many listings: its orders and filters are read along an index."""

import re

import pytest
from django.db import connection

from marketplace.products.models import Product
from marketplace.products.search.own import own_words_of, write
from marketplace.products.selectors import OWN_SORTS, OwnQuery, own_page
from marketplace.products.services import Changes, edit_listing

MANY = 3000


@pytest.fixture
def shop(seller, make_product):
    """Many drafts of one seller, a tenth of them paused, of other titles and prices each."""
    first = make_product(status="draft")
    Product.objects.bulk_create(
        Product(
            seller=seller,
            category=first.category,
            title=f"Thing {number * 7919 % MANY}",
            slug=f"thing-{number}",
            status="draft" if number % 10 else "paused",
            price=100 + number * 7907 % MANY,
            current_price=100 + number * 7907 % MANY,
            price_to=100 + number * 7907 % MANY,
        )
        for number in range(MANY)
    )
    write(Product.objects.values_list("pk", flat=True))
    if connection.vendor != "mysql":  # there it would end the test's transaction
        with connection.cursor() as cursor:
            for table in ("products_product", "products_ownword"):
                cursor.execute(f"ANALYZE {table}")
    return seller


def plans(seller, asked: OwnQuery, after: str) -> tuple[str, str]:
    """How the page's own query is read, and where the next page begins."""
    captured = []

    def capture(execute, sql, params, many, context):
        captured.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(capture):
        page = own_page(seller, asked, after=after)
    sql, params = next(one for one in captured if "cover_name" in one[0])
    word = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{word} {sql}", params)
        rows = cursor.fetchall()
    if connection.vendor == "mysql":  # id, select type, table, type of access, possible keys, key, …
        return "\n".join(f"{row[2]} {row[3]} by {row[5]}" for row in rows), page.next_after
    return "\n".join(str(row[-1]) for row in rows), page.next_after


@pytest.mark.skipif(connection.vendor == "mysql", reason="MariaDB says it otherwise")
@pytest.mark.breaks_books
@pytest.mark.every_database
@pytest.mark.parametrize("status", ["", "paused"])
@pytest.mark.parametrize("sort", OWN_SORTS)
def test_each_order_is_read_along_an_index_from_where_the_page_begins(shop, sort, status):
    after = ""
    for _page in range(2):
        plan, after = plans(shop, OwnQuery(sort=sort, status=status), after)

        assert not re.search(r"Seq Scan on products_product|\bSCAN products_product(?! USING)", plan), plan
        if not status:
            assert not re.search(r"Sort Key|TEMP B-TREE FOR ORDER BY", plan), plan


@pytest.mark.breaks_books
@pytest.mark.every_database
@pytest.mark.parametrize("sort", OWN_SORTS)
@pytest.mark.parametrize("text", ["28", "thi 28", "thing-28"])
def test_a_search_reads_the_words_that_begin_so_and_no_others(shop, sort, text):
    """Of 3,000 listings 111 have a number that begins with 28."""
    plan, _after = plans(shop, OwnQuery(sort=sort, text=text), "")

    assert re.search(r"product_own_word", plan), plan
    assert not re.search(
        r"Seq Scan|\bSCAN (products_product|U\d)(?! USING)|(products_product|U\d) ALL by", plan
    ), plan


@pytest.mark.every_database
@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        ("linen", True),
        ("LINÉN Sh", True),
        ("shirt linen", True),
        ("inen", False),
        ("ab-12", True),
        ("AB12", True),
        ("1234", True),
        ("衫", True),
        ("亚麻", True),
        ("麻亚", False),
        ("linen trousers", False),
        ("50%", True),
        ("%", False),
        ("_", False),
    ],
)
def test_a_listing_is_found_by_how_its_words_begin(make_product, seller, other_seller, asked, is_found):
    """In whatever state it is, and as it is called now."""
    made = make_product(title="Old", status="draft", sku="AB-1234")
    edit_listing(product_id=made.pk, changes=Changes(title="Linen shirt 50 亚麻衬衫"), actor=seller)
    make_product(title="Linen shirt", seller=other_seller)

    assert [row.id for row in own_page(seller, OwnQuery(text=asked)).rows] == [made.pk] * is_found
    assert own_page(seller, OwnQuery(text="old")).rows == []


def test_a_listing_of_signs_is_found_by_them():
    assert own_words_of("—", []) == {"—"}
    assert own_words_of("Tea", ["AB-1"]) == {"tea", "ab", "1", "ab1"}
