"""Cancelling a parcel that a courier has claimed: they are told, and their place is free again."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.common import clock
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.delivery.models import Delivery
from marketplace.delivery.notices import JOB_CANCELLED
from marketplace.delivery.services import cancel_line, cancel_overdue, cancel_shipment, claim_shipment
from marketplace.delivery.states import DeliveryStatus
from marketplace.notifications.models import Notification
from marketplace.orders.models import Shipment
from marketplace.orders.notices import SHIPMENT_CANCELLED
from marketplace.orders.states import ShipmentStatus
from marketplace.points.models import PointsEntry
from marketplace.wallet.selectors import wallet_of

pytestmark = pytest.mark.usefixtures("books_balance")


def told(kind=JOB_CANCELLED.name) -> list[int]:
    return list(Notification.objects.filter(kind=kind).order_by("pk").values_list("recipient_id", flat=True))


def line_key(line, actor) -> str:
    return new_form_key(user_id=actor.pk, action="cancel_line", subject=line.pk)


def as_it_is(job: Delivery) -> tuple:
    job.refresh_from_db()
    job.shipment.refresh_from_db()
    return job.status, job.shipment.status, job.live_key, told()


def test_the_job_ends_and_its_courier_is_told_once(claimed, buyer, courier, placed):
    job = claimed()

    for _ in range(2):
        shipment = cancel_shipment(shipment_id=job.shipment_id, actor=buyer, reason="Changed my mind")

    job.refresh_from_db()
    assert shipment.status == ShipmentStatus.CANCELLED
    assert (job.status, job.reason) == (DeliveryStatus.CANCELLED, "Changed my mind")
    assert (job.live_key, job.slot_key) == (None, None)
    assert job.ended_at is not None
    assert told() == [courier.pk]
    assert wallet_of(buyer.pk).held_balance == 0
    # The place is free: five more fit.
    for _ in range(5):
        claim_shipment(shipment_id=placed().pk, actor=courier)


def test_without_a_job_it_is_the_orders_cancelling(placed, buyer):
    shipment = placed()

    cancel_shipment(shipment_id=shipment.pk, actor=buyer)

    shipment.refresh_from_db()
    assert shipment.status == ShipmentStatus.CANCELLED
    assert told() == []


def test_a_part_leaves_the_job_and_the_last_piece_ends_it(claimed, buyer, courier):
    job = claimed(quantity=3)
    line = job.shipment.lines.get()

    cancel_line(line_id=line.pk, quantity=2, actor=buyer, form_key=line_key(line, buyer))
    assert as_it_is(job) == (
        DeliveryStatus.CLAIMED,
        ShipmentStatus.PROCESSING,
        job.consignment_id,
        [],
    )

    key = line_key(line, buyer)
    for _ in range(2):
        cancel_line(line_id=line.pk, quantity=1, actor=buyer, form_key=key)
    assert as_it_is(job) == (DeliveryStatus.CANCELLED, ShipmentStatus.CANCELLED, None, [courier.pk])


def test_whoever_may_not_cancel_changes_nothing(claimed, stranger, courier, seller):
    job = claimed()
    before = as_it_is(job)

    for person in (stranger, courier):
        with pytest.raises(PermissionDenied):
            cancel_shipment(shipment_id=job.shipment_id, actor=person, reason="Mine now")
    with pytest.raises(Invalid):
        cancel_shipment(shipment_id=job.shipment_id, actor=seller)

    assert as_it_is(job) == before


def test_what_is_on_its_way_cannot_be_cancelled(on_its_way, buyer):
    job = on_its_way()
    before = as_it_is(job)

    with pytest.raises(StaleState):
        cancel_shipment(shipment_id=job.shipment_id, actor=buyer)

    assert as_it_is(job) == before


class TestTheSweep:
    @pytest.fixture
    def week_later_is(self, settings):
        settings.SHIP_BY_DAYS = 7
        return lambda: clock.moved(timedelta(days=7, minutes=1))

    def test_what_nobody_picked_up_in_time_is_cancelled(
        self, placed, claimed, on_its_way, buyer, courier, week_later_is
    ):
        waits, has_job, gone = placed(), claimed(), on_its_way()
        with week_later_is():
            fresh = placed()

            swept = cancel_overdue(clock.now())
            again = cancel_overdue(clock.now())

        assert (swept.done, swept.failed, again.done) == (2, 0, 0)
        statuses = dict(Shipment.objects.values_list("pk", "status"))
        assert statuses == {
            waits.pk: ShipmentStatus.CANCELLED,
            has_job.shipment_id: ShipmentStatus.CANCELLED,
            gone.shipment_id: ShipmentStatus.SHIPPED,
            fresh.pk: ShipmentStatus.PLACED,
        }
        assert told() == [courier.pk]
        event = waits.events.get(to_status=ShipmentStatus.CANCELLED)
        assert (event.actor_id, event.reason) == (None, "It was not picked up within 7 days.")

    def test_buyer_and_seller_read_it_and_it_costs_no_points(self, placed, buyer, seller, week_later_is):
        placed()
        with week_later_is():
            cancel_overdue(clock.now())

        assert set(told(SHIPMENT_CANCELLED.name)) == {buyer.pk, seller.pk}
        assert not PointsEntry.objects.exists()

    def test_a_day_too_early_nothing_is_done(self, placed, settings):
        settings.SHIP_BY_DAYS = 7
        shipment = placed()

        assert cancel_overdue(clock.now() + timedelta(days=6, hours=23)).done == 0

        shipment.refresh_from_db()
        assert shipment.status == ShipmentStatus.PLACED

    def test_a_runner_with_a_clock_ahead_cancels_nothing_before_its_time(self, placed, settings):
        """What the sweep found is looked at again under the lock, by the one clock that all share."""
        settings.SHIP_BY_DAYS = 7
        shipment = placed()

        assert cancel_overdue(clock.now() + timedelta(days=8)).done == 0

        shipment.refresh_from_db()
        assert shipment.status == ShipmentStatus.PLACED
