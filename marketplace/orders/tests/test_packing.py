"""A seller packs: once, and only what still waits for its courier."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.common import clock
from marketplace.common.errors import StaleState
from marketplace.orders.models import Shipment
from marketplace.orders.services import pack_shipment
from marketplace.orders.states import ShipmentStatus

pytestmark = pytest.mark.usefixtures("books_balance")

S = ShipmentStatus
TO_DELIVERED = (S.PROCESSING, S.SHIPPED, S.DELIVERED)
DAY = timedelta(days=1)


@pytest.fixture
def order(buyer, seller, other_seller, goods, fund, fill_cart, check_out):
    """A lamp by Sam (20.22, of which 0.51 is the fee) and a chair by Sue (40.00), out of 100.00."""
    fund(buyer, 10_000)
    fill_cart(buyer, {goods(seller, price=2022): 1, goods(other_seller, price=4000): 1})
    return check_out(buyer)


@pytest.fixture
def shipment(order, seller, walk):
    """Sam's part of it, delivered just now."""
    return walk(order.shipments.get(seller=seller), *TO_DELIVERED)


class TestPacking:
    @pytest.mark.parametrize("role", ["seller", "admin"])
    def test_is_said_by_the_seller_or_staff_and_stays_as_it_was_first_said(
        self, order, seller, role, request
    ):
        shipment = order.shipments.get(seller=seller)
        actor = request.getfixturevalue(role)

        first = pack_shipment(shipment_id=shipment.pk, actor=actor).packed_at
        with clock.moved(DAY):
            again = pack_shipment(shipment_id=shipment.pk, actor=actor).packed_at

        assert first is not None
        assert first == again == Shipment.objects.get(pk=shipment.pk).packed_at

    @pytest.mark.parametrize("role", ["buyer", "other_seller", "courier", "stranger"])
    def test_is_not_for_anybody_else_to_say(self, order, seller, role, request):
        shipment = order.shipments.get(seller=seller)

        with pytest.raises(PermissionDenied):
            pack_shipment(shipment_id=shipment.pk, actor=request.getfixturevalue(role))

        assert Shipment.objects.get(pk=shipment.pk).packed_at is None

    @pytest.mark.parametrize("steps", [(S.PROCESSING, S.SHIPPED), (S.CANCELLED,)])
    def test_is_over_once_it_was_picked_up_or_cancelled(self, order, seller, walk, steps):
        shipment = walk(order.shipments.get(seller=seller), *steps)

        with pytest.raises(StaleState):
            pack_shipment(shipment_id=shipment.pk, actor=seller)

        assert Shipment.objects.get(pk=shipment.pk).packed_at is None
