"""What a list's address may hold, and what becomes of the rest."""

from urllib.parse import quote

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.common.tests.examples import examples
from shop.forms.catalogue import MAX_BRANDS, MAX_TEXT, PARAMETERS, clean_text, is_canonical, read_state

NAMES = {"category", "brand", "after"}
SORTS = ("newest", "price", "popular")

NONSENSE = [
    "\x00",
    "a\x00b",
    "\ud800",
    "-1",
    "1_000",
    "1e3",
    "٣",
    "10" * 40,
    str(10**30),
    "NaN",
    "' OR 1=1 --",
    "<script>",
    "x" * 10_000,
    "../../etc/passwd",
    "{}",
    "[]",
    "null",
    " ",
    "%",
]


def read(query: str, **kwargs):
    return read_state(QueryDict(query), sorts=SORTS, **kwargs)


def test_a_whole_state_is_read_and_written_in_one_order():
    state = read(
        "size=48&sort=price&on_sale=1&in_stock=1&rating=4&price_max=20&price_min=5.50&brand=b&brand=a&q=tea"
    )

    assert (state.price_min, state.price_max) == (550, 2000)
    assert state.brands == ("a", "b")
    assert state.url("/search/") == (
        "/search/?q=tea&brand=a&brand=b&price_min=5.50&price_max=20&rating=4&in_stock=1&on_sale=1&sort=price&size=48"
    )


def test_what_a_form_sends_empty_is_not_in_the_address():
    assert read("q=&category=&price_min=&price_max=&sort=&size=").url("/c/tea/") == "/c/tea/"


def test_the_default_sort_and_size_are_not_in_the_address():
    assert read("sort=newest&size=24").is_plain


def test_prices_the_wrong_way_round_are_turned():
    state = read("price_min=20&price_max=5")

    assert (state.price_min, state.price_max) == (500, 2000)


@pytest.mark.parametrize("name", sorted(PARAMETERS - NAMES - {"q"}))
@pytest.mark.parametrize("value", NONSENSE)
def test_nonsense_is_left_out(name, value):
    query = QueryDict(mutable=True)
    query[name] = value

    assert read_state(query, sorts=SORTS).is_plain


@pytest.mark.parametrize("name", sorted(NAMES))
@pytest.mark.parametrize("value", NONSENSE)
def test_only_what_can_be_a_name_is_looked_up(name, value):
    query = QueryDict(mutable=True)
    query[name] = value

    for _name, kept in read_state(query, sorts=SORTS).pairs():
        assert kept == value
        assert quote(kept) == kept
        assert len(kept) <= 300


@pytest.mark.parametrize("value", NONSENSE)
def test_search_words_are_one_short_printable_line(value):
    text = clean_text(value)

    assert text.isprintable() or not text
    assert len(text) <= MAX_TEXT
    text.encode()


def test_at_most_so_many_brands_count():
    query = "&".join(f"brand=b{number}" for number in range(100))

    assert len(read(query).brands) == MAX_BRANDS


def test_what_the_path_says_is_not_read_again():
    state = read("q=tea&category=cups&rating=4", pinned=frozenset(["q", "category"]))

    assert (state.text, state.category, state.rating) == ("", "", 4)


def test_a_change_begins_at_the_first_page():
    state = read("q=tea&after=abc")

    assert state.change(rating=4).url("/search/") == "/search/?q=tea&rating=4"


def test_other_peoples_parameters_do_not_matter():
    query = QueryDict("utm_source=mail&q=tea")

    assert is_canonical(query, read_state(query, sorts=SORTS))


def test_an_address_with_an_empty_parameter_is_not_canonical():
    query = QueryDict("q=tea&price_min=")

    assert not is_canonical(query, read_state(query, sorts=SORTS))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(PARAMETERS)),
            st.text(max_size=20)
            | st.sampled_from(["1", "4", "48", "19.99", "0.5", "price", "b", "a-b", *NONSENSE]),
        ),
        max_size=12,
    )
)
@settings(max_examples=examples(200))
def test_an_address_read_and_written_again_is_the_same(pairs):
    query = QueryDict(mutable=True)
    for name, value in pairs:
        query.appendlist(name, value)
    once = read_state(query, sorts=SORTS)
    address = once.url("/search/")

    again = QueryDict(address.partition("?")[2])

    assert read_state(again, sorts=SORTS) == once
    assert is_canonical(again, once)
