"""The tree: five deep, without cycles, one query when cold and none when warm."""

import pytest
from django.core.cache import cache

from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid
from marketplace.products import services
from marketplace.products.models import Category, CategoryAncestor, SearchEntry
from marketplace.products.selectors import ListingQuery, category_tree, list_products

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def chain(make_category):
    made = [make_category("Level 1")]
    for level in range(2, 6):
        made.append(make_category(f"Level {level}", parent=made[-1]))
    return made


def shape():
    return {node.name: [part.name for part in node.path] for node in category_tree().walk()}


def test_five_levels_fit_and_a_sixth_does_not(chain, make_category):
    with pytest.raises(Invalid):
        make_category("Level 6", parent=chain[-1])

    assert Category.objects.count() == 5
    assert shape()["Level 5"] == [f"Level {level}" for level in range(1, 6)]


def test_a_category_moves_with_everything_beneath_it(chain, make_category):
    other = make_category("Other")
    services.move_category(category_id=chain[2].pk, parent_id=other.pk, actor=SYSTEM)

    assert shape()["Level 5"] == ["Other", "Level 3", "Level 4", "Level 5"]
    assert shape()["Level 2"] == ["Level 1", "Level 2"]
    services.move_category(category_id=chain[2].pk, parent_id=None, actor=SYSTEM)
    assert shape()["Level 5"] == ["Level 3", "Level 4", "Level 5"]


def test_the_search_learns_where_a_category_moved_to(chain, make_category, make_product):
    product = make_product(category=chain[4])
    garden = make_category("Garden")

    def knows(word):
        return word in SearchEntry.objects.get(product=product).keywords.split()

    assert not knows("garden")
    assert knows("level1")

    services.move_category(category_id=chain[3].pk, parent_id=garden.pk, actor=SYSTEM)

    assert knows("garden")
    assert knows("level4")
    assert not knows("level1")


def test_a_category_is_not_moved_beneath_itself_nor_too_deep(chain, make_category):
    other = make_category("Other")
    before = shape(), CategoryAncestor.objects.count()

    for moved, parent in ((chain[0], chain[3]), (chain[0], chain[0]), (chain[0], other)):
        with pytest.raises(Invalid):
            services.move_category(category_id=moved.pk, parent_id=parent.pk, actor=SYSTEM)
    with pytest.raises(Category.DoesNotExist):
        services.move_category(category_id=10**9, parent_id=None, actor=SYSTEM)

    assert (shape(), CategoryAncestor.objects.count()) == before


def test_a_warm_tree_costs_no_query_and_a_change_is_seen_at_once(
    chain, make_category, django_assert_num_queries
):
    category_tree()
    with django_assert_num_queries(0):
        category_tree()
    make_category("New")

    assert "New" in shape()
    cache.clear()
    with django_assert_num_queries(1):  # the stamp is the same: the tree in memory still holds
        assert "New" in shape()


def test_a_category_lists_what_lies_beneath_it(chain, make_product):
    deep = make_product(category=chain[4])
    make_product(category=chain[0])

    listing = list_products(ListingQuery(category_slug=chain[3].slug))
    assert [card["id"] for card in listing.cards] == [deep.pk]
    assert list_products(ListingQuery(category_slug=chain[0].slug)).count.number == 2


def test_names_that_make_the_same_address_get_their_own(make_category, make_brand):
    first, second = make_category("Café & Bar"), make_category("Cafe Bar")
    assert first.slug == "cafe-bar"
    assert second.slug.startswith("cafe-bar-")
    make_brand("Acme")
    with pytest.raises(Invalid):
        make_brand("ACME")
    assert make_category("日本").slug
