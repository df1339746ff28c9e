"""Writing an order that was no cart: as an auction that ended, a program or a replacement does."""

from dataclasses import replace
from decimal import Decimal

import pytest

from marketplace.common.authorisation import SYSTEM
from marketplace.common.ids import new_public_id
from marketplace.common.places import Place
from marketplace.common.transactions import service
from marketplace.notifications.models import Notification
from marketplace.orders.models import Order, Shipment, ShipmentEvent
from marketplace.orders.notices import ORDER_CREATED, SALE_MADE
from marketplace.orders.services.placing import Address, Item, Recipient, write_order
from marketplace.orders.states import ShipmentStatus
from marketplace.products.models import Variant
from marketplace.products.services import lock_variants
from marketplace.wallet.errors import InsufficientFunds
from marketplace.wallet.models import Hold
from marketplace.wallet.selectors import WalletView, wallet_of

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def goods(goods, variant_of):
    """The one variant of something that can be bought."""
    return lambda *given, **fields: variant_of(goods(*given, **fields))


@pytest.fixture
def lamp(goods, seller):
    return goods(seller, price=2500, stock=5, title="Lamp")


@pytest.fixture
def chair(goods, other_seller):
    return goods(other_seller, price=4000, stock=1, title="Chair")


@pytest.fixture
def agreed(lamp, chair):
    """Two lamps for 20.00 each, and the last chair for what it costs."""
    return [Item(lamp, quantity=2, unit_price=2000), Item(chair, quantity=1, unit_price=4000)]


@service
def sell(buyer, items) -> Order:
    """As the clock would: it locks the goods, and writes the order of whoever won them."""
    locked = lock_variants([item.variant.pk for item in items])
    items = [replace(item, variant=locked[item.variant.pk]) for item in items]
    return write_order(
        actor=SYSTEM,
        buyer_id=buyer.pk,
        number=new_public_id(),
        items=items,
        recipient=Recipient("Bea", "+49 30 1234", "Ring twice"),
        address=Address("1 Elm Street", Place(Decimal("52.5"), Decimal("13.4"))),
    )


def test_items_become_a_shipment_a_seller_with_goods_taken_and_money_held(
    buyer, seller, other_seller, lamp, agreed, fund
):
    fund(buyer, 10_000)

    order = sell(buyer, agreed)

    order.refresh_from_db()
    assert (order.buyer, order.total, order.last_cart_line) == (buyer, 8_000, None)
    assert (order.ship_name, order.ship_notes) == ("Bea", "Ring twice")
    assert (order.ship_address, order.ship_lat, order.ship_lng) == (
        "1 Elm Street",
        Decimal("52.5"),
        Decimal("13.4"),
    )
    parts = {part.seller: part for part in order.shipments.all()}
    assert {who: part.total for who, part in parts.items()} == {seller: 4_000, other_seller: 4_000}
    line = parts[seller].lines.get()
    assert (line.title, line.sku, line.quantity) == ("Lamp", lamp.sku, 2)
    assert (line.unit_price, line.list_price) == (2000, 2500)
    assert dict(Variant.objects.values_list("product__title", "stock")) == {"Lamp": 3, "Chair": 0}
    assert wallet_of(buyer.pk) == WalletView(balance=2_000, held_balance=8_000)
    assert {hold.open_key for hold in Hold.objects.all()} == {part.hold_key for part in parts.values()}


def test_its_history_says_who_did_it_and_buyer_and_sellers_are_told(
    buyer, seller, other_seller, agreed, fund
):
    fund(buyer, 10_000)

    sell(buyer, agreed)

    steps = ShipmentEvent.objects.values_list("actor", "from_status", "to_status")
    assert list(steps) == [(None, "", ShipmentStatus.PLACED)] * 2
    told = Notification.objects.filter(kind__in=[ORDER_CREATED.name, SALE_MADE.name])
    assert set(told.values_list("kind", "recipient")) == {
        (ORDER_CREATED.name, buyer.pk),
        (SALE_MADE.name, seller.pk),
        (SALE_MADE.name, other_seller.pk),
    }


def test_without_the_money_nothing_of_it_is_written(buyer, agreed, fund):
    fund(buyer, 7_999)

    with pytest.raises(InsufficientFunds):
        sell(buyer, agreed)

    assert not Order.objects.exists()
    assert not Shipment.objects.exists()
    assert dict(Variant.objects.values_list("product__title", "stock")) == {"Lamp": 5, "Chair": 1}
    assert wallet_of(buyer.pk) == WalletView(balance=7_999)
