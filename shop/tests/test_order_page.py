"""What the page of an order offers (every action and person: site_config/tests/test_offers.py)."""

import pytest

from marketplace.delivery.services import cancel_shipment
from shop.order_page import order_context


@pytest.fixture
def parts_of():
    """`parts_of(order, user)`: its shipments as that person sees them."""
    return lambda order, user: order_context(user, order, "")["parts"]


def test_what_is_cancelled_already_is_not_offered_again(
    buyer, seller, other_seller, goods, fund, fill_cart, check_out, parts_of
):
    fund(buyer, 1_000_000)
    fill_cart(buyer, {goods(seller): 2, goods(other_seller): 2})
    order = check_out(buyer)
    cancel_shipment(shipment_id=order.shipments.get(seller=seller).pk, actor=buyer)

    assert [part.may_cancel for part in parts_of(order, buyer)] == [False, True]
    assert [part.cancellable_positions for part in parts_of(order, buyer)] == [set(), {1}]


@pytest.mark.parametrize(("pieces", "kinds", "positions"), [(1, 1, set()), (2, 1, {1}), (1, 2, {1, 2})])
def test_the_only_piece_of_a_shipment_is_not_cancelled_alone(
    buyer, seller, goods, fund, fill_cart, check_out, parts_of, pieces, kinds, positions
):
    fund(buyer, 1_000_000)
    fill_cart(buyer, {goods(seller): pieces for _kind in range(kinds)})

    assert parts_of(check_out(buyer), buyer)[0].cancellable_positions == positions


def test_what_is_frozen_is_not_offered_to_be_completed(buyer, delivered, parts_of):
    shipment = delivered(buyer).shipment
    assert [part.may_complete for part in parts_of(shipment.order, buyer)] == [True]

    type(shipment).objects.filter(pk=shipment.pk).update(frozen=1)

    assert [part.may_complete for part in parts_of(shipment.order, buyer)] == [False]
