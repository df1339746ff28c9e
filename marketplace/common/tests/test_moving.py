"""A row goes to its next state once, and only from the state that its reader saw."""

import pytest

from marketplace.common.errors import InvalidTransition
from marketplace.common.moving import move
from marketplace.orders.models import Shipment
from marketplace.orders.states import SHIPMENT_NEXT, ShipmentStatus, not_possible

# What these tests do to a shipment no service would.
pytestmark = pytest.mark.breaks_books


def step(shipment: Shipment, to: str, **changes: object) -> str:
    return move(shipment, to, steps=SHIPMENT_NEXT, refuse=not_possible, **changes)


def test_a_step_writes_the_state_and_what_goes_with_it(placed):
    shipment = placed()

    before = step(shipment, ShipmentStatus.CANCELLED, total=shipment.total - 1)

    stored = Shipment.objects.get(pk=shipment.pk)
    assert before == ShipmentStatus.PLACED
    assert (shipment.status, shipment.total) == (stored.status, stored.total) == ("cancelled", 999)


def test_a_step_that_there_is_not_changes_nothing(placed):
    shipment = placed()

    with pytest.raises(InvalidTransition, match="Placed"):
        step(shipment, ShipmentStatus.COMPLETED, total=1)

    stored = Shipment.objects.get(pk=shipment.pk)
    assert (shipment.status, shipment.total) == (stored.status, stored.total) == ("placed", 1000)


def test_a_row_that_has_moved_on_since_is_left_alone(placed):
    shipment = placed()
    Shipment.objects.filter(pk=shipment.pk).update(status=ShipmentStatus.PROCESSING)

    with pytest.raises(InvalidTransition):
        step(shipment, ShipmentStatus.CANCELLED)

    assert Shipment.objects.get(pk=shipment.pk).status == ShipmentStatus.PROCESSING
    assert shipment.status == ShipmentStatus.PLACED
