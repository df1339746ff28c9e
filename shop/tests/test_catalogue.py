"""Browsing as a visitor meets it."""

import json
import re

import pytest
from django.conf import settings
from django.urls import reverse

from marketplace.accounts.models import SellerProfile
from marketplace.accounts.shops import become_seller
from marketplace.common.authorisation import SYSTEM
from marketplace.products import services
from marketplace.products.models import Product
from marketplace.products.states import BrandStatus, ListingStatus
from marketplace.web.tests.markup import markup
from shop.tests.list_pages import HTMX, MORE, category_page, product_page, searches, titles

pytestmark = pytest.mark.django_db


# --- pages --------------------------------------------------------------------------------------


def test_home_shows_categories_and_new_products(client, shelf):
    response = client.get(reverse("shop:home"))

    assert response.status_code == 200
    assert 'href="/c/kitchen/"' in response.content.decode()
    assert set(titles(response)) == {"Copper kettle", "Travel kettle", "Enamel kettle"}


def test_home_of_an_empty_store_says_so(client):
    response = client.get(reverse("shop:home"))

    assert response.status_code == 200
    assert 'data-testid="empty"' in response.content.decode()


def test_a_category_shows_what_lies_beneath_it(client, shelf):
    response = client.get(category_page("kitchen"))

    assert len(titles(response)) == 3
    assert "3 products" in response.content.decode()


@pytest.mark.parametrize("name", ["shop:category", "shop:brand", "shop:seller", "shop:product"])
def test_an_unknown_name_is_a_404(client, name):
    assert client.get(reverse(name, args=["nowhere"])).status_code == 404


def test_a_brand_page_shows_the_brand_only(client, shelf):
    response = client.get(reverse("shop:brand", args=["copperline"]))

    assert set(titles(response)) == {"Copper kettle", "Enamel kettle"}


def test_a_brand_that_is_not_approved_has_no_page(client, make_brand):
    brand = make_brand("Waiting", status=BrandStatus.PENDING)

    assert client.get(reverse("shop:brand", args=[brand.slug])).status_code == 404


@pytest.mark.every_database
def test_a_seller_page_shows_the_shop(client, shelf, seller):
    response = client.get(reverse("shop:seller", args=[seller.seller_profile.slug]))

    assert seller.seller_profile.shop_name in response.content.decode()
    assert len(titles(response)) == 3


@pytest.mark.every_database
def test_a_shop_shows_its_logo_and_banner(client, make_product, seller):
    """Until there are any, its first letter."""
    make_product()
    path = reverse("shop:seller", args=[seller.seller_profile.slug])
    assert 'data-testid="logo"' not in client.get(path).content.decode()
    SellerProfile.objects.filter(pk=seller.pk).update(logo="shops/logo/a.webp", banner="shops/banner/b.webp")

    page = client.get(path).content.decode()

    assert "shops/logo/a.webp" in page
    assert "shops/banner/b.webp" in page


def test_all_categories_are_links(client, shelf):
    page = client.get(reverse("shop:categories")).content.decode()

    assert 'href="/c/kitchen/"' in page
    assert 'href="/c/kettles/"' in page


# --- search -------------------------------------------------------------------------------------


@searches
def test_search_finds_by_words(client, shelf):
    response = client.get(reverse("shop:search"), {"q": "travel kettle"})

    assert titles(response) == ["Travel kettle"]
    assert "Results for “travel kettle”" in response.content.decode()


def test_search_without_words_shows_everything(client, shelf):
    assert len(titles(client.get(reverse("shop:search")))) == 3


@searches
def test_a_misspelt_search_says_what_it_searched_for(client, shelf):
    response = client.get(reverse("shop:search"), {"q": "travvel"})

    assert titles(response) == ["Travel kettle"]
    assert "Showing results for “travel”" in response.content.decode()


def test_a_search_that_finds_nothing_says_what_to_do_next(client, shelf):
    response = client.get(reverse("shop:search"), {"q": "zzzzzzzzqqq"})
    page = response.content.decode()

    assert "Nothing found for “zzzzzzzzqqq”" in page
    assert "Browse everything" in page
    assert "You may like these" in page


def test_what_is_typed_is_only_ever_text(client, shelf):
    page = client.get(reverse("shop:search"), {"q": "<script>alert(1)</script>"}).content.decode()

    assert "<script>alert" not in page


def test_search_is_limited(client, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"search": (2, 60)}
    for _attempt in range(2):
        assert client.get(reverse("shop:search"), {"q": "tea"}).status_code == 200

    refused = client.get(reverse("shop:search"), {"q": "tea"})

    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0


def test_limits_know_both_kinds_of_search():
    assert {"search", "suggest"} <= settings.RATE_LIMITS.keys()


def test_suggestions_are_options_for_htmx_and_links_without(client, shelf):
    url = reverse("shop:search_suggest")

    part = client.get(url, {"q": "copp"}, headers={"HX-Request": "true"}).content.decode()
    page = client.get(url, {"q": "copp"}).content.decode()

    assert 'role="option"' in part
    assert "<html" not in part
    assert f'data-href="{reverse("shop:brand", args=["copperline"])}"' in part
    assert f'href="{reverse("shop:brand", args=["copperline"])}"' in page
    assert "<html" in page


def test_a_search_leads_to_the_shop_of_that_name_and_says_when_words_are_missing(
    client, make_product, person
):
    keeper = person()
    become_seller(user_id=keeper.pk, shop_name="Loom & Lace", actor=SYSTEM)
    make_product(title="Blue blouse", seller=keeper)

    page = client.get(reverse("shop:search"), {"q": "loom lace"}).content.decode()
    loose = client.get(reverse("shop:search"), {"q": "blue blouse qwxyz"}).content.decode()

    assert f'href="{reverse("shop:seller", args=[keeper.seller_profile.slug])}"' in page
    assert "Visit Loom &amp; Lace" in page
    assert "Nothing has all of these words" in loose
    assert "Nothing has all of these words" not in page


def test_a_sign_that_nothing_shows_is_told_so(client, shelf):
    page = client.get(reverse("shop:search"), {"q": "☂"}).content.decode()

    assert "Nothing found for “☂”" in page


# --- filters, sorts, pages ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("price_max=30", {"Travel kettle", "Enamel kettle"}),
        ("price_min=25", {"Copper kettle", "Enamel kettle"}),
        ("brand=copperline", {"Copper kettle", "Enamel kettle"}),
        ("brand=copperline&in_stock=1", {"Copper kettle"}),
        ("brand=copperline&brand=northwind", {"Copper kettle", "Enamel kettle", "Travel kettle"}),
        ("on_sale=1", set()),
        ("rating=4", set()),
    ],
)
@pytest.mark.every_database
def test_filters_narrow_the_list(client, shelf, query, expected):
    assert set(titles(client.get(f"{category_page()}?{query}"))) == expected


def test_sorts_order_the_list(client, shelf):
    assert titles(client.get(f"{category_page()}?sort=price")) == [
        "Travel kettle",
        "Enamel kettle",
        "Copper kettle",
    ]


def test_filters_say_how_many_they_leave(client, shelf):
    page = markup(client.get(category_page()))

    assert re.search(r'value="copperline">Copperline<span class="number">2</span>', page)
    assert re.search(r'name="in_stock" value="1">In stock<span class="number">2</span>', page)


@pytest.mark.every_database
def test_an_active_filter_is_a_chip_that_removes_it(client, shelf):
    page = client.get(f"{category_page()}?brand=copperline&price_max=30&sort=price").content.decode()

    assert 'href="/c/kettles/?price_max=30&amp;sort=price"' in page
    assert 'href="/c/kettles/?brand=copperline&amp;sort=price"' in page
    assert 'href="/c/kettles/?sort=price"' in page


@pytest.mark.every_database
def test_filters_that_leave_nothing_can_all_be_removed(client, shelf):
    page = client.get(f"{category_page()}?brand=copperline&price_max=1").content.decode()

    assert "Nothing matches all of these filters" in page
    assert '<a class="btn btn-primary" href="/c/kettles/">' in page


def test_a_form_without_javascript_comes_to_the_one_address(client, shelf):
    response = client.get(f"{category_page()}?price_min=&price_max=30.00&sort=&size=&in_stock=1")

    assert response.status_code == 302
    assert response.url == "/c/kettles/?price_max=30&in_stock=1"


@pytest.mark.every_database
def test_htmx_gets_the_results_and_the_address_to_push(client, shelf):
    response = client.get(f"{category_page()}?price_min=&price_max=30&sort=", headers=HTMX)
    page = response.content.decode()

    assert response["HX-Push-Url"] == "/c/kettles/?price_max=30"
    assert "<html" not in page
    assert 'id="results"' in page
    assert 'id="filter-fields" hx-swap-oob="true"' in page
    assert {"HX-Request", "HX-Target"} <= {part.strip() for part in response["Vary"].split(",")}


def test_a_restored_history_entry_gets_the_whole_page(client, shelf):
    headers = HTMX | {"HX-History-Restore-Request": "true"}

    assert "<html" in client.get(category_page(), headers=headers).content.decode()


@pytest.mark.every_database
def test_show_more_is_a_link_and_a_part(client, make_product, kettles):
    for number in range(30):
        make_product(title=f"Kettle {number:02}", category=kettles)
    first = client.get(category_page())
    more = re.search(r'<a class="btn[^"]*" href="([^"]*after=[^"]*)"', markup(first))[1]

    page = client.get(more)
    part = client.get(more, headers=MORE)

    assert len(titles(first)) == 24
    assert len(titles(page)) == len(titles(part)) == 6
    assert not set(titles(first)) & set(titles(page))
    assert "<section" not in part.content.decode()
    assert "HX-Push-Url" not in part
    assert 'id="more"' not in part.content.decode()
    assert "Back to the first products" in page.content.decode()


def test_the_page_size_is_a_choice_of_three(client, make_product, kettles):
    for _number in range(30):
        make_product(category=kettles)

    assert len(titles(client.get(f"{category_page()}?size=48"))) == 30
    assert client.get(f"{category_page()}?size=1000").url == category_page()


# --- a product ----------------------------------------------------------------------------------


def test_a_product_page_has_price_stock_and_a_form(client, shelf):
    page = client.get(product_page(shelf["copper"])).content.decode()

    assert "€49.90" in page
    assert "In stock" in page
    assert f'name="product" value="{shelf["copper"].pk}"' in page
    assert f'action="{reverse("shop:cart_add")}"' in page
    assert "No reviews yet" in page


def test_the_last_pieces_are_counted(client, shelf):
    assert "Only 2 left" in client.get(product_page(shelf["travel"])).content.decode()


def test_a_sold_out_product_is_shown_and_not_sold(client, shelf):
    page = client.get(product_page(shelf["enamel"])).content.decode()

    assert "Sold out" in page
    assert 'data-testid="add-to-cart"' not in page


@pytest.mark.parametrize("status", [status for status in ListingStatus if status != ListingStatus.LIVE])
def test_what_is_not_live_is_a_404(client, shelf, status):
    Product.objects.filter(pk=shelf["copper"].pk).update(status=status)

    assert client.get(product_page(shelf["copper"])).status_code == 404


def test_sellers_do_not_buy_from_themselves(client, shelf, seller):
    client.force_login(seller)

    page = client.get(product_page(shelf["copper"])).content.decode()

    assert 'data-testid="own-product"' in page
    assert 'data-testid="add-to-cart"' not in page


def test_couriers_do_not_buy(client, shelf, courier):
    client.force_login(courier)

    assert 'data-testid="add-to-cart"' not in client.get(product_page(shelf["copper"])).content.decode()


def test_a_description_is_text(client, make_product):
    product = make_product(description="<b>bold</b>\n\nsecond & last")

    page = client.get(product_page(product)).content.decode()

    assert "<p>&lt;b&gt;bold&lt;/b&gt;</p>" in page
    assert "second &amp; last" in page


def test_machines_read_price_and_availability(client, make_product):
    product = make_product(title="Tea </script><script>alert(1)</script>", price=1999)

    page = client.get(product_page(product)).content.decode()
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    about, way = map(json.loads, blocks)

    assert about["name"] == product.title
    assert about["offers"]["price"] == "19.99"
    assert about["offers"]["availability"] == "https://schema.org/InStock"
    assert "aggregateRating" not in about
    assert way["itemListElement"][-1]["item"] == f"http://localhost:8000{product_page(product)}"


def test_a_lower_price_stands_beside_the_old_one(client, make_product, django_capture_on_commit_callbacks):
    from datetime import timedelta

    from marketplace.common import clock

    product = make_product(price=2000)
    now = clock.now()
    services.create_discount(
        product_id=product.pk,
        percent_bps=2500,
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=1),
        actor=SYSTEM,
    )

    page = client.get(product_page(product)).content.decode()

    assert "€15.00" in page
    assert '<s class="price-was">€20.00</s>' in page
    assert "Lowest price of the 30 days before" in page
