"""Lists: pages by key, filters with counts, few queries, and nothing that garbage could break."""

import base64
import json

import pytest
from django.core.cache import cache

from marketplace.common.authorisation import SYSTEM
from marketplace.products import services
from marketplace.products.models import Product
from marketplace.products.selectors import (
    ListingQuery,
    cards_by_ids,
    category_tree,
    home_page,
    list_products,
    product_page,
)
from marketplace.products.selectors import listing as module
from marketplace.products.selectors import query as query_module
from marketplace.products.selectors.cursors import read_cursor, write_cursor
from marketplace.products.states import BrandStatus, ListingStatus


def ids(listing):
    return [card["id"] for card in listing.cards]


def all_pages(query):
    seen, after = [], ""
    while after is not None:
        page = list_products(ListingQuery(**query, after=after))
        seen += ids(page)
        after = page.next_cursor
    return seen


@pytest.fixture
def tree(make_category):
    root = make_category("Home")
    return root, [make_category(f"Shelf {number}", parent=root) for number in range(3)]


@pytest.mark.parametrize("sort", ["newest", "price", "price-desc", "rating", "popular"])
def test_pages_follow_each_other_in_order_without_gap_or_repetition(make_product, tree, sort):
    root, shelves = tree
    made = [make_product(price=1000 + number // 7, category=shelves[number % 3]).pk for number in range(55)]
    for number, pk in enumerate(made):
        Product.objects.filter(pk=pk).update(rating_average=number % 4 * 100, sold_count=number % 6)
    column, descending = {
        "newest": ("published_at", True),
        "price": ("current_price", False),
        "price-desc": ("current_price", True),
        "rating": ("rating_average", True),
        "popular": ("sold_count", True),
    }[sort]
    sign = "-" if descending else ""
    expected = list(Product.objects.order_by(f"{sign}{column}", f"{sign}pk").values_list("pk", flat=True))

    assert all_pages({"sort": sort}) == expected
    assert all_pages({"sort": sort, "category_slug": root.slug}) == expected


def test_a_page_goes_on_where_it_stopped_although_new_things_came(make_product):
    made = [make_product().pk for _number in range(30)]
    first = list_products(ListingQuery())
    make_product(title="New")

    second = list_products(ListingQuery(after=first.next_cursor))

    assert ids(first) + ids(second) == made[::-1]


GARBAGE = [
    *("x", "\x00", "é", "=" * 50, "A" * 5000, "bnVsbA", base64.urlsafe_b64encode(b"[" * 100).decode()),
    *(
        base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")
        for parts in (
            [],
            {},
            ["newest"],
            ["newest", 10**30, 1],
            ["newest", 10**18, 1],
            ["newest", -1, 1],
            ["newest", 1.5, 1],
            ["newest", "1", "2"],
            ["newest", True, [1]],
            ["price", 1, 1],
        )
    ),
]


@pytest.mark.parametrize("cursor", GARBAGE)
def test_a_cursor_that_is_garbage_begins_at_the_start(product, cursor):
    assert read_cursor(cursor, "newest") is None
    assert ids(list_products(ListingQuery(after=cursor))) == [product.pk]


def test_a_cursor_keeps_what_it_was_given():
    assert read_cursor(write_cursor("price", 1999, 7), "price") == (1999, 7)
    assert read_cursor(write_cursor("price", 1999, 7), "price-desc") is None


@pytest.mark.parametrize(
    "nonsense",
    [
        {"sort": "'; DROP TABLE"},
        {"sort": "relevance"},
        {"page_size": 10**9},
        {"page_size": -1},
        {"rating_min": 99},
        {"price_min": -5, "price_max": 10**30},
        {"text": "\x00\ud800 "},
        {"after": "\ud800"},
    ],
)
def test_nonsense_is_left_out(product, nonsense):
    assert ids(list_products(ListingQuery(**nonsense))) == [product.pk]


def test_what_does_not_exist_is_none_or_empty(product):
    for nothing in ("nope", "\x00", "\ud800", "x" * 500, "é"):
        assert list_products(ListingQuery(category_slug=nothing)) is None
        assert list_products(ListingQuery(seller_slug=nothing)) is None
        assert product_page(nothing) is None
        assert list_products(ListingQuery(brand_slug=nothing)) is None
        assert list_products(ListingQuery(brand_slugs=(nothing,))).cards == []


@pytest.mark.parametrize("status", [status for status in BrandStatus if status != BrandStatus.APPROVED])
def test_only_an_approved_brand_has_a_list(make_brand, status):
    brand = make_brand("Acme", status=status)

    assert list_products(ListingQuery(brand_slug=brand.slug)) is None


@pytest.mark.parametrize("status", [status for status in ListingStatus if status != ListingStatus.LIVE])
def test_only_live_products_are_seen_anywhere(product, status):
    Product.objects.filter(pk=product.pk).update(status=status)

    assert list_products(ListingQuery()).cards == []
    assert product_page(product.slug) is None
    assert home_page().new == home_page().on_sale == home_page().popular == []
    assert cards_by_ids([product.pk]) == []


@pytest.fixture
def shelf(make_product, make_brand, tree):
    """Three shelves, two brands: what the filters count."""
    root, shelves = tree
    acme, bolt = make_brand("Acme"), make_brand("Bolt")
    for number in range(12):
        pk = make_product(
            price=(number + 1) * 100,
            category=shelves[number % 3],
            brand=(acme, bolt, None)[number % 3],
            stock=0 if number < 4 else 5,
        ).pk
        Product.objects.filter(pk=pk).update(rating_average=number * 40)
    cache.clear()
    return root


def counts(options):
    return {option.label: option.count.number for option in options}


def test_facets_count_what_is_there(shelf):
    listing = list_products(ListingQuery(category_slug=shelf.slug))

    assert counts(listing.facets.categories) == {"Shelf 0": 4, "Shelf 1": 4, "Shelf 2": 4}
    assert counts(listing.facets.brands) == {"Acme": 4, "Bolt": 4}
    assert counts(listing.facets.ratings) == {"4": 2, "3": 4, "2": 7, "1": 9}
    assert (listing.facets.in_stock.number, listing.facets.on_sale.number) == (8, 0)
    assert (listing.facets.price_low, listing.facets.price_high) == (100, 1200)
    assert str(listing.count) == "12"


def test_the_same_offers_are_equal_so_that_they_are_drawn_once(shelf):
    first = list_products(ListingQuery(category_slug=shelf.slug)).facets
    cache.clear()
    again = list_products(ListingQuery(category_slug=shelf.slug)).facets
    cache.clear()
    others = list_products(ListingQuery(category_slug=shelf.slug, in_stock=True)).facets

    assert first is not again
    assert {first, again, others} == {first, others}
    assert first != others


def test_each_facet_is_counted_under_all_the_other_filters(shelf):
    query = ListingQuery(brand_slugs=("acme",), price_max=800, in_stock=True)
    listing = list_products(query)

    assert len(listing.cards) == listing.count.number == 1
    assert counts(listing.facets.brands) == {"Acme": 1, "Bolt": 2}  # were this one chosen instead
    assert listing.facets.in_stock.number == 1
    assert (listing.facets.price_low, listing.facets.price_high) == (700, 1000)
    assert [option.is_selected for option in listing.facets.brands] == [True, False]


def test_a_chosen_brand_stays_on_offer_although_nothing_is_left_of_it(shelf):
    listing = list_products(ListingQuery(brand_slugs=("acme",), price_min=5000))

    assert listing.cards == []
    assert counts(listing.facets.brands) == {"Acme": 0}


def test_filters_choose(shelf):
    def prices(**chosen):
        return sorted(card["current_price"] for card in list_products(ListingQuery(**chosen)).cards)

    assert prices(price_min=300, price_max=500) == [300, 400, 500]
    assert prices(rating_min=4) == [1100, 1200]
    assert prices(in_stock=True, brand_slugs=("bolt",)) == [500, 800, 1100]
    assert prices(brand_slugs=("acme", "bolt"), price_max=500) == [100, 200, 400, 500]
    assert prices(on_sale=True) == []


def test_past_the_sample_a_count_says_at_least(shelf, monkeypatch):
    monkeypatch.setattr(module, "FACET_SAMPLE", 5)
    monkeypatch.setattr(query_module, "PAGE_SIZES", (6,))

    listing = list_products(ListingQuery(page_size=6))

    assert str(listing.count) == "6+"
    assert listing.facets.in_stock.is_at_least


def test_a_seller_and_a_brand_have_their_own_lists(make_product, make_brand, other_seller, seller):
    mine, theirs = make_product(), make_product(seller=other_seller, brand=make_brand("Acme"))

    assert ids(list_products(ListingQuery(seller_slug=seller.seller_profile.slug))) == [mine.pk]
    by_brand = list_products(ListingQuery(brand_slug="acme"))
    assert by_brand.brand.name == "Acme"
    assert ids(by_brand) == [theirs.pk]
    assert by_brand.cards[0]["seller_name"] == other_seller.seller_profile.shop_name


def test_cards_keep_the_order_that_was_asked_for(make_product):
    made = [make_product().pk for _number in range(4)]
    wanted = [made[2], 10**9, made[0], made[3]]

    assert [card["id"] for card in cards_by_ids(wanted)] == [made[2], made[0], made[3]]
    assert cards_by_ids([]) == []


def test_a_card_gets_a_new_version_with_everything_that_it_shows(product, picture_file, change):
    def version():
        return product_page(product.slug).card["version"]

    seen = [version()]
    change(product, price=1500)
    seen.append(version())
    image = services.add_image(product_id=product.pk, file=picture_file(), alt_text="A lamp", actor=SYSTEM)
    seen.append(version())
    change(product, stock=0)
    seen.append(version())
    services.remove_image(image_id=image.pk, actor=SYSTEM)
    seen.append(version())

    assert seen == sorted(set(seen))


@pytest.mark.parametrize("many", [10, 200])
def test_questions_to_the_database_do_not_grow_with_the_products(
    make_product, make_brand, tree, many, django_assert_num_queries
):
    root, shelves = tree
    brand = make_brand("Acme")
    first = make_product(title="Lamp", brand=brand, category=shelves[0])
    Product.objects.bulk_create(
        Product(
            seller_id=first.seller_id,
            category=shelves[number % 3],
            brand=brand,
            title=f"Lamp {number}",
            slug=f"lamp-{number}",
            status=ListingStatus.LIVE,
            price=1000 + number,
            current_price=1000 + number,
            price_to=1000 + number,
            published_at=first.published_at,
        )
        for number in range(many)
    )
    category_tree()
    seller_slug = first.seller.seller_profile.slug

    with django_assert_num_queries(2):
        list_products(ListingQuery(category_slug=root.slug))
    with django_assert_num_queries(1):  # the counts are remembered for a minute
        list_products(ListingQuery(category_slug=root.slug, sort="price"))
    with django_assert_num_queries(3):
        list_products(ListingQuery(brand_slugs=("acme",), price_min=5, in_stock=True))
    with django_assert_num_queries(3):
        list_products(ListingQuery(seller_slug=seller_slug))
    with django_assert_num_queries(3):
        product_page(first.slug)
    with django_assert_num_queries(3):
        home_page()


def test_a_search_asks_two_questions_and_one_the_second_time(
    make_product, make_brand, django_assert_max_num_queries
):
    for number in range(20):
        make_product(title=f"Lamp {number}", brand=make_brand(f"Brand {number}"))
    category_tree()

    query = ListingQuery(text="lampp", brand_slugs=("brand-1",), in_stock=True, sort="price")
    with django_assert_max_num_queries(2):
        list_products(query)
    with django_assert_max_num_queries(1):
        list_products(query)
