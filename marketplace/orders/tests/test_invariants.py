"""Each invariant finds what it is there to find: something is broken on purpose, by hand."""

import pytest

from marketplace.common import clock
from marketplace.common.invariants import find_breaches
from marketplace.common.models import FormKey
from marketplace.notifications.models import Notification
from marketplace.orders.invariants import INVARIANTS
from marketplace.orders.models import CartLine, Order, Shipment, ShipmentEvent, ShipmentLine
from marketplace.orders.services import cancel_shipment
from marketplace.orders.states import ShipmentStatus
from marketplace.products.models import Product, StockMove
from marketplace.wallet.models import Hold


@pytest.fixture
def order(buyer, seller, other_seller, goods, fund, fill_cart, check_out):
    """An order of two shipments, one of them cancelled."""
    fund(buyer, 20_000)
    fill_cart(buyer, {goods(seller, title="Lamp"): 2, goods(other_seller, title="Chair"): 1})
    order = check_out(buyer)
    cancel_shipment(shipment_id=order.shipments.get(seller=other_seller).pk, actor=buyer)
    return order


def live() -> Shipment:
    return Shipment.objects.get(status=ShipmentStatus.PLACED)


def gone() -> Shipment:
    return Shipment.objects.get(status=ShipmentStatus.CANCELLED)


def put_the_ordered_line_back(order):
    cart = CartLine._meta.get_field("cart").related_model.objects.get()
    product = Product.objects.get(title="Lamp")
    CartLine.objects.create(pk=order.last_cart_line, cart=cart, product=product, quantity=1, price_seen=1000)


def add_step(before, to):
    ShipmentEvent.objects.create(shipment=live(), from_status=before, to_status=to)


BREAKS = {
    "I10 a shipment": lambda order: Shipment.objects.filter(pk=live().pk).update(total=1),
    "I14 nothing": lambda order: Hold.objects.filter(status="open").update(object_id=gone().pk),
    "I18 an order's": lambda order: Order.objects.update(total=7),
    "I18 a shipment's": lambda order: Shipment.objects.filter(pk=gone().pk).update(total=1),
    "I18 a line has": lambda order: ShipmentLine.objects.update(list_price=1),
    "I18 a line is sold": lambda order: Order.objects.update(buyer=live().seller),
    "I19 what was": put_the_ordered_line_back,
    "I20 every step": lambda order: add_step("placed", "completed"),
    "I20 each step": lambda order: add_step("processing", "shipped"),
    "I20 a shipment's": lambda order: Shipment.objects.filter(pk=live().pk).update(status="processing"),
    "I20 an order's": lambda order: Order.objects.update(status="shipped"),
    "I21": lambda order: Shipment.objects.update(claimed_at=clock.now().replace(year=2000)),
    "I16 what was ordered": lambda order: StockMove.objects.filter(kind="sold").delete(),
    "I16 what was cancelled": lambda order: StockMove.objects.filter(kind="restocked").delete(),
    "I35 an order": lambda order: Notification.objects.filter(kind="sale_made").delete(),
    "I35 nobody": lambda order: Notification.objects.filter(kind="order_created").update(object_id=0),
    "I35 who": lambda order: Notification.objects.filter(kind="shipment_cancelled").delete(),
    "I40": lambda order: FormKey.objects.update(result="elsewhere"),
}


@pytest.mark.breaks_books
@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_found(order, name):
    assert find_breaches(INVARIANTS) == []

    BREAKS[name](order)

    assert any(str(breach).startswith(name) for breach in find_breaches(INVARIANTS))


def test_every_invariant_has_its_break():
    """But the one that a unique column keeps on every database."""
    kept_by_the_database = {"I19 a cart is ordered once"}
    unproved = {
        invariant.name
        for invariant in INVARIANTS
        if not any(invariant.name.startswith(name) for name in BREAKS)
    }
    assert unproved == kept_by_the_database
