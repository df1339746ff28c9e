"""What a delivery costs, to the minor unit, in currencies with two, no and three decimals."""

import pytest

from marketplace.common.places import Place
from marketplace.rates.models import RateTable
from marketplace.rates.pricing import (
    Terms,
    back_price,
    largest,
    less_of,
    price_of,
    quote,
    terms_of,
    waiting_price,
)

TABLE = RateTable(
    version=1,
    base=290,
    per_km=35,
    extra_medium=100,
    extra_large=250,
    extra_bulky=900,
    free_from=10_000,
    max_metres=30_000,
    store_bps=1500,
    courier_least=300,
    back_bps=5000,
)
FREE = RateTable(version=2)


@pytest.mark.parametrize(
    ("metres", "size", "price"),
    [
        (0, "small", 290),
        (14, "small", 290),  # 0.49 of a cent
        (15, "small", 291),  # 0.525
        (1_000, "small", 325),
        (4_200, "medium", 537),
        (12_345, "bulky", 1622),  # 432.075
    ],
)
def test_base_way_and_size_class_are_added_and_the_way_is_rounded_half_up_once(metres, size, price):
    assert price_of(TABLE, metres=metres, size_class=size) == price


def test_a_table_of_zeros_costs_nobody_anything_and_pays_nobody():
    assert terms_of(FREE, metres=99_999, size_class="bulky", goods_total=1) == Terms()


def test_the_buyer_pays_and_the_courier_gets_it_less_the_stores_share():
    assert terms_of(TABLE, metres=4_200, size_class="medium", goods_total=9_999) == Terms(537, 537, 0, 456)


def test_the_courier_gets_the_least_where_the_price_is_lower():
    terms = terms_of(TABLE, metres=0, size_class="small", goods_total=100)

    assert (terms.buyer, terms.courier, terms.store) == (290, 300, -10)


def test_from_the_stores_amount_on_the_store_pays():
    terms = terms_of(TABLE, metres=4_200, size_class="medium", goods_total=10_000, offer_from=5_000)

    assert terms == Terms(537, 0, 0, 456)
    assert terms.store == -456


def test_from_the_sellers_amount_on_the_seller_pays():
    assert terms_of(TABLE, metres=4_200, size_class="medium", goods_total=5_000, offer_from=5_000) == Terms(
        537, 0, 537, 456
    )
    assert (
        terms_of(TABLE, metres=4_200, size_class="medium", goods_total=4_999, offer_from=5_000).buyer == 537
    )


@pytest.mark.parametrize(
    ("goods", "commission", "seller"), [(597, 1000, 537), (596, 1000, 0), (536, 0, 0), (537, 0, 537)]
)
def test_a_sellers_offer_holds_only_where_the_goods_pay_for_it(goods, commission, seller):
    terms = terms_of(
        TABLE, metres=4_200, size_class="medium", goods_total=goods, offer_from=1, commission_bps=commission
    )

    assert (terms.seller, terms.buyer) == (seller, 537 - seller)


def test_after_pieces_are_taken_out_nothing_is_higher():
    before = terms_of(TABLE, metres=4_200, size_class="bulky", goods_total=9_999)

    less = less_of(TABLE, before, metres=4_200, size_class="small", goods_left=100)
    assert less == Terms(437, 437, 0, 371)
    assert less_of(TABLE, less, metres=4_200, size_class="bulky", goods_left=100) == less


def test_what_was_free_stays_free_when_the_goods_fall_below_the_amount():
    before = terms_of(TABLE, metres=0, size_class="small", goods_total=10_000)

    assert less_of(TABLE, before, metres=0, size_class="small", goods_left=1).buyer == 0


def test_a_seller_pays_no_more_than_their_goods_leave_them():
    before = terms_of(TABLE, metres=0, size_class="small", goods_total=5_000, offer_from=5_000)

    assert less_of(TABLE, before, metres=0, size_class="small", goods_left=7).seller == 7


def test_the_way_back_is_a_share_of_the_way_there():
    assert back_price(TABLE, 537) == 269


def test_a_quote_knows_how_far_it_is_and_whether_that_is_too_far():
    shop, near, far = Place(48, 16), Place("48.05", 16), Place(49, 16)

    found = quote(TABLE, start=shop, door=near, size_class="small", goods_total=100)
    assert (found.metres, found.is_too_far, found.is_known) == (5560, False, True)
    assert quote(TABLE, start=shop, door=far, size_class="small", goods_total=100).is_too_far
    unknown = quote(TABLE, start=None, door=far, size_class="small", goods_total=100)
    assert (unknown.metres, unknown.is_too_far, unknown.is_known) == (0, False, False)
    assert quote(None, start=shop, door=far, size_class="small", goods_total=1).terms == Terms()


def test_the_largest_piece_counts():
    assert largest(["small", "large", "medium"]) == "large"
    assert largest([]) == "small"


@pytest.mark.parametrize(
    ("seconds", "price"),
    [(0, 0), (299, 0), (300, 0), (301, 40), (360, 40), (361, 80), (600, 200), (601, 210), (10**9, 210)],
)
def test_waiting_costs_each_minute_begun_after_the_free_ones_up_to_a_most(seconds, price):
    table = RateTable(wait_free=5, wait_fee=40, wait_most=210)

    assert waiting_price(table, seconds) == price
    assert waiting_price(RateTable(wait_free=5, wait_fee=40), seconds) == 0


@pytest.mark.parametrize("reason", ["absent", "refused", "wrong_address", "unsafe", "damaged"])
def test_each_reason_has_its_payer_and_any_other_sentence_is_staffs(reason):
    table = RateTable(**{f"back_{reason}": "seller"}, back_staff="buyer")

    assert table.payer_of_way_back(reason) == "seller"
    for other in ("", "staff", "bps", "The store wants it back"):
        assert table.payer_of_way_back(other) == "buyer"
    assert RateTable().payer_of_way_back(reason) == "store"
