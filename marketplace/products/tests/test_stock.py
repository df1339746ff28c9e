"""Stock: every piece has a row, the last one is sold once."""

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.transactions import service
from marketplace.products import services
from marketplace.products.errors import OutOfStock
from marketplace.products.models import Product, StockMove, Variant
from marketplace.products.selectors import home_page

RIVALS = 16


@service
def buy(variant_id, quantity=1, cause="order:1"):
    """A checkout as far as stock goes."""
    variants = services.lock_variants([variant_id])
    if variants[variant_id].stock < quantity:
        raise OutOfStock("sold out", left={variant_id: variants[variant_id].stock})
    services.take_stock(variants=variants, quantities={variant_id: quantity}, cause=cause)


@service
def take(quantities, cause="shipment:1"):
    """So many pieces of each variant are sold."""
    services.take_stock(
        variants=services.lock_variants(row.pk for row in quantities),
        quantities={row.pk: number for row, number in quantities.items()},
        cause=cause,
    )


@service
def give_back(quantities, cause="shipment:1"):
    services.return_stock(
        variants=services.lock_variants(row.pk for row in quantities),
        quantities={row.pk: number for row, number in quantities.items()},
        cause=cause,
    )


@pytest.fixture
def lamp(product, variant_of):
    return variant_of(product)


@pytest.fixture
def make(make_product, variant_of):
    """`make(stock=1)`: the one variant of a product."""
    return lambda **given: variant_of(make_product(**given))


def test_taking_and_returning_writes_rows_that_sum_to_the_stock(lamp, make, books_balance):
    other = make(stock=1)
    version = other.product.version

    take({lamp: 3, other: 1})
    other = Variant.objects.select_related("product").get(pk=other.pk)
    assert (other.stock, other.product.in_stock, other.product.version) == (0, False, version + 1)

    give_back({lamp: 2, other: 1})
    other = Variant.objects.select_related("product").get(pk=other.pk)
    lamp = Variant.objects.select_related("product").get(pk=lamp.pk)
    assert (lamp.stock, lamp.product.in_stock) == (9, True)
    assert (other.stock, other.product.in_stock, other.product.version) == (1, True, version + 2)
    assert list(StockMove.objects.filter(variant=lamp).values_list("delta", "kind")) == [
        (10, "received"),
        (-3, "sold"),
        (2, "restocked"),
    ]


def test_too_many_is_refused_and_nothing_is_taken(lamp, make, books_balance):
    other = make(stock=2)

    with pytest.raises(OutOfStock) as refused, transaction.atomic():
        take({lamp: 1, other: 3})

    assert refused.value.left[other.pk] == 2
    assert set(Variant.objects.values_list("stock", flat=True)) == {10, 2}
    assert StockMove.objects.count() == 2


def test_one_cause_takes_stock_once(lamp, stock_of, books_balance):
    take({lamp: 1})

    with pytest.raises(IntegrityError), transaction.atomic():
        take({lamp: 1})

    assert stock_of(lamp.product) == 9


@service
def locked(variants):
    return services.lock_variants(row.pk for row in variants)


@pytest.mark.parametrize("number", [1, 30])
def test_taking_costs_as_many_statements_however_many_variants_are_sold(
    make, number, django_assert_num_queries
):
    variants = locked([make(stock=2) for _number in range(number)])

    with django_assert_num_queries(2 + 2):  # and the savepoint of the test
        services.take_stock(variants=variants, quantities=dict.fromkeys(variants, 1), cause="shipment:1")


@pytest.mark.parametrize("number", [1, 30])
def test_taking_last_pieces_costs_three_statements_more_however_many_sell_out(
    make, number, django_assert_num_queries
):
    """Their products, locked; all variants of these; what the cards say now."""
    variants = locked([make(stock=1) for _number in range(number)])

    with django_assert_num_queries(2 + 2 + 3):
        services.take_stock(variants=variants, quantities=dict.fromkeys(variants, 1), cause="shipment:1")

    assert not Product.objects.filter(in_stock=True).exists()


def test_a_change_adds_and_takes_out(lamp, books_balance):
    for change in (5, 0, -2, -13, 4):
        services.change_stock(variant_id=lamp.pk, change=change, actor=SYSTEM)

    lamp.refresh_from_db()
    assert (lamp.stock, lamp.product.in_stock) == (4, True)
    assert list(StockMove.objects.values_list("delta", "kind")) == [
        (10, "received"),
        (5, "received"),
        (-2, "corrected"),
        (-13, "corrected"),
        (4, "received"),
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [(-11, r"There are only 10\."), (1_000_000, "Stock is between"), (-(10**9), "There are only 10")],
)
def test_a_change_that_cannot_be_is_refused_in_words(lamp, books_balance, change, sentence):
    with pytest.raises(Invalid, match=sentence) as refused:
        services.change_stock(variant_id=lamp.pk, change=change, actor=SYSTEM)

    assert refused.value.field == "stock"
    lamp.refresh_from_db()
    assert lamp.stock == 10
    assert StockMove.objects.count() == 1


def test_a_count_writes_the_difference(lamp, books_balance):
    for counted, there in ((0, 10), (0, 0), (4, 0)):
        services.count_stock(variant_id=lamp.pk, counted=counted, expected=there, actor=SYSTEM)

    lamp = Variant.objects.select_related("product").get(pk=lamp.pk)
    assert (lamp.stock, lamp.product.in_stock) == (4, True)
    assert list(StockMove.objects.values_list("delta", flat=True)) == [10, -10, 4]
    for wrong in (-1, 10**9):
        with pytest.raises(Invalid):
            services.count_stock(variant_id=lamp.pk, counted=wrong, expected=4, actor=SYSTEM)
    assert StockMove.objects.count() == 3


def test_a_count_that_a_sale_has_overtaken_is_asked_for_again(lamp, books_balance):
    """The page said ten; three were sold while somebody counted, and seven may be before or after that."""
    take({lamp: 3})
    moves = list(StockMove.objects.values())

    with pytest.raises(StaleState, match=r"There are 7 of it now, not 10: some were sold"):
        services.count_stock(variant_id=lamp.pk, counted=9, expected=10, actor=SYSTEM)

    lamp.refresh_from_db()
    assert lamp.stock == 7
    assert list(StockMove.objects.values()) == moves


def test_a_count_draws_a_card_anew_only_where_the_card_says_something_else(product, change):
    """A card says whether there are any, not how many."""
    versions = [product.version]
    for stock in (4, 0, 7):
        change(product, stock=stock)
        versions.append(Product.objects.get(pk=product.pk).version)

    first = versions[0]
    assert versions == [first, first, first + 1, first + 2]


def test_what_was_sold_and_kept_makes_a_product_popular(lamp, make_product):
    make_product()
    take({lamp: 5})
    give_back({lamp: 2})

    assert services.refresh_popularity(clock.now()) == 1
    assert services.refresh_popularity(clock.now()) == 0

    assert list(Product.objects.order_by("-sold_count").values_list("sold_count", flat=True)) == [3, 0]
    assert home_page().popular[0]["id"] == lamp.product_id


def test_what_came_back_whole_was_not_sold(lamp):
    take({lamp: 2})
    services.refresh_popularity(clock.now())
    give_back({lamp: 2})

    assert services.refresh_popularity(clock.now()) == 1

    assert Product.objects.get(pk=lamp.product_id).sold_count == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_last_item_is_sold_once(make, race, books_balance):
    lamp = make(stock=1)

    results = race(lambda rival: buy(lamp.pk, cause=f"order:{rival}"), range(RIVALS))

    assert results.count(None) == 1
    assert sum(isinstance(result, OutOfStock) for result in results) == RIVALS - 1
    lamp.refresh_from_db()
    assert lamp.stock == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_lock_and_condition_the_last_item_is_sold_often(
    make, race, locks_rows, without_locks
):
    """What each of the two is for: read, then write what was read, and every rival gets it."""
    if not locks_rows:
        pytest.skip("SQLite locks the whole database")
    lamp = make(stock=1)
    without_locks(RIVALS)

    @service
    def buy_carelessly(rival):
        stock = services.lock_variants([lamp.pk])[lamp.pk].stock
        if stock < 1:
            raise OutOfStock("sold out", left={})
        Variant.objects.filter(pk=lamp.pk).update(stock=stock - 1)
        StockMove.objects.create(variant=lamp, delta=-1, kind="sold", key=f"sold:{rival}")

    results = race(buy_carelessly, range(RIVALS))

    assert results.count(None) > 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT SUM(delta) FROM products_stockmove")
        assert cursor.fetchone()[0] < 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_condition_still_sells_the_last_item_once(
    make, race, locks_rows, without_locks, books_balance
):
    lamp = make(stock=1)
    if locks_rows:
        without_locks(RIVALS)

    results = race(lambda rival: buy(lamp.pk, cause=f"order:{rival}"), range(RIVALS))

    assert results.count(None) == 1
