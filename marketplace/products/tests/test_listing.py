"""Lists: pages by key, filters, counts, and nothing that garbage could break."""

import pytest

from marketplace.products.selectors import ListingQuery, list_products


def titles(listing):
    return [card["title"] for card in listing.cards]


@pytest.mark.parametrize("sort", ["newest", "price", "price-desc", "rating", "popular"])
def test_pages_follow_each_other_without_gap_or_repetition(make_product, sort):
    made = {make_product(price=1000 + number // 7).pk for number in range(60)}

    seen, after = [], ""
    while after is not None:
        page = list_products(ListingQuery(sort=sort, after=after))
        seen += [card["id"] for card in page.cards]
        after = page.next_cursor

    assert len(seen) == 60
    assert set(seen) == made
