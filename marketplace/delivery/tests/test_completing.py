"""Who pays for a parcel that arrived by the store's word alone."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.common import clock
from marketplace.common.errors import StaleState
from marketplace.delivery.services import complete_shipment
from marketplace.orders.models import Settlement, Shipment
from marketplace.orders.services import complete_due
from marketplace.orders.states import ShipmentStatus
from marketplace.wallet.selectors import wallet_of

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def bypassed(on_its_way, bypass):
    """A parcel of 10.00 that an admin confirmed without its PIN."""
    job = on_its_way(price=1000)
    bypass(job.shipment)
    return Shipment.objects.get(pk=job.shipment_id)


@pytest.mark.parametrize("who", ["admin", "superadmin"])
def test_staff_do_not_while_its_buyer_looks_it_over(request, bypassed, seller, who):
    actor = request.getfixturevalue(who)

    almost = bypassed.completes_at - clock.now() - timedelta(minutes=1)
    with clock.moved(almost), pytest.raises(StaleState, match="only its buyer can complete it"):
        complete_shipment(shipment_id=bypassed.pk, actor=actor, reason="They told us")

    assert Shipment.objects.get().status == ShipmentStatus.DELIVERED
    assert not Settlement.objects.exists()
    assert wallet_of(seller.pk).balance == 0


def test_its_buyer_does_at_once(bypassed, buyer, seller, admin):
    complete_shipment(shipment_id=bypassed.pk, actor=buyer)
    done = complete_shipment(shipment_id=bypassed.pk, actor=admin, reason="Again")  # done already

    assert done.status == ShipmentStatus.COMPLETED
    assert wallet_of(seller.pk).balance == 1000


def test_staff_do_once_the_time_is_up(bypassed, admin, seller):
    with clock.moved(bypassed.completes_at - clock.now() + timedelta(minutes=1)):
        complete_shipment(shipment_id=bypassed.pk, actor=admin, reason="The sweep stands still")

        assert complete_due(clock.now()) == (0, 0)
    assert wallet_of(seller.pk).balance == 1000


def test_staff_do_at_once_where_the_pin_was_given(delivered, admin, seller):
    job = delivered(price=1000)

    complete_shipment(shipment_id=job.shipment_id, actor=admin, reason="They told us")

    assert wallet_of(seller.pk).balance == 1000


@pytest.mark.parametrize("who", ["seller", "courier", "stranger"])
def test_who_may_not_at_all_is_told_nothing_of_it(request, bypassed, who):
    with pytest.raises(PermissionDenied):
        complete_shipment(shipment_id=bypassed.pk, actor=request.getfixturevalue(who), reason="Mine")

    assert not Settlement.objects.exists()
