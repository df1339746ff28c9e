"""The buyer is reminded before a parcel completes by itself."""

from datetime import timedelta

import pytest

from marketplace.common import clock, sweeping
from marketplace.common.locking import lock_row
from marketplace.common.transactions import service
from marketplace.delivery.services import complete_shipment
from marketplace.notifications.models import Notification
from marketplace.orders.models import Shipment
from marketplace.orders.notices import COMPLETION_SOON
from marketplace.orders.services import remind_of_completion, settlement
from marketplace.orders.states import ShipmentStatus

pytestmark = pytest.mark.usefixtures("books_balance")

S = ShipmentStatus
TO_DELIVERED = (S.PROCESSING, S.SHIPPED, S.DELIVERED)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def three_days(settings):
    settings.COMPLETION_DAYS = 3


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


@service
def freeze(shipment, amount):
    """As an open return will."""
    lock_row(Shipment, shipment.pk)
    Shipment.objects.filter(pk=shipment.pk).update(frozen=amount)


class TestTheReminder:
    def reminders(self) -> list[int]:
        rows = Notification.objects.filter(kind=COMPLETION_SOON.name)
        return list(rows.values_list("recipient_id", flat=True))

    def test_comes_a_day_before_once(self, shipment, buyer):
        with clock.moved(2 * DAY - timedelta(minutes=5)):
            assert remind_of_completion(clock.now()) == (0, 0)
        with clock.moved(2 * DAY + timedelta(minutes=5)):
            assert remind_of_completion(clock.now()) == (1, 0)
            assert remind_of_completion(clock.now()) == (0, 0)

        assert self.reminders() == [buyer.pk]
        notice = Notification.objects.get(kind=COMPLETION_SOON.name)
        assert notice.extra_data["completes_at"] == shipment.completes_at.isoformat()
        assert Shipment.objects.get(pk=shipment.pk).reminded_at > shipment.delivered_at

    def test_reaches_everybody_however_few_a_run_takes(
        self, order, shipment, other_seller, walk, buyer, monkeypatch
    ):
        monkeypatch.setattr(sweeping, "BATCH", 1)
        walk(order.shipments.get(seller=other_seller), *TO_DELIVERED)

        with clock.moved(2 * DAY + timedelta(minutes=5)):
            assert [remind_of_completion(clock.now()).done for _ in range(3)] == [1, 1, 0]

        assert self.reminders() == [buyer.pk, buyer.pk]

    def test_looks_again_under_the_lock(self, shipment):
        """As a runner whose list is older than what another one has done since."""
        with clock.moved(2 * DAY + timedelta(minutes=5)):
            assert settlement._remind(shipment.pk) is True
        first = Shipment.objects.get(pk=shipment.pk).reminded_at

        with clock.moved(2 * DAY + timedelta(minutes=9)):
            assert settlement._remind(shipment.pk) is False

        assert Shipment.objects.get(pk=shipment.pk).reminded_at == first
        assert len(self.reminders()) == 1

    def test_looks_again_at_what_has_become_of_the_parcel(self, shipment, buyer):
        """As a runner whose list is older than an admin's word, the clock, or the buyer's."""
        with clock.moved(2 * DAY + timedelta(minutes=5)):
            freeze(shipment, 5)
            assert settlement._remind(shipment.pk) is False
            freeze(shipment, 0)
            with clock.moved(3 * DAY):
                assert settlement._remind(shipment.pk) is False
            complete_shipment(shipment_id=shipment.pk, actor=buyer)
            assert settlement._remind(shipment.pk) is False

        assert self.reminders() == []

    def test_does_not_come_for_what_is_completed_frozen_or_overdue(self, shipment, buyer):
        freeze(shipment, 5)
        with clock.moved(2 * DAY + timedelta(minutes=5)):
            assert remind_of_completion(clock.now()) == (0, 0)
        freeze(shipment, 0)
        with clock.moved(4 * DAY):
            assert remind_of_completion(clock.now()) == (0, 0)
        complete_shipment(shipment_id=shipment.pk, actor=buyer)
        with clock.moved(2 * DAY + timedelta(minutes=5)):
            assert remind_of_completion(clock.now()) == (0, 0)

        assert self.reminders() == []

    def test_does_not_come_with_the_delivery_where_all_the_time_is_a_day(self, order, seller, walk, settings):
        settings.COMPLETION_DAYS = 1
        walk(order.shipments.get(seller=seller), *TO_DELIVERED)

        assert remind_of_completion(clock.now()) == (0, 0)
