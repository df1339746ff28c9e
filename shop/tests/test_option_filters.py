"""Lists with options: "from", sold out only when all are, and filters by option value with their counts."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.urls import reverse

from marketplace.common.authorisation import SYSTEM
from marketplace.products.selectors import ListingQuery, list_products
from marketplace.products.services import NewVariant
from shop.tests.test_choosing import text_of

# MariaDB's full text shows committed rows only.
pytestmark = pytest.mark.django_db(transaction=connection.vendor == "mysql")
LIST = "/c/things/"


@pytest.fixture
def wardrobe(shirt, make_product):
    """The shirt; a dress in red M (spelt otherwise) and green; a lamp."""
    dress = make_product(
        title="Linen dress",
        options=[("colour", ["RED", "Green"]), ("Size", ["M"])],
        variants=[
            NewVariant(price=9_000, stock=1, values=("RED", "M")),
            NewVariant(price=9_000, stock=0, values=("Green", "M")),
        ],
    )
    return {"shirt": shirt, "dress": dress, "lamp": make_product(title="Linen lamp", price=3_000)}


def listed(client, query: str, path: str = LIST) -> set[str]:
    cache.clear()
    html = client.get(f"{path}?{query}", follow=True).content.decode()
    return set(re.findall(r'<a href="/p/[^"]*">([^<]*)</a>', html))


def filters(client, query: str = "") -> list[str]:
    """The filters by option as they are read: "Colour Red 2 Blue 1"."""
    cache.clear()
    html = client.get(f"{LIST}?{query}").content.decode()
    return [text_of(each.split("</fieldset>")[0]) for each in html.split('data-testid="filter-option">')[1:]]


def test_a_card_says_from_where_prices_differ(client, wardrobe):
    html = client.get(LIST).content.decode()

    cards = {re.search("Linen [a-z]+", card)[0]: text_of(card) for card in html.split("<article")[1:]}
    assert "Price from €20.00" in cards["Linen shirt"]
    assert "from" not in cards["Linen dress"]
    assert "from" not in cards["Linen lamp"]
    for path in ("/", "/search/?q=shirt"):
        assert "Price from €20.00" in text_of(client.get(path).content.decode())


def test_a_card_is_sold_out_only_when_all_of_it_is(client, shirt, variant_of, change):
    for size, colour in (("S", "Red"), ("S", "Blue"), ("M", "Blue")):
        change(variant_of(shirt, size, colour), stock=0)
    card = text_of(client.get(LIST).content.decode())
    assert "Sold out" not in card
    assert "Price €25.00" in card  # what can be had

    change(variant_of(shirt, "L", "Red"), stock=0)
    assert "Sold out" in text_of(client.get(LIST).content.decode())


@pytest.mark.every_database
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("opt=Colour:Red", {"shirt", "dress"}),
        ("opt=COLOUR:red", {"shirt", "dress"}),
        ("opt=Colour:Blue", {"shirt"}),
        ("opt=Colour:Blue&opt=Colour:Green", {"shirt", "dress"}),
        ("opt=Colour:Green&opt=Size:M", {"dress"}),
        ("opt=Colour:Red&opt=Size:S", {"shirt"}),
        ("opt=Colour:Mauve", set()),
        ("opt=Colour:Re", set()),
        ("opt=Colour:%25", set()),
        ("opt=Colour", {"shirt", "dress", "lamp"}),
        ("opt=", {"shirt", "dress", "lamp"}),
        ("opt=Colour:Green&in_stock=1", set()),
        ("opt=Colour:Red&in_stock=1", {"shirt", "dress"}),
        # A product is met if any of its prices is.
        ("price_min=24&price_max=26", {"shirt"}),
        ("price_min=23&price_max=24", set()),
        # All that is chosen is met by one and the same variant: no blue L is made, red M is sold out.
        ("opt=Colour:Blue&opt=Size:L", set()),
        ("opt=Colour:Blue&opt=Size:L&opt=Size:M", {"shirt"}),
        ("opt=Colour:Red&opt=Size:M", {"shirt", "dress"}),
        ("opt=Colour:Red&opt=Size:M&in_stock=1", {"dress"}),
        ("opt=Colour:Blue&price_min=24", set()),
        ("opt=Colour:Blue&price_max=22", {"shirt"}),
        ("opt=Colour:Red&price_min=21&price_max=23", set()),
        ("opt=Size:L&price_min=25&price_max=25", {"shirt"}),
        ("opt=Colour:Red&opt=Size:M&price_min=80", {"dress"}),
        ("price_min=26&price_max=31", {"lamp"}),
    ],
)
@pytest.mark.parametrize("path", [LIST, "/search/", "/search/?q=linen"])
def test_a_list_is_filtered_by_option_values(client, wardrobe, path, query, found):
    path, _mark, words = path.partition("?")

    shown = listed(client, f"{words}&{query}" if words else query, path)

    assert shown == {wardrobe[name].title for name in found}


@pytest.mark.every_database
def test_counts_stand_under_all_other_filters(client, wardrobe):
    assert filters(client) == ["Colour Red 2 Blue 1 Green 1", "Size S 1 M 2 L 1"]
    # Within an option any value is met: its own counts stay, the other option's follow.
    assert filters(client, "opt=Colour:Green") == ["Colour Red 2 Blue 1 Green 1", "Size M 1"]
    assert filters(client, "price_max=30") == ["Colour Red 1 Blue 1", "Size S 1 M 1 L 1"]
    # No blue L is made, and nothing blue costs more than 24.
    assert filters(client, "opt=Colour:Blue") == ["Colour Red 2 Blue 1 Green 1", "Size S 1 M 1"]
    assert filters(client, "price_min=24&price_max=30") == ["Colour Red 1", "Size L 1"]
    # A value that is ticked stays, also where nothing has it; of what is in stock only that is counted.
    assert filters(client, "opt=Colour:Green&in_stock=1") == ["Colour Red 2 Blue 1 Green 0"]


def test_at_most_three_options_and_twenty_values(client, make_product):
    for name in ("Size", "Colour", "Cut", "Cloth"):
        make_product(
            options=[(name, [f"{name} {number:02}" for number in range(25)])],
            variants=[
                NewVariant(price=100, stock=1, values=(f"{name} {number:02}",)) for number in range(25)
            ],
        )
    cache.clear()
    offered = list_products(ListingQuery()).facets.options
    (chosen,) = list_products(ListingQuery(options=("Size:Size 24",))).facets.options

    assert [(facet.name, len(facet.values)) for facet in offered] == [
        ("Cloth", 20),
        ("Colour", 20),
        ("Cut", 20),
    ]
    assert (chosen.name, len(chosen.values)) == ("Size", 20)
    assert [value.label for value in chosen.values if value.is_selected] == ["Size 24"]


@pytest.mark.every_database
def test_a_chip_takes_a_value_away_and_more_pages_keep_it(client, wardrobe, make_product):
    for number in range(30):
        make_product(
            title=f"Vest {number}",
            options=[("Colour", ["Red"])],
            variants=[NewVariant(price=100, stock=1, values=("Red",))],
        )

    html = client.get(f"{LIST}?opt=Colour:Red&opt=Size:M").content.decode()
    assert f'href="{LIST}?opt=Size%3AM"' in html
    html = client.get(f"{LIST}?opt=Colour:Red").content.decode()
    following = re.search(r'href="([^"]*after=[^"]*)"', html)[1].replace("&amp;", "&")
    assert "opt=Colour%3ARed" in following
    more = set(re.findall(r'<a href="/p/[^"]*">([^<]*)</a>', client.get(following).content.decode()))
    assert len(more) == 8
    assert wardrobe["lamp"].title not in more


def test_what_is_no_longer_offered_is_no_filter(client, shirt, variant_of):
    from marketplace.products.services import set_variants

    red = [variant_of(shirt, size, "Red") for size in ("S", "M", "L")]
    set_variants(
        product_id=shirt.pk,
        options=[("Size", ["S", "M", "L"]), ("Colour", ["Red"])],
        variants=[NewVariant(price=row.price, values=row.values, sku=row.sku, pk=row.pk) for row in red],
        actor=SYSTEM,
    )

    assert filters(client) == ["Colour Red 1", "Size S 1 M 1 L 1"]


@pytest.mark.every_database
@pytest.mark.parametrize(
    ("path", "most"),
    [
        (f"{LIST}?opt=Colour:Red", 3),
        (f"{LIST}?opt=Colour:Red&opt=Size:M&price_min=1&price_max=99", 3),
        ("/search/?q=linen&opt=Size:M", 3),
        ("/search/?q=linen&opt=Size:M&opt=Colour:Red&price_min=1&price_max=99", 3),
    ],
)
def test_filtered_lists_take_few_queries(client, wardrobe, django_assert_max_num_queries, path, most):
    cache.clear()

    with django_assert_max_num_queries(most):
        client.get(path)


def test_the_address_has_one_spelling(client, wardrobe):
    answer = client.get(f"{LIST}?opt=Size:M&opt=Colour:Red&opt=colour:red&sort=")

    assert answer.status_code == 302
    assert answer.url == f"{LIST}?opt=colour%3Ared&opt=Size%3AM"
    assert reverse("shop:category", args=["things"]) == LIST
