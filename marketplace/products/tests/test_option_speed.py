"""A list that is filtered by what one variant must meet reads variants by their product, and never all of them."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection

from marketplace.common import clock
from marketplace.products.models import Product, Variant
from marketplace.products.option_keys import keys_of, keys_of_variant
from marketplace.products.selectors import ListingQuery, list_products

MANY = 1500
OPTIONS = [["Size", ["S", "M"]], ["Colour", ["Red", "Blue"]]]
PAIRS = (("S", "Red"), ("M", "Blue"))


@pytest.fixture
def crowd(seller, make_product):
    """Many shirts in red S at 10.00 and blue M at 20.00, and a lamp."""
    first = make_product(title="Lamp", price=9900)
    now = clock.now()
    Product.objects.bulk_create(
        Product(
            seller=seller,
            category=first.category,
            title=f"Shirt {number}",
            slug=f"shirt-{number}",
            status="live",
            published_at=now - timedelta(minutes=number),
            price=1000,
            current_price=1000,
            price_to=2000,
            in_stock=True,
            options=OPTIONS,
        )
        for number in range(MANY)
    )
    made = list(Product.objects.exclude(pk=first.pk))
    rows = [
        Variant(
            product=product,
            seller=seller,
            position=position,
            option1=size,
            option2=colour,
            option_keys=keys_of_variant(OPTIONS, (size, colour)),
            sku=f"{product.slug}-{size}",
            price=1000 * (position + 1),
            current_price=1000 * (position + 1),
            stock=5,
        )
        for product in made
        for position, (size, colour) in enumerate(PAIRS)
    ]
    Variant.objects.bulk_create(rows, batch_size=500)
    for number, product in enumerate(made):
        product.option_keys = keys_of(OPTIONS, rows[2 * number : 2 * number + 2])
    Product.objects.bulk_update(made, ["option_keys"], batch_size=200)
    if connection.vendor != "mysql":  # there it would end the test's transaction
        with connection.cursor() as cursor:
            for table in ("products_product", "products_variant"):
                cursor.execute(f"ANALYZE {table}")
    return first.category


@pytest.mark.every_database
@pytest.mark.breaks_books
@pytest.mark.parametrize("sort", ["newest", "price"])
@pytest.mark.parametrize(
    "asked",
    [
        {"options": ("Size:M", "Colour:Red")},
        {"options": ("Size:M",), "price_min": 1000, "price_max": 1999},
        {"price_min": 1200, "price_max": 1800},
    ],
)
def test_variants_are_read_by_their_product(crowd, asked, sort):
    captured = []

    def capture(execute, sql, params, many, context):
        captured.append((sql, params))
        return execute(sql, params, many, context)

    cache.clear()
    with connection.execute_wrapper(capture):
        page = list_products(ListingQuery(category_slug=crowd.slug, sort=sort, **asked))

    assert page.cards == []
    sql, params = next(one for one in captured if "cover_name" in one[0])
    assert "products_variant" in sql
    word = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{word} {sql}", params)
        rows = cursor.fetchall()
    if connection.vendor == "mysql":
        assert all(row[3] == "ref" for row in rows if row[2] in ("U0", "products_variant")), rows
        return
    plan = "\n".join(str(row[-1]) for row in rows)
    assert not re.search(
        r"Seq Scan on products_(product|variant)|\bSCAN (products_product|U0)(?! USING)", plan
    ), plan
    assert re.search(r"products_variant_values_once|\bSEARCH U0 USING INDEX \S+ \(product_id=\?", plan), plan
