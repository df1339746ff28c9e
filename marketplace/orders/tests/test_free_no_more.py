"""A coupon may take so much off that the delivery is free no more: the cart knows why, and what that costs in all."""

import pytest

from marketplace.orders.cart_ref import CartRef
from marketplace.orders.selectors import cart_view
from marketplace.rates.services import Rates, offer_free_delivery, publish_rates

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def rich(buyer, fund):
    return fund(buyer, 100_000)


@pytest.fixture
def lamps(rich, seller, goods, fill_cart):
    """Goods of 60.00 of Sam."""
    fill_cart(rich, {goods(seller, price=3000): 2})


@pytest.fixture
def rates(admin):
    """`rates(free_from=…)`: a delivery costs 2.90, or what is said."""

    def publish(**said: int) -> None:
        publish_rates(rates=Rates(**{"base": 290} | said), actor=admin, expected_version=0)

    return publish


def part_of(person):
    [part] = cart_view(CartRef(user_id=person.pk)).parts
    return part


@pytest.mark.parametrize(
    ("amount", "saved", "lost"), [(1, -289, 289), (290, 0, 0), (291, 1, 0), (1000, 710, 0)]
)
def test_the_stores_amount_that_the_goods_miss_by_it_is_named_with_what_it_costs_in_all(
    rich, lamps, seller, rates, coupons, amount, saved, lost
):
    rates(free_from=6000)
    assert not part_of(rich).coupon_ends_free_delivery
    coupons.apply(rich, coupons.make(seller, amount=amount))

    part = part_of(rich)

    assert part.coupon_ends_free_delivery
    assert (part.free_delivery_from, part.goods_less_coupon) == (6000, 6000 - amount)
    assert (part.saved_by_coupon, part.lost_by_coupon) == (saved, lost)


@pytest.mark.parametrize(
    ("free_from", "offer", "missed"), [(0, 5900, 5900), (5900, 5800, 5800), (5800, 5900, 5800)]
)
def test_of_two_offers_the_lower_one_is_named(rich, lamps, seller, rates, coupons, free_from, offer, missed):
    rates(free_from=free_from)
    offer_free_delivery(actor=seller, free_from=offer)
    coupons.apply(rich, coupons.make(seller, amount=1000))

    assert part_of(rich).coupon_ends_free_delivery
    assert part_of(rich).free_delivery_from == missed


def test_goods_that_no_longer_pay_for_their_sellers_offer_miss_no_amount(rich, lamps, seller, rates, coupons):
    rates()
    offer_free_delivery(actor=seller, free_from=100)
    coupons.apply(rich, coupons.make(seller, amount=5800))

    part = part_of(rich)

    assert part.coupon_ends_free_delivery
    assert (part.goods_less_coupon, part.free_delivery_from) == (200, 0)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"free_from": 6001},  # not reached without it either
        {"free_from": 5900},  # reached with it, too
        {"free_from": 6000, "base": 0},  # free for everybody
    ],
)
def test_nothing_is_said_where_the_coupon_is_not_the_reason(rich, lamps, seller, rates, coupons, said):
    rates(**said)
    coupons.apply(rich, coupons.make(seller, amount=100))

    assert not part_of(rich).coupon_ends_free_delivery


def test_nothing_is_said_without_rates_or_where_the_coupon_takes_nothing_off(
    rich, lamps, seller, rates, coupons
):
    coupon = coupons.make(seller, amount=100, smallest_cart=6000)
    coupons.apply(rich, coupon)
    assert not part_of(rich).coupon_ends_free_delivery

    rates(free_from=6000)
    assert part_of(rich).coupon_ends_free_delivery
    type(coupon).objects.update(smallest_cart=6001, version=coupon.version + 1)
    assert part_of(rich).coupon.why_not
    assert not part_of(rich).coupon_ends_free_delivery
