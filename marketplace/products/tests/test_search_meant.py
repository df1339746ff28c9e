"""What people mean by what they type: together, in one piece or two, by code, by shop, in any script."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.accounts.shops import become_seller
from marketplace.common.authorisation import SYSTEM
from marketplace.products.search.find import find
from marketplace.products.search.plurals import stem
from marketplace.products.search.words import fold, indexed, words_of
from marketplace.products.selectors import ListingQuery, list_products, suggest

pytestmark = pytest.mark.django_db(transaction=connection.vendor == "mysql")


def search(text):
    return [card["title"] for card in list_products(ListingQuery(text=text)).cards]


def test_two_mistakes_are_put_right_together(make_product):
    """What else was typed decides which of the words is meant that are as close."""
    make_product(title="Lamb stew")
    make_product(title="Lamp desk")
    make_product(title="Kitchen knife")

    for typed, meant in {
        "lamx desk": "lamp desk",
        "lamx stew": "lamb stew",
        "kichen knfe": "kitchen knife",
    }.items():
        found = list_products(ListingQuery(text=typed))
        assert [card["title"].lower() for card in found.cards] == [found.corrected] == [meant]


def test_nothing_is_announced_that_finds_nothing(make_product):
    make_product(title="Kitchen knife")
    make_product(title="Garden chair")

    found = list_products(ListingQuery(text="knfe chiar"))

    assert (found.cards, found.corrected) == ([], "")


@pytest.mark.parametrize(
    ("one", "many"),
    [
        *(
            ("box", "boxes"),
            ("glass", "glasses"),
            ("watch", "watches"),
            ("tomato", "tomatoes"),
            ("shoe", "shoes"),
        ),
        *(
            ("movie", "movies"),
            ("battery", "batteries"),
            ("tie", "ties"),
            ("house", "houses"),
            ("bus", "buses"),
        ),
        *(("knife", "knives"), ("lens", "lenses"), ("mouse", "mice"), ("woman", "women"), ("axe", "axes")),
        *(
            ("iris", "irises"),
            ("dish", "dishes"),
            ("glove", "gloves"),
            ("size", "sizes"),
            ("photo", "photos"),
        ),
    ],
)
def test_one_and_many_are_the_same_word(one, many):
    assert stem(one) == stem(many)


def test_words_that_only_look_alike_stay_apart():
    assert (
        len({stem(word) for word in ("bus", "bush", "bud", "box", "boss", "ice", "icy", "glass", "gas")}) == 9
    )


def test_titles_of_words_that_say_nothing_are_found(make_product):
    for title in ("It", "The Who", "Lamp for the desk"):
        make_product(title=title)

    assert search("it") == ["It"]
    assert search("THE WHO") == ["The Who"]
    assert search("the lamp") == ["Lamp for the desk"]
    assert search("what") == []


def test_a_sign_finds_what_shows_it_and_nothing_else(make_product):
    make_product(title="Mug ☕")
    make_product(title="Lamp")

    assert search("☕") == ["Mug ☕"]
    for nothing in ("🦄", "%", "()", "…"):
        assert search(nothing) == [], nothing


def test_letters_that_a_keyboard_lacks():
    assert fold("KIRMIZI kırmızı Łódź Smørrebrød STRASSE straße ﬁn") == (
        "kirmizi kirmizi lodz smorrebrod strasse strasse fin"
    )
    assert words_of("が") == words_of("か")


@pytest.mark.parametrize("typed", ["イヤホン", "ｲﾔﾎﾝ", "無線", "線", "ン"])
def test_a_word_is_found_in_a_title_without_spaces(make_product, typed):
    make_product(title="無線イヤホン")
    make_product(title="折りたたみ傘")

    assert search(typed) == ["無線イヤホン"]


@pytest.mark.parametrize("title", ["iPhone15 case", "iPhone 15 case", "iPhone-15 case"])
def test_a_number_stands_beside_its_name_or_at_it(make_product, title):
    make_product(title=title)
    make_product(title="iPhone 14 case")

    assert search("iphone15") == search("iphone 15") == search("case iphone 15") == [title]


def test_a_code_finds_its_product_alone(make_product):
    for size in ("A", "B", "C"):
        make_product(title=f"Filter {size}", sku=f"FC-100-{size}")

    assert search("FC-100-B") == search("fc100b") == search("fc 100 b") == ["Filter B"]
    assert set(search("fc-100")) == {"Filter A", "Filter B", "Filter C"}


def test_words_in_one_piece_or_two(make_product):
    for title in ("Headphone stand", "Desk lamp", "Wi-Fi plug", "Smart T-Shirt"):
        make_product(title=title)

    assert search("head phones") == ["Headphone stand"]
    assert search("desklamp") == ["Desk lamp"]
    assert search("wifi") == search("wi fi") == search("wi-fi") == ["Wi-Fi plug"]
    assert search("tshirt") == search("t shirt") == ["Smart T-Shirt"]


def test_a_shop_is_found_by_its_name(make_product, person):
    keeper = person()
    become_seller(user_id=keeper.pk, shop_name="Loom & Lace", actor=SYSTEM)
    make_product(title="Blue blouse", seller=keeper)
    make_product(title="Face mask")

    found = list_products(ListingQuery(text="loom & lace"))

    assert [card["title"] for card in found.cards] == ["Blue blouse"]
    assert (found.corrected, [shop.name for shop in found.shops]) == ("", ["Loom & Lace"])
    assert search("loom blouse") == ["Blue blouse"]
    assert ("shop", "Loom & Lace") in {(line.kind, line.label) for line in suggest("loom")}
    assert list_products(ListingQuery(text="blouse")).shops == ()


def test_a_brand_is_suggested_without_its_accent(make_product, make_brand):
    make_product(title="Towel", brand=make_brand("Écrin Noir"))

    assert [line.label for line in suggest("ecr") if line.kind == "brand"] == ["Écrin Noir"]
    assert [line.label for line in suggest("noir") if line.kind == "brand"] == ["Écrin Noir"]


def test_most_of_the_words_will_do_where_nothing_has_all(make_product):
    for title in ("Sofa with lamp", "Oak bed", "Bed lamp", "Chair"):
        make_product(title=title)

    found = list_products(ListingQuery(text="sofa bed lamp"))

    assert found.is_loose
    assert {card["title"] for card in found.cards} == {"Sofa with lamp", "Bed lamp"}
    assert search("chair qwxyz") == ["Chair"]
    assert search("chair lamp") == []
    assert search("qwxyz zyxwq") == []
    assert not list_products(ListingQuery(text="bed lamp")).is_loose


def test_a_search_takes_two_statements_and_a_third_where_nothing_has_all(
    make_product, django_assert_num_queries
):
    make_product(title="Sofa with lamp")
    with django_assert_num_queries(2):
        find("sofa lamp")
    with CaptureQueriesContext(connection) as asked:
        assert find("sofa lamp chandelier").hits
    assert len(asked) == 2  # "chandelier" is not known: nothing can have it
    make_product(title="Chandelier")
    with CaptureQueriesContext(connection) as asked:
        assert find("sofa lamp chandeliers").hits
    assert len(asked) == 3


def test_descriptions_keep_no_silent_words():
    assert indexed("The lamp of the house", is_name=False) == ["lamp", "hous"]
    assert indexed("The lamp", is_name=True) == ["the", "lamp"]
