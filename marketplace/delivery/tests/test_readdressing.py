"""An order is sent elsewhere before its pick-up; afterwards it stays, whoever asks at whatever moment."""

from dataclasses import replace
from threading import Event

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.accounts.tests.test_address_book import WORK
from marketplace.common.errors import Invalid, StaleState
from marketplace.delivery.services import (
    cancel_shipment,
    change_order_address,
    claim_shipment,
    pick_up,
    readdressing,
)
from marketplace.delivery.shown import mark_of_address
from marketplace.notifications.models import Notification
from marketplace.orders.models import Order, Shipment, ShipmentEvent
from marketplace.orders.services import Recipient

pytestmark = pytest.mark.usefixtures("books_balance")

THERE = Recipient("Bo", "+49 40 1234567", "Second yard")


@pytest.fixture
def shipment(placed, buyer) -> Shipment:
    return placed(buyer)


def send(shipment, actor, **asked) -> Order:
    asked = {"recipient": THERE, "new_address": WORK} | asked
    return change_order_address(order_id=shipment.order_id, actor=actor, **asked)


def everything() -> tuple:
    return (
        list(Order.objects.values()),
        list(ShipmentEvent.objects.values()),
        Notification.objects.count(),
    )


def test_it_goes_to_a_new_address_and_its_history_says_so_without_it(shipment, buyer):
    order = send(shipment, buyer)

    order.refresh_from_db()
    assert (order.ship_name, order.ship_phone, order.ship_notes) == ("Bo", "+49 40 1234567", "Second yard")
    assert (order.ship_address, str(order.ship_lat)) == (WORK.address, "52.486243")
    event = shipment.events.latest("pk")
    assert (event.actor_id, event.is_step) == (buyer.pk, False)
    assert event.reason == "It goes to another address now."


def test_it_goes_to_a_saved_address(shipment, buyer, stranger):
    saved = buyer.saved_addresses.get()

    order = send(shipment, buyer, new_address=None, to=saved.public_id)
    assert order.place == saved.place

    before = everything()
    for to in ("", "nonsense", stranger.saved_addresses.get().public_id):
        with pytest.raises(Invalid) as refusal:
            send(shipment, buyer, new_address=None, to=to)
        assert refusal.value.field == "to"
    assert everything() == before


def test_the_courier_who_is_coming_is_told_each_time(shipment, buyer, courier):
    claim_shipment(shipment_id=shipment.pk, actor=courier)

    send(shipment, buyer)
    send(shipment, buyer, new_address=replace(WORK, address="Elsewhere 2, 12047 Berlin"))

    told = Notification.objects.filter(kind="address_changed")
    assert [note.recipient_id for note in told] == [courier.pk, courier.pk]


def test_what_is_so_already_changes_nothing(shipment, buyer):
    send(shipment, buyer)
    before = everything()

    send(shipment, buyer)

    assert everything() == before


def test_after_the_pick_up_it_stays(shipment, buyer, courier):
    job = claim_shipment(shipment_id=shipment.pk, actor=courier)
    pick_up(delivery_id=job.pk, actor=courier)
    before = everything()

    with pytest.raises(StaleState, match="picked up"):
        send(shipment, buyer)
    assert everything() == before


def test_what_is_cancelled_goes_nowhere(shipment, buyer):
    cancel_shipment(shipment_id=shipment.pk, actor=buyer)
    before = everything()

    with pytest.raises(StaleState):
        send(shipment, buyer)
    assert everything() == before


def test_a_form_of_before_changes_nothing(shipment, buyer):
    mark = mark_of_address(Order.objects.get())
    send(shipment, buyer, expected=mark)
    before = everything()

    with pytest.raises(StaleState):
        send(shipment, buyer, new_address=replace(WORK, address="Elsewhere 2"), expected=mark)
    assert everything() == before


def test_nobody_but_the_buyer_sends_it_elsewhere(shipment, seller, courier, admin, superadmin, stranger):
    claim_shipment(shipment_id=shipment.pk, actor=courier)
    before = everything()

    for actor in (seller, courier, admin, superadmin, stranger):
        with pytest.raises(PermissionDenied):
            send(shipment, actor)
    assert everything() == before


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "locked",
    [pytest.param(True, id="locked"), pytest.param(False, id="control", marks=pytest.mark.breaks_books)],
)
def test_nobody_is_sent_elsewhere_with_a_parcel_in_hand(
    locked, shipment, buyer, courier, race, locks_rows, without_locks, monkeypatch
):
    """The change has looked and pauses; the pick-up waits for it. Without the locks it goes right past it."""
    if not locks_rows:
        pytest.skip("SQLite locks all of itself")
    job = claim_shipment(shipment_id=shipment.pk, actor=courier)
    if not locked:
        without_locks()
    has_looked, is_picked_up, find = Event(), Event(), readdressing._door

    def look_and_pause(*given):
        has_looked.set()
        is_picked_up.wait(timeout=1 if locked else 20)
        return find(*given)

    monkeypatch.setattr(readdressing, "_door", look_and_pause)

    def act(who):
        if who is buyer:
            send(shipment, buyer)
        else:
            has_looked.wait(timeout=10)
            pick_up(delivery_id=job.pk, actor=courier)
            is_picked_up.set()

    results = race(act, [buyer, courier])

    assert results == [None, None]
    ways = list(ShipmentEvent.objects.order_by("pk").values_list("to_status", "reason"))
    changed = next(number for number, (_to, reason) in enumerate(ways) if "another address" in reason)
    shipped = next(number for number, (to, _reason) in enumerate(ways) if to == "shipped")
    assert (changed < shipped) is locked
