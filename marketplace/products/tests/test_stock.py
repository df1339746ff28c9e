"""Stock: every piece has a row, the last one is sold once."""

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid
from marketplace.common.transactions import service
from marketplace.products import services
from marketplace.products.errors import OutOfStock
from marketplace.products.models import Product, StockMove
from marketplace.products.selectors import home_page

RIVALS = 16


@service
def buy(product_id, quantity=1, cause="order:1"):
    """A checkout as far as stock goes."""
    product = services.lock_products([product_id])[product_id]
    if product.stock < quantity:
        raise OutOfStock("sold out", left={product_id: product.stock})
    services.take_stock(quantities={product_id: quantity}, cause=cause)


def test_taking_and_returning_writes_rows_that_sum_to_the_stock(product, make_product, books_balance):
    other = make_product(stock=1)
    version = other.version

    services.take_stock(quantities={product.pk: 3, other.pk: 1}, cause="shipment:1")
    other.refresh_from_db()
    assert (other.stock, other.in_stock, other.version) == (0, False, version + 1)

    services.return_stock(quantities={product.pk: 2, other.pk: 1}, cause="shipment:1")
    other.refresh_from_db()
    product.refresh_from_db()
    assert (product.stock, product.in_stock) == (9, True)
    assert (other.stock, other.in_stock, other.version) == (1, True, version + 2)
    assert list(StockMove.objects.filter(product=product).values_list("delta", "kind")) == [
        (10, "received"),
        (-3, "sold"),
        (2, "restocked"),
    ]


def test_too_many_is_refused_and_nothing_is_taken(product, make_product, books_balance):
    other = make_product(stock=2)

    with pytest.raises(OutOfStock) as refused, transaction.atomic():
        services.take_stock(quantities={product.pk: 1, other.pk: 3}, cause="shipment:1")

    assert refused.value.left[other.pk] == 2
    assert set(Product.objects.values_list("stock", flat=True)) == {10, 2}
    assert StockMove.objects.count() == 2


def test_one_cause_takes_stock_once(product, books_balance):
    services.take_stock(quantities={product.pk: 1}, cause="shipment:1")

    with pytest.raises(IntegrityError), transaction.atomic():
        services.take_stock(quantities={product.pk: 1}, cause="shipment:1")

    product.refresh_from_db()
    assert product.stock == 9


def test_taking_from_thirty_products_costs_as_many_statements_as_from_one(
    make_product, django_assert_num_queries
):
    products = [make_product() for _number in range(30)]

    for some in (products[:1], products):
        with django_assert_num_queries(2 + 2):  # and the savepoint of the test
            services.take_stock(quantities={product.pk: 1 for product in some}, cause=f"shipment:{len(some)}")


def test_a_count_writes_the_difference(product, books_balance):
    services.change_stock(product_id=product.pk, stock=0, actor=SYSTEM)
    services.change_stock(product_id=product.pk, stock=0, actor=SYSTEM)
    services.change_stock(product_id=product.pk, stock=4, actor=SYSTEM)

    product.refresh_from_db()
    assert (product.stock, product.in_stock) == (4, True)
    assert list(StockMove.objects.values_list("delta", flat=True)) == [10, -10, 4]
    for wrong in (-1, 10**9):
        with pytest.raises(Invalid):
            services.change_stock(product_id=product.pk, stock=wrong, actor=SYSTEM)


def test_a_count_draws_a_card_anew_only_where_the_card_says_something_else(product):
    """A card says whether there are any, not how many."""
    versions = [product.version]
    for stock in (4, 0, 7):
        versions.append(services.change_stock(product_id=product.pk, stock=stock, actor=SYSTEM).version)

    first = versions[0]
    assert versions == [first, first, first + 1, first + 2]


def test_what_was_sold_and_kept_makes_a_product_popular(product, make_product):
    make_product()
    services.take_stock(quantities={product.pk: 5}, cause="shipment:1")
    services.return_stock(quantities={product.pk: 2}, cause="shipment:1")

    assert services.refresh_popularity(clock.now()) == 1
    assert services.refresh_popularity(clock.now()) == 0

    assert list(Product.objects.order_by("-sold_count").values_list("sold_count", flat=True)) == [3, 0]
    assert home_page().popular[0]["id"] == product.pk


def test_what_came_back_whole_was_not_sold(product):
    services.take_stock(quantities={product.pk: 2}, cause="shipment:1")
    services.refresh_popularity(clock.now())
    services.return_stock(quantities={product.pk: 2}, cause="shipment:1")

    assert services.refresh_popularity(clock.now()) == 1

    assert Product.objects.get(pk=product.pk).sold_count == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_last_item_is_sold_once(make_product, race, books_balance):
    product = make_product(stock=1)

    results = race(lambda rival: buy(product.pk, cause=f"order:{rival}"), range(RIVALS))

    assert results.count(None) == 1
    assert sum(isinstance(result, OutOfStock) for result in results) == RIVALS - 1
    product.refresh_from_db()
    assert product.stock == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_lock_and_condition_the_last_item_is_sold_often(
    make_product, race, locks_rows, without_locks
):
    """What each of the two is for: read, then write what was read, and every rival gets it."""
    if not locks_rows:
        pytest.skip("SQLite locks the whole database")
    product = make_product(stock=1)
    without_locks(RIVALS)

    @service
    def buy_carelessly(rival):
        stock = services.lock_products([product.pk])[product.pk].stock
        if stock < 1:
            raise OutOfStock("sold out", left={})
        Product.objects.filter(pk=product.pk).update(stock=stock - 1)
        StockMove.objects.create(product=product, delta=-1, kind="sold", key=f"sold:{rival}")

    results = race(buy_carelessly, range(RIVALS))

    assert results.count(None) > 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT SUM(delta) FROM products_stockmove")
        assert cursor.fetchone()[0] < 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_condition_still_sells_the_last_item_once(
    make_product, race, locks_rows, without_locks, books_balance
):
    product = make_product(stock=1)
    if locks_rows:
        without_locks(RIVALS)

    results = race(lambda rival: buy(product.pk, cause=f"order:{rival}"), range(RIVALS))

    assert results.count(None) == 1
