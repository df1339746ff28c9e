"""What a page of the catalogue costs: queries, bytes, and cards that are drawn once."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.products import tree
from marketplace.products.models import Product

# MariaDB's full text shows committed rows only.
pytestmark = pytest.mark.django_db(transaction=connection.vendor == "mysql")


def product_page(product) -> str:
    return reverse("shop:product", args=[product.slug])


@pytest.fixture
def warm(client):
    """`warm(path)`: one visit fills the caches (tree, facets, cards)."""

    def visit(path: str) -> None:
        assert client.get(path).status_code == 200

    return visit


@pytest.mark.parametrize("many", [10, 150])
@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/", 3),
        ("/c/things/", 1),
        ("/c/things/?price_max=5000&in_stock=1&sort=price", 1),
        ("/b/acme/", 2),
        ("/s/shop/", 2),
        ("/search/?q=lamp", 1),
        ("/search/", 1),
        ("/p/lamp/", 3),
    ],
)
@pytest.mark.every_database
def test_a_warm_page_takes_the_same_few_queries_for_any_number_of_products(
    client, make_product, make_brand, category, seller, django_assert_max_num_queries, warm, many, path, most
):
    brand = make_brand("Acme")
    for _number in range(many):
        lamp = make_product(title="Lamp", brand=brand)
    path = path.replace("/s/shop/", reverse("shop:seller", args=[seller.seller_profile.slug]))
    path = path.replace("/p/lamp/", product_page(lamp))
    warm(path)

    with django_assert_max_num_queries(most):
        client.get(path)


@pytest.mark.parametrize(
    ("path", "most"), [("/", 6), ("/c/things/", 3), ("/search/?q=lamp", 3), ("/p/lamp/", 4)]
)
@pytest.mark.parametrize("is_new", [True, False], ids=["new process", "empty cache"])
def test_a_cold_page_takes_few_queries(
    client, make_product, django_assert_max_num_queries, monkeypatch, is_new, path, most
):
    """Also where nothing is remembered at all: neither in the cache nor in the process."""
    for _number in range(30):
        lamp = make_product(title="Lamp")
    path = path.replace("/p/lamp/", product_page(lamp))
    cache.clear()
    if is_new:
        monkeypatch.setattr(tree, "_latest", None)

    with django_assert_max_num_queries(most):
        client.get(path)


@pytest.mark.parametrize("path", ["/", "/c/things/", "/search/?q=lamp", "/p/lamp/"])
def test_being_signed_in_adds_at_most_three_queries(client, make_product, buyer, path):
    lamp = make_product(title="Lamp")
    path = path.replace("/p/lamp/", product_page(lamp))
    client.get(path)
    with CaptureQueriesContext(connection) as visitor:
        client.get(path)
    client.force_login(buyer)
    client.get(path)
    with CaptureQueriesContext(connection) as person:
        client.get(path)

    assert len(person) - len(visitor) <= 3


@pytest.mark.every_database
def test_a_category_page_is_small(client, make_product, make_brand, category):
    """24 cards with pictures, all filters offered: at most 40 kB of HTML before compression."""
    brands = [make_brand(f"Brand {number}") for number in range(20)]
    for number in range(60):
        made = make_product(title=f"A product with quite a long title {number}", brand=brands[number % 20])
        Product.objects.filter(pk=made.pk).update(cover_name=f"products/3f{number:030}.webp")
    Product.objects.update(cover_width=1200, cover_height=1200, cover_alt="A thing, seen from the side")

    page = client.get("/c/things/").content

    assert page.count(b"<picture>") == 24
    assert len(page) <= 40_000


def test_a_card_is_drawn_again_when_its_product_changed(client, make_product, category, change):
    product = make_product(title="Lamp", price=2000)
    assert "€20.00" in client.get("/c/things/").content.decode()

    change(product, price=3000)

    assert "€30.00" in client.get("/c/things/").content.decode()
