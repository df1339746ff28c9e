"""Listing products: what is refused, and the way to the shop window (who may do what: test_who_may.py)."""

from itertools import product as pairs

import pytest

from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid, InvalidTransition
from marketplace.products import services
from marketplace.products.models import Brand, Category, ListingEvent, Product
from marketplace.products.services.listings import advance
from marketplace.products.states import LISTING_NEXT, BrandStatus, ListingStatus

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 141}, "title"),
        ({"description": "x" * 8001}, "description"),
        ({"price": 0}, "price"),
        ({"price": 10**15 + 1}, "price"),
        ({"stock": -1}, "stock"),
        ({"stock": 10**7}, "stock"),
        ({"category": Category(pk=404)}, "category"),
        ({"brand": Brand(pk=404)}, "brand"),
        ({"sku": "TAKEN"}, "sku"),
    ],
)
def test_what_cannot_be_listed_is_refused_with_its_field(make_product, wrong, field):
    make_product(sku="TAKEN")

    with pytest.raises(Invalid) as refused:
        make_product(**wrong)

    assert refused.value.field == field
    assert Product.objects.count() == 1


def test_a_brand_must_be_approved(make_product, make_brand):
    with pytest.raises(Invalid):
        make_product(brand=make_brand(status=BrandStatus.PENDING))


def test_titles_are_tidied_and_make_an_address(make_product):
    product = make_product(title="  Brass\x00  lamp ")
    assert product.title == "Brass lamp"
    assert product.slug.startswith("brass-lamp-")
    assert make_product(title="日本").slug.startswith("item-")
    assert len(make_product(title="w" * 140).slug) <= 160


def test_a_listing_goes_from_draft_through_review_to_the_window(make_product, seller, admin):
    product = make_product(status=ListingStatus.DRAFT)

    published = services.publish(product_id=product.pk, actor=admin)
    again = services.publish(product_id=product.pk, actor=admin)

    assert published.published_at == again.published_at
    assert list(
        ListingEvent.objects.filter(product=product).values_list("from_status", "to_status", "actor_id")
    ) == [
        ("", "draft", seller.pk),
        ("draft", "pending", admin.pk),
        ("pending", "live", admin.pk),
    ]


PAIRS = list(pairs(ListingStatus, ListingStatus))


def put(product: Product, status: ListingStatus) -> None:
    """The row as if it had come that far."""
    Product.objects.filter(pk=product.pk).update(status=status, published_at=product.created_at)
    product.refresh_from_db()


@pytest.mark.breaks_books  # a listing is moved here without the search
def test_a_listing_takes_a_step_of_the_table_and_its_history_says_who(make_product, seller):
    product = make_product(status=ListingStatus.DRAFT)

    for before, to in PAIRS:
        if to in LISTING_NEXT[before]:
            put(product, before)
            advance(product, to, actor=seller, reason=f"{before} to {to}")
            event = ListingEvent.objects.filter(product=product).latest("pk")
            assert Product.objects.get().status == product.status == to
            assert (event.from_status, event.to_status, event.actor) == (before, to, seller)
            assert event.reason == f"{before} to {to}"


@pytest.mark.breaks_books
def test_only_the_steps_of_the_table_exist(make_product):
    product = make_product(status=ListingStatus.DRAFT)

    for before, to in PAIRS:
        if to not in LISTING_NEXT[before]:
            put(product, before)
            was = Product.objects.values().get()
            with pytest.raises(InvalidTransition, match=str(before.label)):
                advance(product, to, actor=SYSTEM, published_at=None)
            assert Product.objects.values().get() == was
            assert (product.status, product.published_at) == (was["status"], was["published_at"])

    assert ListingEvent.objects.count() == 1


@pytest.mark.breaks_books  # nothing wrote that it was archived
def test_a_listing_that_has_moved_on_since_it_was_read_is_left_alone(make_product):
    product = make_product(status=ListingStatus.DRAFT)
    Product.objects.update(status=ListingStatus.ARCHIVED)

    with pytest.raises(InvalidTransition):
        advance(product, ListingStatus.PENDING, actor=SYSTEM)

    assert Product.objects.get().status == ListingStatus.ARCHIVED
    assert product.status == ListingStatus.DRAFT
    assert ListingEvent.objects.count() == 1


@pytest.mark.parametrize("status", [ListingStatus.REJECTED, ListingStatus.ARCHIVED])
def test_what_was_turned_down_is_not_published(make_product, status):
    product = make_product(status=status)

    with pytest.raises(InvalidTransition):
        services.publish(product_id=product.pk, actor=SYSTEM)

    assert Product.objects.get(pk=product.pk).status == status
