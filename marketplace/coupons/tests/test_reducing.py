"""What a coupon takes off: the whole of it, split over the lines to the minor unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.money import MAX_MONEY, percent_of
from marketplace.coupons.models import Coupon
from marketplace.coupons.reducing import kept_part, taken_off

COSTS = st.dictionaries(st.integers(1, 99), st.integers(1, MAX_MONEY // 100), min_size=1, max_size=20)
SMALL = st.dictionaries(st.integers(1, 99), st.integers(1, 5), min_size=1, max_size=20)
COUPONS = st.one_of(
    st.builds(Coupon, percent_bps=st.integers(1, 9_999)),
    st.builds(Coupon, amount=st.integers(1, MAX_MONEY)),
)


@pytest.mark.parametrize(
    ("coupon", "lines", "off"),
    [
        (Coupon(percent_bps=1000), {"lamp": 1001, "sofa": 5000}, {"lamp": 100, "sofa": 500}),
        (Coupon(amount=1000), {"lamp": 1001, "sofa": 5000}, {"lamp": 167, "sofa": 833}),
        (Coupon(percent_bps=5000), {"lamp": 101}, {"lamp": 51}),
        (Coupon(amount=5000), {"lamp": 1001}, {"lamp": 1000}),
        (Coupon(amount=2), {"a": 1, "b": 1}, {"a": 0, "b": 0}),
        (Coupon(amount=1000), {"a": 1, "b": 1000}, {"a": 0, "b": 999}),
        (Coupon(percent_bps=1), {"lamp": 100}, {"lamp": 0}),
    ],
)
def test_it_is_split_by_what_the_lines_cost(coupon, lines, off):
    assert taken_off(coupon, lines) == off


@pytest.mark.parametrize("costs", [COSTS, SMALL], ids=["all", "small"])
def test_the_parts_are_the_whole_and_no_line_is_for_nothing(costs):
    @given(coupon=COUPONS, lines=costs)
    def check(coupon, lines):
        goods = sum(lines.values())
        off = taken_off(coupon, lines)

        assert off.keys() == lines.keys()
        assert all(0 <= off[key] < cost for key, cost in lines.items())
        promised = coupon.amount or percent_of(goods, coupon.percent_bps or 0)
        assert sum(off.values()) == min(promised, goods - len(lines))
        if sum(off.values()):
            most = {key: cost - 1 for key, cost in lines.items()}
            share = sum(off.values()) / sum(most.values())
            assert all(abs(off[key] - most[key] * share) <= 1 + most[key] * 1e-9 for key in lines)

    check()


@given(price=st.integers(1, MAX_MONEY), quantity=st.integers(1, 99), data=st.data())
def test_refunds_are_the_same_in_whichever_steps_pieces_are_cancelled(price, quantity, data):
    agreed = data.draw(st.integers(0, price * quantity - 1))
    kept, given_back = quantity, 0

    def cost(pieces):
        return price * pieces - kept_part(agreed, kept=pieces, quantity=quantity)

    while kept:
        step = data.draw(st.integers(1, kept))
        refund = cost(kept) - cost(kept - step)
        assert refund >= 0
        given_back, kept = given_back + refund, kept - step
        assert cost(kept) >= bool(kept)
    assert given_back == price * quantity - agreed
