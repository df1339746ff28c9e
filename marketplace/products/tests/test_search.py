"""Search: words, half words and wrong words, on whichever database the tests run.

MariaDB's full-text index shows committed rows only, so there every test commits.
"""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.products import services
from marketplace.products.models import OwnWord, Product, SearchEntry, SearchWord
from marketplace.products.search import find as find_module
from marketplace.products.search import index
from marketplace.products.search.find import find
from marketplace.products.search.words import distance, grams_of, stem, words_of
from marketplace.products.selectors import ListingQuery, cards_by_ids, list_products, suggest
from marketplace.products.services import create_discount
from marketplace.products.states import ListingStatus

pytestmark = pytest.mark.django_db(transaction=connection.vendor == "mysql")


@pytest.fixture
def shelf(make_product, make_category, make_brand):
    """A few things to find."""
    audio, office = make_category("Audio"), make_category("Office")
    sonor = make_brand("Sonor")
    return {
        "headphones": make_product(
            title="Wireless headphones", category=audio, brand=sonor, description="Forty hours of battery."
        ),
        "keyboard": make_product(title="Mechanical keyboard", category=office, description="Clicks nicely."),
        "tv": make_product(title="4K TV for the café", category=audio, brand=sonor),
        "stand": make_product(title="Stand", category=audio, description="Holds headphones."),
    }


def search(text, **more):
    return [card["title"] for card in list_products(ListingQuery(text=text, **more)).cards]


MEANT = {
    "headphones": "Wireless headphones",
    "HEADPHONE wireless": "Wireless headphones",
    "headfones": "Wireless headphones",
    "haedphones": "Wireless headphones",
    "sonor headphones": "Wireless headphones",
    "batery": "Wireless headphones",
    "keybord": "Mechanical keyboard",
    "mechanical keybaord": "Mechanical keyboard",
    "keyb": "Mechanical keyboard",
    "the keyboard": "Mechanical keyboard",
    "tv": "4K TV for the café",
    "4k": "4K TV for the café",
    "cafe": "4K TV for the café",
    "CAFÉ": "4K TV for the café",
}


def test_finds_what_was_meant(shelf):
    assert {text: "".join(search(text)[:1]) for text in MEANT} == MEANT


def test_says_what_it_looked_for_instead(shelf):
    assert list_products(ListingQuery(text="Wireless headfones")).corrected == "wireless headphones"
    assert list_products(ListingQuery(text="headphones")).corrected == ""


def test_a_title_counts_more_than_a_description(shelf):
    assert search("headphones") == ["Wireless headphones", "Stand"]


def test_every_word_must_be_there(shelf):
    assert search("wireless keyboard") == []


GARBAGE = [
    *("\x00", "\ud800", "'", '"', "a' OR 1=1 --", "* AND (", '+-<>()~*"@', "%_\\", "NEAR(a b)", "😀", ":*"),
    *("&|!", "x" * 5000, "wort " * 500),
]


def test_garbage_finds_nothing_and_breaks_nothing(shelf):
    for garbage in GARBAGE:
        nothing_to_read = garbage in ("\x00", "\ud800")
        assert nothing_to_read or search(garbage) == [], garbage
        assert suggest(garbage) == [], garbage


def test_only_live_products_are_found(make_product):
    draft = make_product(title="Astrolabe", status=ListingStatus.DRAFT)
    assert search("astrolabe") == []

    services.publish(product_id=draft.pk, actor=SYSTEM)

    assert search("astrolabe") == ["Astrolabe"]


def test_filters_facets_and_sorts_are_those_of_the_hits(make_product, make_brand, category):
    acme = make_brand("Acme")
    for number in range(5):
        make_product(title=f"Blue lamp {number}", price=1000 + number, brand=acme if number < 2 else None)
    make_product(title="Blue chair", price=5000)

    listing = list_products(ListingQuery(text="lamp", brand_slugs=("acme",), sort="price-desc"))

    assert [card["current_price"] for card in listing.cards] == [1001, 1000]
    assert listing.count.number == 2
    assert [(option.label, option.count.number) for option in listing.facets.brands] == [("Acme", 2)]
    assert [option.count.number for option in listing.facets.categories] == [2]


def test_pages_of_a_search_follow_each_other(make_product):
    made = {make_product(title=f"Lamp {number}").pk for number in range(30)}

    seen, after = [], ""
    while after is not None:
        page = list_products(ListingQuery(text="lamp", after=after))
        seen += [card["id"] for card in page.cards]
        after = page.next_cursor

    assert sorted(seen) == sorted(made)


def test_suggests_categories_brands_and_products_while_typing(shelf):
    found = suggest("son")
    assert (found[0].kind, found[0].label) == ("brand", "Sonor")
    assert {line.label for line in found[1:]} == {"Wireless headphones", "4K TV for the café"}
    assert suggest("off")[0].label == "Office"
    assert suggest("wirel")[0].label == "Wireless headphones"
    assert suggest("w") == []


def test_the_index_can_be_made_anew(shelf):
    SearchEntry.objects.all().delete()
    SearchWord.objects.all().delete()
    assert search("keyboard") == []

    call_command("rebuild_search", stdout=io.StringIO())

    assert search("mechanical") == ["Mechanical keyboard"]
    assert SearchWord.objects.get(word="headphone").frequency == 2
    assert index.rebuild() == len(shelf)


def test_rebuilding_finds_a_sellers_own_listings_that_older_code_has_made(shelf, seller):
    words = OwnWord.objects.order_by("product", "word").values_list("product", "seller", "word")
    before = list(words)
    OwnWord.objects.filter(product=OwnWord.objects.earliest("pk").product_id).delete()
    Product.objects.filter(pk=before[-1][0]).update(title="Renamed past every service")

    call_command("rebuild_search", stdout=io.StringIO())

    assert {"renamed", "past"} < set(words.filter(product=before[-1][0]).values_list("word", flat=True))
    assert [row for row in words if row[0] != before[-1][0]] == [
        row for row in before if row[0] != before[-1][0]
    ]


def test_words_are_folded_stemmed_and_bounded():
    assert words_of("The Cafés & Über-lights, of 4K!") == ["cafe", "uber", "light", "4k"]
    assert [stem(word) for word in ("batteries", "glass", "bus", "lamps", "tennis", "as")] == [
        "battery",
        "glass",
        "bus",
        "lamp",
        "tennis",
        "as",
    ]
    assert max(len(word) for word in words_of("x" * 500)) == 40
    assert grams_of("tv") == {"^^t", "^tv", "tv$"}


def test_distance_counts_single_mistakes_and_gives_up_early():
    assert distance("lamp", "lamp", 1) == 0
    assert distance("lamp", "lmap", 1) == 1
    assert distance("lamp", "lam", 1) == 1
    assert distance("headfone", "headphone", 2) == 2
    assert distance("lamp", "chair", 2) == 3
    assert distance("a", "abcd", 2) == 3


def test_a_search_looks_at_so_many_products_and_says_that_there_are_more(make_product, monkeypatch):
    monkeypatch.setattr(find_module, "MOST_HITS", 5)
    for number in range(8):
        make_product(title=f"Lamp {number}")

    with CaptureQueriesContext(connection) as asked:
        found = find("lamp")
        listing = list_products(ListingQuery(text="lamp"))

    assert found.is_cut
    assert len(found.hits) == len(listing.cards) == 5
    assert str(listing.count) == "5+"
    hits = [query["sql"] for query in asked if "products_product" in query["sql"]]
    assert len(hits) == 2
    assert all(sql.endswith("LIMIT 6") for sql in hits)


def test_five_of_five_are_all(make_product, monkeypatch):
    monkeypatch.setattr(find_module, "MOST_HITS", 5)
    for number in range(5):
        make_product(title=f"Lamp {number}")

    assert str(list_products(ListingQuery(text="lamp")).count) == "5"


def test_a_hit_has_the_card_that_every_list_shows(make_product, make_brand, time_machine):
    """The same columns, also where the price sweep is late."""
    now = clock.now()
    make_product(title="Lamp", brand=make_brand())
    reduced = make_product(title="Lamp too", price=2000)
    create_discount(
        product_id=reduced.pk,
        percent_bps=2500,
        starts_at=now + timedelta(hours=1),
        ends_at=now + timedelta(hours=2),
        actor=SYSTEM,
    )

    for moment in (now, now + timedelta(hours=1)):
        time_machine.move_to(moment, tick=False)
        found = list_products(ListingQuery(text="lamp")).cards
        assert len(found) == 2
        assert found == cards_by_ids(card["id"] for card in found)


def test_what_was_just_asked_is_not_looked_for_again_but_its_cards_are_of_this_moment(shelf, change):
    first = list_products(ListingQuery(text="headphones"))
    change(shelf["headphones"], price=4242)
    change(shelf["stand"], status=ListingStatus.PAUSED)

    with CaptureQueriesContext(connection) as asked:
        again = list_products(ListingQuery(text="headphones"))

    assert len(asked) == 1
    assert {card["title"] for card in first.cards} == {"Wireless headphones", "Stand"}
    assert [(card["title"], card["current_price"]) for card in again.cards] == [("Wireless headphones", 4242)]


def test_who_found_nothing_asks_again_and_finds_what_was_listed_meanwhile(make_product):
    assert search("astrolabe") == []

    make_product(title="Astrolabe")

    assert search("astrolabe") == ["Astrolabe"]
