"""The steps of a shipment, and what they make of its order."""

from itertools import combinations_with_replacement, product

import pytest

from marketplace.common.errors import InvalidTransition
from marketplace.orders.models import Order, Shipment, ShipmentEvent
from marketplace.orders.services.shipments import derive_status
from marketplace.orders.states import FINAL, SHIPMENT_NEXT, TONES, OrderStatus, ShipmentStatus

S, O = ShipmentStatus, OrderStatus  # noqa: E741

# From PLACED to each state along the table.
WAYS = {
    S.PLACED: (),
    S.PROCESSING: (S.PROCESSING,),
    S.SHIPPED: (S.PROCESSING, S.SHIPPED),
    S.DELIVERED: (S.PROCESSING, S.SHIPPED, S.DELIVERED),
    S.COMPLETED: (S.PROCESSING, S.SHIPPED, S.DELIVERED, S.COMPLETED),
    S.RETURNING: (S.PROCESSING, S.SHIPPED, S.RETURNING),
    S.RETURNED: (S.PROCESSING, S.SHIPPED, S.RETURNING, S.RETURNED),
    S.CANCELLED: (S.CANCELLED,),
}


@pytest.fixture
def shipment(buyer, seller, goods, fund, fill_cart, check_out):
    fund(buyer, 10_000)
    fill_cart(buyer, {goods(seller): 1})
    return check_out(buyer).shipments.get()


@pytest.mark.parametrize(("before", "to"), product(S, S), ids=str)
def test_every_pair_of_states_is_a_step_or_refused(shipment, walk, before, to):
    walk(shipment, *WAYS[before])
    events = ShipmentEvent.objects.count()

    if to in SHIPMENT_NEXT[before]:
        walk(shipment, to)
        last = ShipmentEvent.objects.order_by("pk").last()
        assert (last.from_status, last.to_status) == (before, to)
        assert Shipment.objects.get().status == to
    else:
        with pytest.raises(InvalidTransition):
            walk(shipment, to)
        assert ShipmentEvent.objects.count() == events
        assert Shipment.objects.get().status == before
    assert Order.objects.get().status == derive_status([Shipment.objects.get().status])


def test_a_shipment_that_is_given_back_forgets_its_claim(shipment, walk):
    walk(shipment, S.PROCESSING, S.PLACED)

    shipment.refresh_from_db()
    assert (shipment.status, shipment.claimed_at) == (S.PLACED, None)


def test_a_row_that_somebody_else_moved_is_refused(shipment, walk):
    """The conditional UPDATE is the second line behind the lock."""
    from marketplace.orders.services.shipments import advance

    stale = Shipment.objects.get()
    walk(shipment, S.CANCELLED)

    with pytest.raises(InvalidTransition):
        advance(stale, S.PROCESSING, actor_id=None)

    assert Shipment.objects.get().status == S.CANCELLED


@pytest.mark.parametrize(
    ("shipments", "order"),
    [
        ([S.PLACED, S.PLACED], O.PLACED),
        ([S.PLACED, S.CANCELLED], O.PLACED),
        ([S.PLACED, S.PROCESSING], O.PROCESSING),
        ([S.PLACED, S.COMPLETED], O.PROCESSING),
        ([S.PROCESSING, S.SHIPPED], O.PROCESSING),
        ([S.SHIPPED, S.CANCELLED], O.SHIPPED),
        ([S.SHIPPED, S.RETURNING], O.SHIPPED),
        ([S.SHIPPED, S.DELIVERED], O.SHIPPED),
        ([S.DELIVERED, S.COMPLETED], O.DELIVERED),
        ([S.DELIVERED, S.RETURNED], O.DELIVERED),
        ([S.COMPLETED, S.CANCELLED], O.COMPLETED),
        ([S.RETURNED, S.COMPLETED], O.COMPLETED),
        ([S.CANCELLED, S.CANCELLED], O.CANCELLED),
    ],
    ids=str,
)
def test_an_order_is_what_its_shipments_are(shipments, order):
    assert derive_status(shipments) == order


def test_an_order_is_completed_or_cancelled_exactly_when_every_shipment_is_final():
    for pair in combinations_with_replacement(S, 2):
        is_over = derive_status(pair) in (O.COMPLETED, O.CANCELLED)
        assert is_over == all(status in FINAL for status in pair)


def test_final_states_lead_nowhere_and_the_others_somewhere():
    assert {status for status, after in SHIPMENT_NEXT.items() if not after} == set(FINAL)


def test_every_state_has_a_colour():
    assert set(TONES) == set(S.values) | set(O.values)
