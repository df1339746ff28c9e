"""Sale events that sellers join, their own events, and what a reduction would do before it is saved."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid, KeyReused, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.products import services
from marketplace.products.models import Discount, SaleEvent, SaleTarget, Variant
from marketplace.products.prices import Window
from marketplace.products.selectors.reductions import goods_to_reduce, preview_reduction, reductions_of

pytestmark = pytest.mark.usefixtures("books_balance")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def admin(person):
    return person(Role.ADMIN)


@pytest.fixture
def spring(admin):
    """An event that is open to sellers for a day more."""
    return services.open_sale_event(
        name="Spring", percent_bps=2000, starts_at=NOON + DAY, ends_at=NOON + 3 * DAY, actor=admin
    )


def price_of(product):
    services.refresh_prices(clock.now())
    product.refresh_from_db()
    return product.current_price


def rows():
    return [
        list(model.objects.order_by("pk").values()) for model in (SaleEvent, SaleTarget, Discount, Variant)
    ]


def test_what_joins_is_reduced_from_the_first_moment_to_the_last(product, seller, spring, noon):
    assert services.take_part(event_id=spring.pk, put_in=[product.pk], actor=seller) == 1

    assert price_of(product) == 1999
    noon.move_to(NOON + DAY, tick=False)
    assert price_of(product) == 1599
    noon.move_to(NOON + 3 * DAY, tick=False)
    assert price_of(product) == 1999


def test_an_open_event_covers_nothing_that_did_not_join(product, category, admin, noon):
    services.open_sale_event(
        name="Shelf",
        percent_bps=2000,
        starts_at=NOON + HOUR,
        ends_at=NOON + DAY,
        category_ids=[category.pk],
        actor=admin,
    )
    noon.move_to(NOON + 2 * HOUR, tick=False)

    assert price_of(product) == 1999


def test_what_is_taken_out_again_keeps_its_price(product, seller, spring, noon):
    services.take_part(event_id=spring.pk, put_in=[product.pk], actor=seller)

    assert services.take_part(event_id=spring.pk, put_in=[], take_out=[product.pk], actor=seller) == 0

    noon.move_to(NOON + DAY, tick=False)
    assert price_of(product) == 1999


def test_joining_twice_is_joining_once(product, seller, spring):
    for _ in range(2):
        services.take_part(event_id=spring.pk, put_in=[product.pk], actor=seller)

    assert SaleTarget.objects.filter(event=spring).count() == 1


def test_once_it_has_begun_nobody_joins_or_leaves(product, make_product, seller, spring, noon):
    other = make_product()
    services.take_part(event_id=spring.pk, put_in=[product.pk], actor=seller)
    noon.move_to(NOON + DAY, tick=False)
    before = rows()

    with pytest.raises(StaleState, match="has begun"):
        services.take_part(event_id=spring.pk, put_in=[other.pk], actor=seller)
    with pytest.raises(StaleState, match="has begun"):
        services.take_part(event_id=spring.pk, put_in=[], take_out=[product.pk], actor=seller)

    assert rows() == before


def test_what_is_in_no_category_of_the_event_is_refused_by_its_name(make_category, product, admin, seller):
    shoes = make_category("Shoes")
    event = services.open_sale_event(
        name="Shoes only",
        percent_bps=2000,
        starts_at=NOON + DAY,
        ends_at=NOON + 2 * DAY,
        category_ids=[shoes.pk],
        actor=admin,
    )

    with pytest.raises(Invalid, match="Brass desk lamp"):
        services.take_part(event_id=event.pk, put_in=[product.pk], actor=seller)

    assert goods_to_reduce(seller, event=event) == []
    assert not SaleTarget.objects.filter(product=product).exists()


def test_a_category_beneath_one_of_the_event_is_in_it(make_category, make_product, admin, seller):
    shoes = make_category("Shoes")
    boots = make_product(category=make_category("Boots", parent=shoes))
    event = services.open_sale_event(
        name="Shoes",
        percent_bps=1000,
        starts_at=NOON + DAY,
        ends_at=NOON + 2 * DAY,
        category_ids=[shoes.pk],
        actor=admin,
    )

    assert goods_to_reduce(seller, event=event) == [boots]
    assert services.take_part(event_id=event.pk, put_in=[boots.pk], actor=seller) == 1


def test_nobody_puts_in_what_is_not_theirs(product, other_seller, buyer, spring):
    before = rows()

    for somebody in (other_seller, buyer):
        with pytest.raises(PermissionDenied):
            services.take_part(event_id=spring.pk, put_in=[product.pk], actor=somebody)

    assert rows() == before


@pytest.mark.parametrize("role", [Role.USER, Role.SELLER, Role.DELIVERY])
def test_only_staff_open_an_event(person, role):
    with pytest.raises(PermissionDenied):
        services.open_sale_event(
            name="Mine", percent_bps=100, starts_at=NOON + HOUR, ends_at=NOON + DAY, actor=person(role)
        )

    assert not SaleEvent.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_at": NOON - HOUR}, "starts_at"),
        ({"ends_at": NOON + HOUR / 2}, "ends_at"),
        ({"ends_at": NOON + 90 * DAY}, "ends_at"),
        ({"percent_bps": 10_000}, "percent_bps"),
        ({"percent_bps": 0}, "percent_bps"),
        ({"category_ids": [10**9]}, "category_ids"),
        ({"name": " "}, "name"),
    ],
)
def test_an_event_that_cannot_be_is_refused_at_its_field(admin, changes, field):
    event = {"name": "Spring", "percent_bps": 2000, "starts_at": NOON + HOUR, "ends_at": NOON + DAY}

    with pytest.raises(Invalid) as refused:
        services.open_sale_event(**event | changes, actor=admin)

    assert refused.value.field == field
    assert not SaleEvent.objects.exists()


def test_a_sellers_own_event_reduces_their_goods_and_is_ended_by_them_or_staff(
    product, seller, other_seller, admin, noon
):
    event = services.run_own_event(
        name="Closing down",
        percent_bps=5000,
        starts_at=NOON,
        ends_at=NOON + DAY,
        product_ids=[product.pk],
        actor=seller,
    )
    assert price_of(product) == 999
    before = rows()

    with pytest.raises(PermissionDenied):
        services.end_sale_event(event_id=event.pk, actor=other_seller)
    assert rows() == before

    noon.move_to(NOON + HOUR, tick=False)
    services.end_sale_event(event_id=event.pk, actor=seller)
    assert price_of(product) == 1999
    ended = rows()
    services.end_sale_event(event_id=event.pk, actor=admin)
    assert rows() == ended


def test_an_event_called_off_before_it_began_never_was(product, seller, admin, spring, noon):
    services.take_part(event_id=spring.pk, put_in=[product.pk], actor=seller)

    services.end_sale_event(event_id=spring.pk, actor=admin)

    noon.move_to(NOON + DAY, tick=False)
    assert price_of(product) == 1999


def test_a_form_that_comes_twice_makes_one_event(product, seller):
    own = {
        "name": "Twice",
        "percent_bps": 1000,
        "starts_at": NOON,
        "ends_at": NOON + DAY,
        "product_ids": [product.pk],
        "actor": seller,
        "form_key": new_form_key(user_id=seller.pk, action="reduce"),
    }

    first = services.run_own_event(**own)

    assert services.run_own_event(**own) == first
    with pytest.raises(KeyReused):
        services.run_own_event(**own | {"percent_bps": 2000})
    assert SaleEvent.objects.count() == 1


def test_many_goods_are_reduced_together_or_not_at_all(make_product, seller, other_seller):
    cheap, dear, foreign = (
        make_product(price=500),
        make_product(price=5000),
        make_product(seller=other_seller),
    )
    window = {"starts_at": NOON, "ends_at": NOON + DAY, "actor": seller}
    before = rows()

    with pytest.raises(Invalid) as refused:
        services.create_discounts(goods=[(dear.pk, None), (cheap.pk, None)], amount=500, **window)
    with pytest.raises(PermissionDenied):
        services.create_discounts(goods=[(dear.pk, None), (foreign.pk, None)], percent_bps=1000, **window)
    assert (refused.value.field, rows()) == ("amount", before)

    services.create_discounts(goods=[(dear.pk, None), (cheap.pk, None)], amount=499, **window)
    assert (price_of(cheap), price_of(dear)) == (1, 4501)


def test_a_reduction_can_be_of_one_variant_alone(make_shirt, seller):
    shirt = make_shirt()
    medium = shirt.variants.get(option1="M")

    services.create_discounts(
        goods=[(shirt.pk, medium.pk)], percent_bps=5000, starts_at=NOON, ends_at=NOON + DAY, actor=seller
    )

    assert list(shirt.variants.values_list("option1", "current_price")) == [
        ("S", 2000),
        ("M", 1100),
        ("L", 2400),
    ]
    assert price_of(shirt) == 1100


def test_the_preview_says_what_each_price_becomes_and_what_is_better(product, seller, spring, noon):
    services.take_part(event_id=spring.pk, put_in=[product.pk], actor=seller)
    noon.move_to(NOON + HOUR, tick=False)  # it has had a price for a while
    (lamp,) = goods_to_reduce(seller)
    before = rows()

    (row,) = preview_reduction(lamp.locked_variants, Window(3000, None, NOON + 2 * DAY, NOON + 4 * DAY))
    (beaten,) = preview_reduction(lamp.locked_variants, Window(1000, None, NOON + 2 * DAY, NOON + 4 * DAY))

    assert (row.list_price, row.before, row.becomes, row.lowest_30d) == (1999, 1599, 1399, 1999)
    assert (row.percent_shown, row.is_beaten) == (30, False)
    assert (row.competitor.name, row.competitor.price) == ("Spring", 1599)
    assert (beaten.becomes, beaten.is_beaten) == (1599, True)
    assert rows() == before


@pytest.mark.parametrize("number", [1, 12])
def test_the_preview_asks_no_more_for_more_goods(make_product, seller, django_assert_max_num_queries, number):
    for _ in range(number):
        make_product()

    with django_assert_max_num_queries(5):
        goods = goods_to_reduce(seller)
        variants = [variant for product in goods for variant in product.locked_variants]
        preview = preview_reduction(variants, Window(1000, None, NOON, NOON + DAY))

    assert len(preview) == number


def test_a_seller_reads_their_own_reductions_by_what_they_are_now(product, seller, other_seller, spring):
    window = {"product_id": product.pk, "percent_bps": 1000, "actor": SYSTEM}
    over = services.create_discount(**window, starts_at=NOON - 2 * DAY, ends_at=NOON - DAY)
    now = services.create_discount(**window, starts_at=NOON - DAY, ends_at=NOON + DAY)
    coming = services.create_discount(**window, starts_at=NOON + DAY, ends_at=NOON + 2 * DAY)
    services.take_part(event_id=spring.pk, put_in=[product.pk], actor=seller)

    mine, theirs = reductions_of(seller), reductions_of(other_seller)

    assert (mine.over, mine.running, mine.coming) == ([over], [now], [coming])
    assert [event.mine for event in mine.open_events] == [1]
    assert (theirs.over, theirs.running, theirs.coming) == ([], [], [])
    assert [event.mine for event in theirs.open_events] == [0]
