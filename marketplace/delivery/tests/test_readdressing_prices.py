"""An order that is sent elsewhere never becomes dearer, for nobody; what it costs less its buyer has back."""

from dataclasses import replace
from decimal import Decimal

import pytest

from marketplace.accounts.address_book import add_address, save_location
from marketplace.accounts.saved import AddressKind
from marketplace.accounts.tests.test_address_book import WORK, key
from marketplace.common.errors import Invalid
from marketplace.common.idempotency import new_form_key
from marketplace.delivery.models import Delivery
from marketplace.delivery.services import cancel_line, cancel_shipment, change_order_address, claim_shipment
from marketplace.notifications.models import Notification
from marketplace.orders.models import Order, Shipment, ShipmentEvent
from marketplace.orders.services import Recipient
from marketplace.products.services import choose_pick_up
from marketplace.rates.services import Rates, offer_free_delivery, publish_rates
from marketplace.wallet.models import Hold, Transaction
from marketplace.wallet.selectors import wallet_of

pytestmark = pytest.mark.usefixtures("books_balance")

HERE = (Decimal("52.520008"), Decimal("13.404954"))
THERE = Recipient("Bo", "+49 40 1234567")
# The buyer and the seller live in the same place: every way here is as far as the door is north of it.
RATES = Rates(base=290, per_km=100, max_metres=8_000, store_bps=1000)


def north(metres: int):
    """A new address so far north of where everybody is."""
    return replace(WORK, lat=HERE[0] + Decimal(metres) / Decimal("111195"), lng=HERE[1])


@pytest.fixture
def sold(admin, buyer, seller, goods, fund, fill_cart, check_out):
    """`sold()`: two lamps (20.00), ordered to five kilometres away: 7.90 for the delivery."""

    def run(rates: Rates = RATES, offer: int = 0) -> Shipment:
        publish_rates(rates=rates, actor=admin, expected_version=0)
        if offer:
            offer_free_delivery(actor=seller, free_from=offer)
        fund(buyer, 10_000)
        fill_cart(buyer, {goods(seller, price=1000): 2})
        return check_out(buyer, new_address=north(5_000)).shipments.select_related("order").get()

    return run


def send(shipment, wish) -> Shipment:
    actor = shipment.order.buyer
    change_order_address(order_id=shipment.order_id, recipient=THERE, new_address=wish, actor=actor)
    shipment.refresh_from_db()
    return shipment


def everything() -> tuple:
    return (
        list(Order.objects.values()),
        list(Shipment.objects.values()),
        list(Hold.objects.values()),
        ShipmentEvent.objects.count(),
        Transaction.objects.count(),
        Notification.objects.count(),
    )


def test_where_it_is_cheaper_the_difference_goes_back_from_the_hold(sold, buyer):
    shipment = sold()
    assert (shipment.total, wallet_of(buyer.pk).balance) == (2790, 7210)

    send(shipment, north(1_000))

    assert (shipment.total, shipment.delivery_price, shipment.delivery_metres) == (2390, 390, 1000)
    assert (shipment.delivery_full, shipment.courier_share) == (390, 351)
    assert (shipment.delivery_agreed, shipment.order.total) == (790, 2790)
    wallet = wallet_of(buyer.pk)
    assert (wallet.balance, wallet.held_balance) == (7610, 2390)


def test_and_nearer_once_more_and_then_cancelled_all_of_it_is_back(sold, buyer):
    shipment = sold()
    send(send(shipment, north(3_000)), north(1_000))
    assert wallet_of(buyer.pk).held_balance == 2390

    cancel_shipment(shipment_id=shipment.pk, actor=buyer)

    assert wallet_of(buyer.pk).balance == 10_000


@pytest.mark.parametrize(
    ("metres", "sentence"),
    [(6_000, r"costs €8\.90; you agreed to €7\.90"), (8_100, "too far away")],
)
def test_where_it_is_dearer_or_too_far_nothing_changes(sold, metres, sentence):
    shipment = sold()
    before = everything()

    with pytest.raises(Invalid, match=sentence) as refusal:
        send(shipment, north(metres))

    assert refusal.value.field == "to"
    assert everything() == before


def test_the_table_of_the_shipment_counts_not_todays(sold, admin):
    shipment = sold()
    publish_rates(rates=replace(RATES, per_km=900, max_metres=500), actor=admin, expected_version=1)

    assert send(shipment, north(1_000)).delivery_price == 390


@pytest.mark.parametrize("payer", ["store", "seller"])
def test_a_free_delivery_is_never_dearer_for_who_pays_it(sold, payer, buyer):
    free = replace(RATES, free_from=2000) if payer == "store" else RATES
    shipment = sold(free, offer=2000 if payer == "seller" else 0)
    assert shipment.delivery_price == 0
    before = everything()

    with pytest.raises(Invalid, match="free for you"):
        send(shipment, north(6_000))
    assert everything() == before

    send(shipment, north(1_000))
    assert (shipment.total, shipment.delivery_full, shipment.courier_share) == (2000, 390, 351)
    assert shipment.delivery_by_seller == (390 if payer == "seller" else 0)


def test_the_way_begins_where_the_listing_is_fetched_not_at_its_seller(
    admin, buyer, seller, goods, fund, fill_cart, check_out
):
    """Its store is five kilometres north of its seller: the nearer a door is to them, the dearer."""
    publish_rates(rates=RATES, actor=admin, expected_version=0)
    wish = replace(north(5_000), label="Store")
    store = add_address(
        user_id=seller.pk, kind=AddressKind.PICK_UP, wish=wish, form_key=key(seller), actor=seller
    )
    lamp = goods(seller, price=2000)
    choose_pick_up(product_id=lamp.pk, place=store.public_id, actor=seller)
    fund(buyer, 10_000)
    fill_cart(buyer, {lamp: 1})
    shipment = check_out(buyer, new_address=north(7_000)).shipments.select_related("order").get()
    assert (shipment.delivery_metres, shipment.delivery_price) == (2_000, 490)
    before = everything()

    with pytest.raises(Invalid, match=r"costs €5\.90; you agreed to €4\.90"):
        send(shipment, north(2_000))  # nearer to its seller, farther from the store
    assert everything() == before

    assert send(shipment, north(5_500)).delivery_price == 340
    choose_pick_up(
        product_id=lamp.pk, place="", actor=seller
    )  # what was ordered is fetched where it was said
    assert send(shipment, north(5_200)).delivery_price == 310
    assert wallet_of(buyer.pk).held_balance == 2_310


def test_one_shipment_that_would_be_dearer_keeps_all_of_the_order(
    sold, buyer, seller, other_seller, goods, fund, fill_cart, check_out
):
    """The other seller is where the order goes now: nearer to one is farther from the other."""
    sold()
    there = north(5_000)
    save_location(user_id=other_seller.pk, lat=there.lat, lng=there.lng, address="North", actor=other_seller)
    fill_cart(buyer, {goods(seller, price=500): 1, goods(other_seller, price=500): 1})
    order = check_out(buyer, new_address=north(4_000))
    before = everything()

    with pytest.raises(Invalid, match="Sue"):
        send(order.shipments.get(seller=seller), north(1_000))
    assert everything() == before


def test_a_name_alone_has_no_price_wherever_the_seller_is_by_now(sold, seller, buyer):
    shipment = sold()
    save_location(
        user_id=seller.pk,
        lat=north(-3_000).lat,
        lng=north(0).lng,
        address="Elsewhere",
        actor=seller,
    )

    assert send(shipment, north(5_000)).total == 2790
    with pytest.raises(Invalid, match=r"costs €8\.90"):
        send(shipment, north(3_000))  # six kilometres by now


def test_a_part_that_was_cancelled_stays_cancelled(sold, buyer):
    shipment = sold()
    line = shipment.lines.get()
    cancel_line(
        line_id=line.pk,
        quantity=1,
        actor=buyer,
        form_key=new_form_key(user_id=buyer.pk, action="cancel_line", subject=line.pk),
    )
    shipment.refresh_from_db()

    assert send(shipment, north(1_000)).total == 1390


def test_a_courier_keeps_the_fee_of_their_claim(sold, courier, delivery):
    shipment = sold()
    claim_shipment(shipment_id=shipment.pk, actor=courier)

    send(shipment, north(1_000))
    delivery.prove(delivery.pick_up(Delivery.objects.get()))

    assert Delivery.objects.get().fee == 711


def test_without_rates_an_order_goes_anywhere(placed, buyer):
    shipment = placed(buyer)

    assert send(shipment, north(50_000)).total == 1000
