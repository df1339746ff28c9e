"""Importing many products keeps the rules of listing one, and leaves the same rows behind."""

from dataclasses import replace
from datetime import timedelta

import pytest

from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid
from marketplace.products import services
from marketplace.products.models import ListingEvent, PriceChange, Product, SearchEntry
from marketplace.products.services import Figures, NewProduct, import_figures, import_products
from marketplace.products.states import BrandStatus, ListingStatus

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def row(seller, category, make_brand):
    return NewProduct(
        seller_id=seller.pk,
        category_id=category.pk,
        brand_id=make_brand().pk,
        title="Classic Teapot in Teal",
        description="Pours well.",
        price=4500,
        stock=7,
        sku="CROWD-1",
    )


def test_an_imported_product_is_live_with_stock_history_and_a_place_in_the_search(row):
    assert list(import_products([row, replace(row, sku="CROWD-2", stock=0)])) == [2]

    product, sold_out = Product.objects.order_by("variants__sku")
    assert (product.status, product.current_price, product.in_stock) == (ListingStatus.LIVE, 4500, True)
    assert product.slug.startswith("classic-teapot-in-teal-")
    assert product.published_at is not None
    assert product.variants.get().stock_moves.get().delta == 7
    assert not sold_out.in_stock
    assert not sold_out.variants.get().stock_moves.exists()
    for model in (ListingEvent, PriceChange, SearchEntry):
        assert model.objects.count() == 2


def test_what_the_seller_has_already_is_left_out_so_a_broken_import_can_be_repeated(row):
    rows = [replace(row, sku=f"CROWD-{number}") for number in range(3)]
    list(import_products(rows[:2]))

    assert list(import_products(rows)) == [1]
    assert Product.objects.count() == 3


def test_a_running_sale_event_counts_at_once(row, category):
    now = clock.now()
    services.create_sale_event(
        name="Week",
        percent_bps=2000,
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=1),
        category_ids=[category.pk],
        actor=SYSTEM,
    )

    list(import_products([row]))

    assert (Product.objects.get().current_price, Product.objects.get().on_sale) == (3600, True)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"category_id": 404}, "category"),
        ({"brand_id": 404}, "brand"),
        ({"price": 0}, "price"),
        ({"stock": -1}, "stock"),
        ({"title": " "}, "title"),
    ],
)
def test_one_wrong_row_refuses_its_whole_batch(row, wrong, field):
    with pytest.raises(Invalid) as refused:
        list(import_products([row, replace(row, sku="CROWD-2", **wrong)]))

    assert refused.value.field == field
    assert not Product.objects.exists()


def test_a_brand_that_is_not_approved_is_refused(row, make_brand):
    waiting = make_brand(status=BrandStatus.PENDING)

    with pytest.raises(Invalid):
        list(import_products([replace(row, brand_id=waiting.pk)]))


def test_shared_pictures_stay_until_the_last_product_that_shows_them_is_rid_of_them(
    row, product, picture_file
):
    original = services.add_image(
        product_id=product.pk, file=picture_file(), alt_text="A teapot", actor=SYSTEM
    )
    list(import_products([replace(row, pictures_of=product.pk)]))
    imported = Product.objects.get(variants__sku="CROWD-1")
    storage, name = original.picture.storage, original.picture.name
    assert imported.cover_name == imported.images.get().picture.name == name

    services.remove_image(image_id=original.pk, actor=SYSTEM)
    assert storage.exists(name)

    services.remove_image(image_id=imported.images.get().pk, actor=SYSTEM)
    assert not storage.exists(name)


def test_ratings_and_sales_are_brought_along(product):
    import_figures(figures={product.pk: Figures(ratings=3, stars=14, sold=40)})
    product.refresh_from_db()
    assert (product.rating_count, product.rating_sum, product.sold_count) == (3, 14, 40)
    assert product.rating_average == 467

    import_figures(figures={product.pk: Figures(ratings=0, stars=0, sold=0)})
    product.refresh_from_db()
    assert (product.rating_average, product.sold_count) == (0, 0)
