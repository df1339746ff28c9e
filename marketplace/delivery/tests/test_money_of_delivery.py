"""Who pays for a delivery and who gets it, to the minor unit: a row for each way that it can end.

A lamp (10.01, one hand) and a sofa (50.00, needs a car) of one seller, brought next door: 12.90, of which the courier
gets 11.61; the lamp alone 5.00 and 4.50. In KWD these are 1.290 dinars, in JPY 1290 yen.
"""

from datetime import timedelta

import pytest

from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.common.idempotency import new_form_key
from marketplace.common.money import percent_of
from marketplace.delivery.models import Delivery
from marketplace.delivery.services import cancel_line, release_earnings, send_back
from marketplace.orders.models import Shipment
from marketplace.orders.states import ShipmentStatus
from marketplace.products.models import SizeClass
from marketplace.products.services import NewVariant
from marketplace.rates.services import Rates, offer_free_delivery, publish_rates
from marketplace.wallet.models import StoreWallet, Transaction
from marketplace.wallet.selectors import wallet_of

LAMP, SOFA = 1001, 5000
GOODS, FULL, COURIER = LAMP + SOFA, 1290, 1161
LAMP_FULL, LAMP_COURIER = 500, 450
BACK, COURIER_BACK = 645, 581  # half of each, rounded half up
RATES = Rates(base=390, extra_medium=110, extra_bulky=900, store_bps=1000, back_bps=5000)


@pytest.fixture
def sold(admin, buyer, seller, goods, fund, fill_cart, check_out, settings):
    """`sold(payer, commission)`: ordered, the delivery paid by "buyer", "seller" (offer) or "store" (free from)."""

    def run(payer: str, commission: int = 0, currency: str = "EUR", **table: object) -> Shipment:
        settings.STORE_CURRENCY, settings.COMMISSION_BPS = currency, commission
        publish_rates(
            rates=Rates(**vars(RATES) | {"free_from": 6000 if payer == "store" else 0} | table),
            actor=admin,
            expected_version=0,
        )
        if payer == "seller":
            offer_free_delivery(actor=seller, free_from=6000)
        fund(buyer, 10_000)
        lamp = goods(seller, title="Lamp", variants=[NewVariant(price=LAMP, stock=5)])
        bulky = NewVariant(price=SOFA, stock=5, size_class=SizeClass.BULKY)
        sofa = goods(seller, title="Sofa", variants=[bulky])
        fill_cart(buyer, {lamp: 1, sofa: 1})
        return check_out(buyer).shipments.select_related("order").get()

    return run


def sofa_of(shipment):
    return shipment.lines.get(title="Sofa")


def fail_thrice(delivery, job, reason):
    for _ in range(3):
        job.refresh_from_db()
        if job.status == "carrying":
            delivery.fail(job, reason)


def go(delivery, shipment, how, courier):
    """Take a shipment to the end that `how` names."""
    seller = shipment.seller
    match how:
        case "cancelled":
            return delivery.cancel(shipment)
        case "cancelled by the seller":
            return delivery.cancel(shipment, seller, reason="Broken")
        case "part cancelled":
            delivery.cancel_pieces(sofa_of(shipment))
        case "short-shipped":
            key = new_form_key(user_id=seller.pk, action="cancel_line", subject=sofa_of(shipment).pk)
            about = {"actor": seller, "form_key": key, "reason": "Broken"}
            cancel_line(line_id=sofa_of(shipment).pk, quantity=1, **about)
    job = delivery.carry(shipment, courier)
    if how in ("absent", "wrong_address", "refused", "damaged", "unsafe"):
        fail_thrice(delivery, job, how)
        delivery.prove(job)
        return None
    delivery.prove(job)
    return delivery.complete(shipment)


def fees():
    return sum(
        Transaction.objects.filter(wallet__code=StoreWallet.FEES).values_list("balance_delta", flat=True)
    )


def moved(buyer, seller, courier):
    """What each has more, or less, than before; of the courier also what is held for disputes."""
    theirs = {
        who: wallet_of(user.pk) for who, user in (("buyer", buyer), ("seller", seller), ("courier", courier))
    }
    found = {who: wallet.balance + wallet.held_balance for who, wallet in theirs.items()}
    return found | {"buyer": found["buyer"] - 10_000, "store": fees()}


def expected(payer, how, commission):
    """buyer, seller, courier, store: worked out anew, from the table at the top."""
    if payer == "seller" and GOODS - percent_of(GOODS, commission) < FULL:
        payer = "buyer"  # the goods do not pay for the offer
    if how.startswith("cancelled"):
        return (0, 0, 0, 0)
    if how in ("absent", "wrong_address", "refused", "damaged", "unsafe"):
        is_theirs = payer == "buyer" and how in ("absent", "wrong_address", "refused")
        paid = FULL if is_theirs else 0
        return (-paid, 0, COURIER + COURIER_BACK, paid - COURIER - COURIER_BACK)
    goods, full, courier = (LAMP, LAMP_FULL, LAMP_COURIER) if how in PARTS else (GOODS, FULL, COURIER)
    fee = percent_of(goods, commission)
    by_buyer = full if payer == "buyer" else 0
    by_seller = min(full, goods - fee) if payer == "seller" else 0
    return (
        -goods - by_buyer,
        goods - fee - by_seller,
        courier,
        fee + by_buyer + by_seller - courier,
    )


PARTS = ("part cancelled", "short-shipped")
WAYS = [
    "delivered",
    "cancelled",
    "cancelled by the seller",
    *PARTS,
    "absent",
    "wrong_address",
    "refused",
    "damaged",
]


@pytest.mark.parametrize("commission", [0, 250, 10_000])
@pytest.mark.parametrize("payer", ["buyer", "seller", "store"])
@pytest.mark.parametrize("how", WAYS)
def test_every_cent_of_a_delivery_is_somebodys(
    sold, buyer, seller, courier, books_balance, how, payer, commission, delivery
):
    shipment = sold(payer, commission)

    go(delivery, shipment, how, courier)

    after = moved(buyer, seller, courier)
    assert tuple(after.values()) == expected(payer, how, commission)
    assert sum(after.values()) == 0


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
@pytest.mark.parametrize("payer", ["buyer", "seller", "store"])
@pytest.mark.parametrize("how", WAYS)
def test_so_it_is_in_currencies_with_no_and_three_decimals(
    sold, buyer, seller, courier, books_balance, currency, payer, how, delivery
):
    shipment = sold(payer, 250, currency)

    go(delivery, shipment, how, courier)

    assert tuple(moved(buyer, seller, courier).values()) == expected(payer, how, 250)


def test_the_checkout_freezes_the_terms_with_their_version(sold, admin):
    shipment = sold("buyer")

    publish_rates(rates=Rates(base=9_000), actor=admin, expected_version=1)

    shipment.refresh_from_db()
    assert (shipment.delivery_agreed, shipment.delivery_price, shipment.courier_share) == (
        FULL,
        FULL,
        COURIER,
    )
    assert (shipment.total, shipment.goods_total, shipment.order.total) == (GOODS + FULL, GOODS, GOODS + FULL)
    assert (shipment.rates.version, shipment.delivery_full) == (1, FULL)
    assert wallet_of(shipment.order.buyer_id).held_balance == GOODS + FULL


def test_the_delivery_is_paid_by_the_proof_and_the_goods_stay_held(
    sold, buyer, seller, courier, books_balance, delivery
):
    shipment = sold("buyer", 250)

    delivery.prove(delivery.carry(shipment, courier))

    assert wallet_of(buyer.pk).held_balance == GOODS
    assert (wallet_of(courier.pk).balance, wallet_of(courier.pk).held_balance) == (0, COURIER)
    assert (wallet_of(seller.pk).balance, fees()) == (0, FULL - COURIER)


def test_a_courier_has_it_after_a_day_and_not_before(sold, courier, books_balance, delivery):
    delivery.prove(delivery.carry(sold("buyer"), courier))

    release_earnings(clock.now() + timedelta(hours=23, minutes=59))
    assert wallet_of(courier.pk).balance == 0
    for _ in range(2):
        release_earnings(clock.now() + timedelta(hours=24, minutes=1))
    assert (wallet_of(courier.pk).balance, wallet_of(courier.pk).held_balance) == (COURIER, 0)


def test_the_way_back_is_the_buyers_where_the_table_says_so(
    sold, buyer, seller, courier, books_balance, delivery
):
    shipment = sold("buyer", back_refused="buyer")

    go(delivery, shipment, "refused", courier)

    assert tuple(moved(buyer, seller, courier).values()) == (
        -FULL - BACK,
        0,
        COURIER + COURIER_BACK,
        FULL + BACK - COURIER - COURIER_BACK,
    )
    shipment.refresh_from_db()
    assert (shipment.status, shipment.total, shipment.goods_total) == (
        ShipmentStatus.RETURNED,
        FULL + BACK,
        0,
    )


def test_who_sends_it_back_for_the_store_costs_the_buyer_nothing(
    sold, buyer, seller, courier, admin, books_balance, delivery
):
    shipment = sold("buyer")
    job = delivery.carry(shipment, courier)
    send_back(shipment_id=shipment.pk, actor=admin, reason="The store wants it back.")
    delivery.prove(job)

    assert moved(buyer, seller, courier)["buyer"] == 0


def test_a_courier_keeps_what_was_promised_at_the_claim(
    sold, buyer, seller, courier, books_balance, delivery
):
    shipment = sold("buyer")
    job = delivery.claim(shipment, courier)
    delivery.cancel_pieces(sofa_of(shipment))

    delivery.prove(delivery.pick_up(job))

    assert wallet_of(courier.pk).held_balance == COURIER
    assert Shipment.objects.get(pk=shipment.pk).courier_share == LAMP_COURIER


@pytest.mark.parametrize("rates", [None, Rates()], ids=["no table", "zeros"])
def test_a_store_without_a_price_is_as_it_was(
    admin, buyer, seller, courier, placed, confirm, settings, rates, person, delivery
):
    """With a table of zeros its couriers get what the table says, which is where COURIER_FEE is written now."""
    settings.COURIER_FEE, settings.COMMISSION_BPS = 200, 1000
    if rates:
        publish_rates(rates=Rates(courier_least=200), actor=admin, expected_version=0)
    shipment = placed(price=1000)
    assert (shipment.total, wallet_of(buyer.pk).held_balance) == (1000, 1000)

    job = delivery.carry(shipment, courier)
    assert Delivery.objects.get(pk=job.pk).fee == 200
    confirm(job)
    delivery.complete(shipment)

    wallet = wallet_of(courier.pk)
    assert (wallet.balance + wallet.held_balance, wallet.held_balance) == (200, 200 if rates else 0)
    assert (wallet_of(seller.pk).balance, fees()) == (900, -100)


def test_what_was_ordered_before_the_store_had_rates_goes_on_as_it_was(
    admin, courier, placed, confirm, settings, person, delivery
):
    settings.COURIER_FEE = 200
    shipment = placed(price=1000)
    publish_rates(rates=RATES, actor=admin, expected_version=0)

    confirm(delivery.carry(shipment, courier))

    assert (wallet_of(courier.pk).balance, wallet_of(courier.pk).held_balance) == (200, 0)
    assert person(Role.DELIVERY)
