"""One price: the best of list price, discount and event; windows to the second; the lowest of 30 days."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid
from marketplace.common.transactions import service
from marketplace.products import services
from marketplace.products.models import Discount, PriceChange, Product, SaleEvent, Variant
from marketplace.products.prices import Window, best_offer, current_prices, prices_now, reprice
from marketplace.products.selectors import ListingQuery, list_products, product_page
from marketplace.products.states import ListingStatus

pytestmark = pytest.mark.usefixtures("books_balance")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


def stored(product):
    product.refresh_from_db()
    return product.current_price, product.on_sale, product.lowest_price_30d


def variant_of(product):
    """The only one that it has, as it is now."""
    return Variant.objects.select_related("product").get(product=product)


def charged(product):
    variant = variant_of(product)
    return current_prices([variant], clock.now())[variant.pk]


def change_price(product, price):
    """As its seller would."""
    return services.change_price(variant_id=variant_of(product).pk, price=price, actor=SYSTEM)


def test_a_discount_runs_from_its_first_moment_up_to_its_last(product, noon):
    services.create_discount(
        product_id=product.pk, percent_bps=1000, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR, actor=SYSTEM
    )
    second = timedelta(seconds=1)
    expected = {
        NOON: 1999,
        NOON + HOUR - second: 1999,
        NOON + HOUR: 1799,
        NOON + 2 * HOUR - second: 1799,
        NOON + 2 * HOUR: 1999,
    }

    for moment, price in expected.items():
        noon.move_to(moment, tick=False)
        assert charged(product) == price
        services.refresh_prices(clock.now())
        assert stored(product)[0] == price

    assert product.price_changes_at is None


def test_the_sweep_changes_nothing_before_an_edge_and_nothing_twice(product, noon):
    services.create_discount(
        product_id=product.pk, amount=500, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR, actor=SYSTEM
    )
    assert services.refresh_prices(NOON) == 0

    noon.move_to(NOON + HOUR, tick=False)
    assert services.refresh_prices(clock.now()) == 1
    version = Product.objects.get(pk=product.pk).version
    assert services.refresh_prices(clock.now()) == 0

    assert stored(product) == (1499, True, 1999)
    assert product.version == version


def test_reductions_never_stack_the_best_one_counts(product, category):
    window = {"starts_at": NOON, "ends_at": NOON + DAY}
    services.create_discount(product_id=product.pk, percent_bps=1000, **window, actor=SYSTEM)
    services.create_discount(product_id=product.pk, amount=300, **window, actor=SYSTEM)
    services.create_sale_event(name="May", percent_bps=2000, product_ids=[product.pk], **window, actor=SYSTEM)
    services.create_sale_event(
        name="Spring", percent_bps=500, category_ids=[category.pk], **window, actor=SYSTEM
    )

    assert stored(product) == (1599, True, 1699)  # it did cost 1699, if only for a moment
    assert charged(product) == 1599


def test_an_event_over_a_category_reaches_everything_beneath_it_and_nothing_else(make_category, make_product):
    root = make_category("Home")
    middle = make_category("Light", parent=root)
    leaf = make_category("Lamps", parent=middle)
    elsewhere = make_category("Garden")
    products = [make_product(category=place) for place in (root, middle, leaf, elsewhere)]

    services.create_sale_event(
        name="Light week",
        percent_bps=2500,
        starts_at=NOON,
        ends_at=NOON + DAY,
        category_ids=[middle.pk],
        actor=SYSTEM,
    )

    assert [stored(product)[0] for product in products] == [1000, 750, 750, 1000]
    late = make_product(category=leaf)
    assert stored(late)[0] == 750
    assert [charged(product) for product in [*products, late]] == [1000, 750, 750, 1000, 750]


def test_a_moved_category_comes_under_the_events_of_its_new_place(make_category, make_product):
    home, garden = make_category("Home"), make_category("Garden")
    lamps = make_category("Lamps", parent=home)
    product = make_product(category=lamps)
    services.create_sale_event(
        name="Garden week",
        percent_bps=1000,
        starts_at=NOON,
        ends_at=NOON + DAY,
        category_ids=[garden.pk],
        actor=SYSTEM,
    )

    services.move_category(category_id=lamps.pk, parent_id=garden.pk, actor=SYSTEM)

    assert charged(product) == 900
    assert product_page(product.slug).card["current_price"] == 900  # before any sweep
    services.refresh_prices(clock.now())
    assert stored(product)[0] == 900


def test_a_price_never_falls_below_one_minor_unit(make_product):
    product = make_product(price=2)
    services.create_discount(
        product_id=product.pk, percent_bps=9999, starts_at=NOON, ends_at=NOON + DAY, actor=SYSTEM
    )
    assert stored(product)[0] == 1

    dear = make_product(price=1000)
    services.create_discount(product_id=dear.pk, amount=999, starts_at=NOON, ends_at=NOON + DAY, actor=SYSTEM)
    assert stored(dear)[0] == 1
    assert best_offer(500, [Window(None, 999, NOON, NOON + DAY)], NOON).price == 1


@given(
    price=st.integers(1, 10**15),
    windows=st.lists(
        st.tuples(
            st.one_of(st.integers(1, 9999), st.none()),
            st.integers(1, 10**15),
            st.integers(-50, 50),
            st.integers(1, 50),
        )
    ),
)
def test_the_best_offer_is_one_of_the_single_ones(price, windows):
    made = [
        Window(percent, None if percent else amount, NOON + start * HOUR, NOON + (start + length) * HOUR)
        for percent, amount, start, length in windows
    ]
    offer = best_offer(price, made, NOON)
    running = [window for window in made if window.starts_at <= NOON < window.ends_at]

    assert offer.price == min([price, *(window.applied_to(price) for window in running)])
    assert 1 <= offer.price <= price
    assert offer.changes_at is None or offer.changes_at > NOON


def test_at_the_very_edge_a_price_is_the_new_one_although_the_sweep_is_late(product, noon):
    services.create_discount(
        product_id=product.pk, percent_bps=5000, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR, actor=SYSTEM
    )
    variant = variant_of(product)

    for moment, price in ((NOON + HOUR - timedelta(seconds=1), 1999), (NOON + HOUR, 999)):
        assert prices_now([variant], moment) == {variant.pk: price}


def test_where_the_sweep_is_late_pages_show_what_is_charged(product, noon):
    change_price(product, 1500)
    change_price(product, 1999)
    services.create_discount(
        product_id=product.pk, percent_bps=5000, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR, actor=SYSTEM
    )

    noon.move_to(NOON + HOUR, tick=False)
    card = list_products(ListingQuery()).cards[0]
    assert (card["current_price"], card["on_sale"], card["lowest_price_30d"]) == (999, True, 1500)
    assert product_page(product.slug).card["current_price"] == charged(product) == 999

    services.refresh_prices(clock.now())
    noon.move_to(NOON + 2 * HOUR, tick=False)
    card = list_products(ListingQuery()).cards[0]
    assert (card["current_price"], card["on_sale"], card["lowest_price_30d"]) == (1999, False, None)


def test_the_lowest_price_of_thirty_days_is_that_before_the_reduction(product, noon):
    change_price(product, 1500)
    noon.move_to(NOON + 10 * DAY, tick=False)
    change_price(product, 3000)
    noon.move_to(NOON + 20 * DAY, tick=False)
    services.create_discount(
        product_id=product.pk, percent_bps=6000, starts_at=clock.now(), ends_at=NOON + 90 * DAY, actor=SYSTEM
    )
    assert stored(product) == (1200, True, 1500)

    # The reduction goes on: what it is measured against stays.
    noon.move_to(NOON + 60 * DAY, tick=False)
    services.refresh_prices(clock.now())
    assert stored(product) == (1200, True, 1500)


def test_the_price_in_force_when_the_thirty_days_began_counts(product, noon):
    noon.move_to(NOON + 100 * DAY, tick=False)
    change_price(product, 2500)
    noon.move_to(NOON + 110 * DAY, tick=False)
    services.create_discount(
        product_id=product.pk, amount=600, starts_at=clock.now(), ends_at=NOON + 120 * DAY, actor=SYSTEM
    )
    assert stored(product) == (1900, True, 1999)

    noon.move_to(NOON + 180 * DAY, tick=False)
    services.refresh_prices(clock.now())
    services.create_discount(
        product_id=product.pk, amount=200, starts_at=clock.now(), ends_at=NOON + 190 * DAY, actor=SYSTEM
    )
    assert stored(product) == (2300, True, 2500)


def test_a_product_that_was_never_offered_for_more_claims_no_higher_price(make_product):
    draft = make_product(status=ListingStatus.DRAFT, price=9900)
    services.create_discount(
        product_id=draft.pk, percent_bps=9000, starts_at=NOON, ends_at=NOON + DAY, actor=SYSTEM
    )
    assert not PriceChange.objects.exists()

    services.publish(product_id=draft.pk, actor=SYSTEM)

    assert stored(draft) == (990, False, None)
    services.refresh_prices(clock.now())
    assert stored(draft) == (990, False, None)


def test_a_reduction_to_what_it_cost_lately_is_none(product, noon):
    """Sold for 16.99 two weeks ago and for 19.99 since: 15 % off is no reduction in the sense of 98/6/EC."""
    change_price(product, 1699)
    noon.move_to(NOON + DAY, tick=False)
    change_price(product, 1999)
    noon.move_to(NOON + 14 * DAY, tick=False)

    services.create_discount(
        product_id=product.pk, percent_bps=1500, starts_at=clock.now(), ends_at=NOON + 20 * DAY, actor=SYSTEM
    )

    assert stored(product) == (1699, False, None)
    assert list_products(ListingQuery(on_sale=True)).cards == []


@pytest.mark.parametrize(("amount", "shown"), [(1, None), (19, None), (20, 1999), (1998, 1999)])
def test_less_than_one_percent_is_not_announced(product, noon, amount, shown):
    services.create_discount(
        product_id=product.pk, amount=amount, starts_at=NOON, ends_at=NOON + DAY, actor=SYSTEM
    )

    assert stored(product) == (1999 - amount, shown is not None, shown)


def test_where_the_sweep_is_late_a_reduction_that_is_none_is_not_shown(product, noon):
    change_price(product, 1500)
    change_price(product, 1999)
    services.create_discount(
        product_id=product.pk, percent_bps=1000, starts_at=NOON + HOUR, ends_at=NOON + DAY, actor=SYSTEM
    )
    noon.move_to(NOON + HOUR, tick=False)

    card = list_products(ListingQuery()).cards[0]

    assert (card["current_price"], card["on_sale"], card["lowest_price_30d"]) == (1799, False, None)


def test_a_reduction_that_goes_on_without_an_announcement_is_not_stored_again(product, noon):
    """The version of a card is its cache key: nothing changed, so nothing is drawn anew."""
    services.create_discount(
        product_id=product.pk, amount=1, starts_at=NOON, ends_at=NOON + DAY, actor=SYSTEM
    )
    before = Product.objects.values().get(pk=product.pk)

    @service
    def again():
        return reprice(services.lock_products([product.pk]).values(), NOON + HOUR)

    assert again() == []

    assert Product.objects.values().get(pk=product.pk) == before


def test_ending_a_discount_puts_the_price_back(product):
    discount = services.create_discount(
        product_id=product.pk, percent_bps=1000, starts_at=NOON - HOUR, ends_at=NOON + DAY, actor=SYSTEM
    )
    services.end_discount(discount_id=discount.pk, actor=SYSTEM)

    assert stored(product) == (1999, False, None)
    assert product.price_changes_at is None


def test_what_was_listed_while_an_event_was_made_is_told_a_minute_later(product, category, noon):
    event = services.create_sale_event(
        name="May",
        percent_bps=1000,
        starts_at=NOON,
        ends_at=NOON + DAY,
        category_ids=[category.pk],
        actor=SYSTEM,
    )
    as_before = {"current_price": 1999, "lowest_price_30d": None}
    Variant.objects.filter(product=product).update(**as_before)
    Product.objects.filter(pk=product.pk).update(
        **as_before, price_to=1999, on_sale=False, price_changes_at=None
    )

    noon.move_to(NOON + timedelta(seconds=61), tick=False)
    services.refresh_prices(clock.now())

    assert stored(product)[0] == 1799
    assert SaleEvent.objects.get(pk=event.pk).spread_at == clock.now()


@pytest.mark.parametrize(
    "wrong",
    [
        {"percent_bps": 1000, "ends_at": NOON},
        {"percent_bps": 0},
        {"percent_bps": 10_000},
        {"percent_bps": 1000, "amount": 100},
        {},
        {"amount": 0},
        {"amount": 1999},
    ],
)
def test_a_discount_that_makes_no_sense_is_refused(product, wrong):
    with pytest.raises(Invalid):
        services.create_discount(
            **{"product_id": product.pk, "starts_at": NOON, "ends_at": NOON + DAY} | wrong, actor=SYSTEM
        )

    assert not Discount.objects.exists()
    assert stored(product)[0] == 1999


def test_a_price_that_a_discount_would_take_off_whole_is_refused(make_product):
    product = make_product(price=2000)
    now = clock.now()
    discount = services.create_discount(
        product_id=product.pk,
        amount=500,
        starts_at=now + timedelta(days=1),
        ends_at=now + timedelta(days=2),
        actor=SYSTEM,
    )

    for price in (400, 500):
        with pytest.raises(Invalid) as refused:
            change_price(product, price)
        assert refused.value.field == "price"
        assert Product.objects.get(pk=product.pk).price == 2000

    change_price(product, 501)
    services.end_discount(discount_id=discount.pk, actor=SYSTEM)
    assert change_price(product, 400).current_price == 400


def test_an_event_without_goods_or_with_unknown_ones_is_refused(product):
    window = {"name": "May", "percent_bps": 1000, "starts_at": NOON, "ends_at": NOON + DAY}
    for targets in ({}, {"product_ids": [404]}, {"category_ids": [404]}):
        with pytest.raises(Invalid):
            services.create_sale_event(**window, **targets, actor=SYSTEM)

    assert not SaleEvent.objects.exists()


def test_a_sweep_over_many_products_asks_a_bounded_number_of_questions(
    make_product, category, noon, django_assert_max_num_queries
):
    for _number in range(30):
        make_product()
    services.create_sale_event(
        name="May",
        percent_bps=1000,
        starts_at=NOON + HOUR,
        ends_at=NOON + DAY,
        category_ids=[category.pk],
        actor=SYSTEM,
    )
    noon.move_to(NOON + HOUR, tick=False)

    with django_assert_max_num_queries(16):
        assert services.refresh_prices(clock.now()) == 30
    assert not Product.objects.exclude(current_price=900).exists()
