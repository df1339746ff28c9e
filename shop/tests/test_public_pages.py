"""What everybody may ask for: search engines, caches in between, and whoever types nonsense."""

import re
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from shop.tests.list_pages import HTMX, MORE, category_page, product_page
from shop.tests.test_listing_state import NONSENSE
from shop.views.crawlers import PRODUCTS_A_FILE

pytestmark = pytest.mark.django_db


# --- search engines and caches ------------------------------------------------------------------


@pytest.mark.every_database
def test_only_a_plain_page_is_indexed(client, shelf):
    plain = client.get(category_page()).content.decode()
    filtered = client.get(f"{category_page()}?in_stock=1").content.decode()

    assert "noindex" not in plain
    assert '<meta name="robots" content="noindex, follow">' in filtered
    for page in (plain, filtered):
        assert '<link rel="canonical" href="http://localhost:8000/c/kettles/">' in page


def test_a_visitor_without_cookies_gets_a_page_that_may_be_shared(client, shelf):
    response = client.get(category_page())

    assert response["Cache-Control"] == "public, max-age=0, s-maxage=30"
    assert not response.cookies
    assert "Cookie" in response["Vary"]


def test_what_htmx_asks_for_is_not_shared(client, shelf):
    """It names a page and its parts by the same address: a cache would hand one out for the other."""
    for more in ({}, {"HX-History-Restore-Request": "true"}, {"HX-Boosted": "true"}):
        response = client.get(category_page(), headers={"HX-Request": "true", **more})

        assert "public" not in response.get("Cache-Control", "")


def test_nobody_elses_page_is_shared(client, shelf, buyer):
    client.force_login(buyer)

    cache_control = client.get(category_page())["Cache-Control"]

    assert "public" not in cache_control
    assert "no-store" in cache_control


def test_a_page_with_a_form_of_a_visitor_is_not_shared(client, shelf):
    response = client.get(product_page(shelf["copper"]))

    assert "public" not in response.get("Cache-Control", "")


def test_robots_are_told_where_the_map_is(client):
    text = client.get("/robots.txt").content.decode()

    assert "Disallow: /accounts/" in text
    assert "Sitemap: http://localhost:8000/sitemap.xml" in text


def test_the_sitemap_leads_to_every_public_page(client, shelf, seller):
    index = client.get("/sitemap.xml").content.decode()
    found = "".join(
        client.get(path.removeprefix("http://localhost:8000")).content.decode()
        for path in re.findall(r"<loc>(.*?)</loc>", index)
    )

    for path in (
        "/c/kettles/",
        "/b/copperline/",
        reverse("shop:seller", args=[seller.seller_profile.slug]),
        product_page(shelf["copper"]),
    ):
        assert f"<loc>http://localhost:8000{path}</loc>" in found


def test_a_sitemap_of_products_that_cannot_be_is_a_404(client):
    assert client.get(f"/sitemap-products-{10**30}.xml").status_code == 404


# --- garbage ------------------------------------------------------------------------------------

PATHS = [
    "/",
    "/c/",
    "/c/kettles/",
    "/b/copperline/",
    "/s/shop/",
    "/search/",
    "/search/suggest/",
    "/p/copper-kettle/",
]
NAMES = [
    "q",
    "category",
    "brand",
    "price_min",
    "price_max",
    "rating",
    "in_stock",
    "on_sale",
    "sort",
    "size",
    "after",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("value", NONSENSE, ids=range(len(NONSENSE)))
@pytest.mark.every_database
def test_garbage_in_a_parameter_is_never_an_error(client, shelf, path, value):
    client.raise_request_exception = True
    garbage = quote(value.encode("utf-8", "surrogatepass"))
    for headers in ({}, HTMX, MORE):
        for query in (
            "&".join(f"{name}={garbage}" for name in NAMES),
            f"q=kettle&sort=price&after={garbage}",
        ):
            response = client.get(f"{path}?{query}", headers=headers, follow=True)
            assert response.status_code in (200, 404)


@pytest.mark.parametrize("slug", ["a" * 5000, "%00", "%ED%A0%80", "..%2f", "' or 1=1", "10e30"])
@pytest.mark.parametrize("kind", ["c", "b", "s", "p"])
def test_garbage_in_a_path_is_a_404(client, kind, slug):
    assert client.get(f"/{kind}/{slug}/").status_code == 404


@pytest.mark.every_database
def test_a_parameter_many_times_over_is_no_error(client, shelf):
    assert client.get(f"{category_page()}?" + "&".join(["price_min=1"] * 50), follow=True).status_code == 200
    assert client.get(f"{category_page()}?" + "&".join(["brand=x"] * 150), follow=True).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_public_pages_only_answer_reads(client, shelf, path):
    assert client.post(path).status_code == 405
    assert client.head(path).status_code in (200, 404)


def test_no_page_needs_a_csrf_check_to_be_read(shelf):
    assert Client(enforce_csrf_checks=True).get(category_page()).status_code == 200


@pytest.mark.every_database
@pytest.mark.parametrize(
    "path",
    [
        *("/", "/c/kettles/", "/search/?q=kettle", "/robots.txt", "/sitemap.xml"),
        *("/sitemap-pages.xml", "/sitemap-products-{file}.xml", "/p/{slug}/"),
    ],
)
def test_no_address_of_a_page_follows_the_host_header(client, shelf, make_product, path):
    product = make_product()
    path = path.format(slug=product.slug, file=product.pk // PRODUCTS_A_FILE)

    answer = client.get(path, headers={"host": "localhost:4242"}, follow=True)

    assert answer.status_code == 200
    assert "4242" not in answer.content.decode()
    assert "http://localhost:8000/" in answer.content.decode()
