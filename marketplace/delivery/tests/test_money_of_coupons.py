"""Who pays and who gets what where a coupon took something off, to the minor unit: a row for each way that it can end.

A lamp (10.01, one hand) and a sofa (50.00, needs a car) of one seller, as in test_money_of_delivery.py: brought next
door for 12.90, of which the courier gets 11.61; the lamp alone 5.00 and 4.50. With the coupons the lamp costs 9.01
and the sofa 45.00 (10 %), or 8.34 and 41.67 (10.00 off), or 0.01 each (all but nothing).
"""

import pytest

from marketplace.common.money import percent_of
from marketplace.coupons.models import Coupon, CouponUse
from marketplace.delivery.services import complete_shipment
from marketplace.orders.models import Settlement, Shipment
from marketplace.products.models import SizeClass
from marketplace.products.services import NewVariant
from marketplace.rates.services import Rates, offer_free_delivery, publish_rates
from marketplace.wallet.selectors import wallet_of

from .test_money_of_delivery import (
    BACK,
    COURIER,
    COURIER_BACK,
    FULL,
    LAMP,
    LAMP_COURIER,
    LAMP_FULL,
    PARTS,
    RATES,
    SOFA,
    WAYS,
    go,
    moved,
)

# What lamp and sofa cost with each coupon.
COUPONS = {
    "percent": ({"percent_bps": 1000}, 901, 4500),
    "amount": ({"amount": 1000}, 834, 4167),
    "nearly all": ({"amount": 9000}, 1, 1),
}
FREE_FROM = 2  # of what the goods cost with the coupon, so that every payer has a turn


@pytest.fixture
def sold(admin, buyer, seller, goods, fund, fill_cart, check_out, settings, coupons):
    """`sold(coupon, payer, commission)`: ordered with that coupon, its delivery paid by that payer."""

    def run(
        coupon: str, payer: str, commission: int = 250, currency: str = "EUR", **more: object
    ) -> Shipment:
        settings.STORE_CURRENCY, settings.COMMISSION_BPS = currency, commission
        free_from = FREE_FROM if payer == "store" else 0
        publish_rates(
            rates=Rates(**vars(RATES) | {"free_from": free_from} | more), actor=admin, expected_version=0
        )
        if payer == "seller":
            offer_free_delivery(actor=seller, free_from=FREE_FROM)
        fund(buyer, 10_000)
        lamp = goods(seller, title="Lamp", variants=[NewVariant(price=LAMP, stock=5)])
        bulky = NewVariant(price=SOFA, stock=5, size_class=SizeClass.BULKY)
        sofa = goods(seller, title="Sofa", variants=[bulky])
        fill_cart(buyer, {lamp: 1, sofa: 1})
        coupons.apply(buyer, coupons.make(seller, **COUPONS[coupon][0]))
        return check_out(buyer).shipments.select_related("order").get()

    return run


def expected(coupon, payer, how, commission):
    """buyer, seller, courier, store: worked out anew, from the tables at the top."""
    _terms, lamp, sofa = COUPONS[coupon]
    if payer == "seller" and lamp + sofa - percent_of(lamp + sofa, commission) < FULL:
        payer = "buyer"  # the goods do not pay for the offer
    if how.startswith("cancelled"):
        return (0, 0, 0, 0)
    if how in ("absent", "wrong_address", "refused", "damaged"):
        is_theirs = payer == "buyer" and how != "damaged"
        paid = FULL if is_theirs else 0
        return (-paid, 0, COURIER + COURIER_BACK, paid - COURIER - COURIER_BACK)
    is_part = how in PARTS
    goods = lamp if is_part else lamp + sofa
    full, courier = (LAMP_FULL, LAMP_COURIER) if is_part else (FULL, COURIER)
    fee = percent_of(goods, commission)
    by_buyer = full if payer == "buyer" else 0
    by_seller = min(full, goods - fee) if payer == "seller" else 0
    return (-goods - by_buyer, goods - fee - by_seller, courier, fee + by_buyer + by_seller - courier)


CASES = [
    *((coupon, 250, "EUR") for coupon in COUPONS),
    *(("percent", commission, "EUR") for commission in (0, 10_000)),
    *(("amount", 333, currency) for currency in ("JPY", "KWD")),
]


@pytest.mark.parametrize(("coupon", "commission", "currency"), CASES)
@pytest.mark.parametrize("payer", ["buyer", "seller", "store"])
@pytest.mark.parametrize("how", WAYS)
def test_every_cent_is_somebodys(
    sold, buyer, seller, courier, books_balance, delivery, how, coupon, payer, commission, currency
):
    shipment = sold(coupon, payer, commission, currency)

    go(delivery, shipment, how, courier)

    after = moved(buyer, seller, courier)
    assert tuple(after.values()) == expected(coupon, payer, how, commission)
    assert sum(after.values()) == 0
    is_used = not how.startswith("cancelled")
    assert Coupon.objects.get().uses == is_used
    assert (CouponUse.objects.get().given_back_at is None) == is_used


def test_the_way_back_is_paid_out_of_what_is_held_and_no_more(
    sold, buyer, seller, courier, books_balance, delivery
):
    """Goods of 0.02 and a delivery of 12.90 are held: of a way back of 6.45 there is only 0.02."""
    shipment = sold("nearly all", "buyer", back_refused="buyer")

    go(delivery, shipment, "refused", courier)

    assert moved(buyer, seller, courier)["buyer"] == -FULL - 2
    assert BACK > 2


def test_the_proof_pays_the_delivery_and_the_reduced_goods_stay_held(
    sold, buyer, courier, books_balance, delivery
):
    shipment = sold("percent", "buyer")

    delivery.prove(delivery.carry(shipment, courier))

    assert wallet_of(buyer.pk).held_balance == 5401


def test_the_commission_is_of_what_was_paid(sold, buyer, courier, books_balance, delivery):
    shipment = sold("percent", "buyer", 1000)
    delivery.prove(delivery.carry(shipment, courier))

    complete_shipment(shipment_id=shipment.pk, actor=buyer)

    settlement = Settlement.objects.get()
    assert (settlement.gross, settlement.fee, settlement.net) == (5401, 540, 4861)
