"""Cancelling before pick-up: money back, stock back, everybody told."""

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid, InvalidTransition, KeyReused, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.delivery.services import cancel_line, cancel_shipment
from marketplace.notifications.models import Notification
from marketplace.orders.models import Order, Shipment, ShipmentEvent
from marketplace.orders.notices import SHIPMENT_CANCELLED
from marketplace.orders.states import BEFORE_PICK_UP, SHIPMENT_NEXT, OrderStatus, ShipmentStatus
from marketplace.points.models import PointsEntry
from marketplace.products.models import Variant
from marketplace.wallet.models import Hold
from marketplace.wallet.selectors import wallet_of
from marketplace.wallet.states import HoldStatus

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def order(buyer, seller, other_seller, goods, fund, fill_cart, check_out):
    """Three lamps and a shade by Sam (81.00), two chairs by Sue (80.00), out of 200.00."""
    fund(buyer, 20_000)
    lamp = goods(seller, title="Lamp", price=2500, stock=5)
    shade = goods(seller, title="Shade", price=600, stock=5)
    chair = goods(other_seller, title="Chair", price=4000, stock=2)
    fill_cart(buyer, {lamp: 3, shade: 1, chair: 2})
    return check_out(buyer)


@pytest.fixture
def shipment(order, seller):
    return order.shipments.get(seller=seller)


@pytest.fixture
def lamps(shipment):
    return shipment.lines.get(title="Lamp")


def cancel(line, quantity, actor, reason="", key=None):
    key = key or new_form_key(user_id=actor.pk, action="cancel_line", subject=line.pk)
    return cancel_line(line_id=line.pk, quantity=quantity, actor=actor, reason=reason, form_key=key)


def stock() -> dict[str, int]:
    return dict(Variant.objects.values_list("product__title", "stock"))


def told(kind=SHIPMENT_CANCELLED.name) -> list[int]:
    return list(Notification.objects.filter(kind=kind).order_by("pk").values_list("recipient_id", flat=True))


def test_a_cancelled_shipment_gives_its_money_and_its_goods_back(order, shipment, buyer, seller):
    for _ in range(2):
        cancel_shipment(shipment_id=shipment.pk, actor=buyer)

    shipment.refresh_from_db()
    order.refresh_from_db()
    assert (shipment.status, shipment.total) == (ShipmentStatus.CANCELLED, 0)
    assert shipment.cancelled_at is not None
    assert (order.status, order.part_cancelled, order.total) == (OrderStatus.PLACED, True, 16_100)
    assert (wallet_of(buyer.pk).balance, wallet_of(buyer.pk).held_balance) == (12_000, 8_000)
    assert stock() == {"Lamp": 5, "Shade": 5, "Chair": 0}
    assert told() == [seller.pk]
    assert shipment.events.filter(to_status=ShipmentStatus.CANCELLED).count() == 1
    assert not PointsEntry.objects.exists()


def test_an_order_is_cancelled_when_all_its_shipments_are(order, buyer):
    for part in order.shipments.all():
        cancel_shipment(shipment_id=part.pk, actor=buyer)

    order.refresh_from_db()
    assert (order.status, order.part_cancelled) == (OrderStatus.CANCELLED, False)
    assert (wallet_of(buyer.pk).balance, wallet_of(buyer.pk).held_balance) == (20_000, 0)
    assert stock() == {"Lamp": 5, "Shade": 5, "Chair": 2}


def test_some_pieces_of_a_line(order, shipment, lamps, buyer, seller):
    line = cancel(lamps, 2, buyer)

    shipment.refresh_from_db()
    order.refresh_from_db()
    assert (line.cancelled_quantity, line.kept_quantity, line.total) == (2, 1, 2500)
    assert (shipment.status, shipment.total) == (ShipmentStatus.PLACED, 3_100)
    assert (order.status, order.part_cancelled) == (OrderStatus.PLACED, True)
    hold = Hold.objects.get(open_key=f"shipment:{shipment.pk}")
    assert (hold.outstanding, hold.released) == (3_100, 5_000)
    assert stock()["Lamp"] == 4
    assert told() == [seller.pk]
    note = shipment.events.last()
    assert not note.is_step
    assert (note.reason, note.pieces, note.amount) == ("", 2, 5000)
    assert note.note == "2 cancelled: €50.00"


def test_a_whole_line(shipment, lamps, buyer):
    cancel(lamps, 3, buyer)

    shipment.refresh_from_db()
    assert (shipment.status, shipment.total) == (ShipmentStatus.PLACED, 600)


def test_the_last_pieces_cancel_the_shipment(shipment, lamps, buyer):
    cancel(lamps, 1, buyer)
    cancel(lamps, 2, buyer)
    cancel(shipment.lines.get(title="Shade"), 1, buyer)

    shipment.refresh_from_db()
    assert (shipment.status, shipment.total) == (ShipmentStatus.CANCELLED, 0)
    assert Hold.objects.get(object_id=shipment.pk).status == HoldStatus.RELEASED
    assert stock()["Lamp"] == stock()["Shade"] == 5


def test_what_is_left_after_a_part_can_be_cancelled_whole(shipment, lamps, buyer):
    cancel(lamps, 1, buyer)

    cancel_shipment(shipment_id=shipment.pk, actor=buyer)

    assert (wallet_of(buyer.pk).balance, wallet_of(buyer.pk).held_balance) == (12_000, 8_000)


def test_the_same_form_again_changes_nothing(shipment, lamps, buyer):
    key = new_form_key(user_id=buyer.pk, action="cancel_line", subject=lamps.pk)

    for _ in range(2):
        assert cancel(lamps, 1, buyer, key=key).cancelled_quantity == 1
    with pytest.raises(KeyReused):
        cancel(lamps, 2, buyer, key=key)

    lamps.refresh_from_db()
    assert lamps.cancelled_quantity == 1


@pytest.mark.parametrize("quantity", [0, -1, 4])
def test_no_more_than_there_is(lamps, buyer, quantity):
    with pytest.raises(Invalid) as error:
        cancel(lamps, quantity, buyer)

    assert error.value.field == "quantity"
    assert wallet_of(buyer.pk).held_balance == 16_100


def test_a_line_that_is_gone_says_so(lamps, buyer):
    cancel(lamps, 3, buyer)

    with pytest.raises(StaleState, match="before"):
        cancel(lamps, 1, buyer)


def test_so_does_a_line_of_a_shipment_that_is_gone(shipment, lamps, buyer):
    cancel_shipment(shipment_id=shipment.pk, actor=buyer)

    with pytest.raises(StaleState, match="before"):
        cancel(lamps, 1, buyer)


def test_a_seller_needs_a_reason_and_pays_with_points_once(shipment, lamps, buyer, seller):
    with pytest.raises(Invalid) as error:
        cancel(lamps, 1, seller, reason="  ")
    assert error.value.field == "reason"

    cancel(lamps, 1, seller, reason="Broken in the store")
    cancel_shipment(shipment_id=shipment.pk, actor=seller, reason="All broken")

    entry = PointsEntry.objects.get()
    assert (entry.seller_id, entry.amount) == (seller.pk, -20)
    assert told() == [buyer.pk, buyer.pk]
    assert shipment.events.last().reason == "All broken"


def test_staff_need_a_reason_and_both_sides_are_told(shipment, buyer, seller, admin):
    with pytest.raises(Invalid):
        cancel_shipment(shipment_id=shipment.pk, actor=admin)

    cancel_shipment(shipment_id=shipment.pk, actor=admin, reason="Recalled")

    assert sorted(told()) == sorted([buyer.pk, seller.pk])
    assert not PointsEntry.objects.exists()
    assert shipment.events.last().actor_id == admin.pk


def test_the_clock_may_cancel_with_a_reason(shipment, buyer, seller):
    with pytest.raises(Invalid):
        cancel_shipment(shipment_id=shipment.pk, actor=SYSTEM)

    cancel_shipment(shipment_id=shipment.pk, actor=SYSTEM, reason="Not picked up in time")

    assert shipment.events.last().actor_id is None
    assert sorted(told()) == sorted([buyer.pk, seller.pk])


def test_a_reason_has_an_end(shipment, buyer):
    with pytest.raises(Invalid, match="300"):
        cancel_shipment(shipment_id=shipment.pk, actor=buyer, reason="x" * 301)


@pytest.mark.parametrize("who", ["stranger", "courier", "other_seller"])
def test_strangers_are_refused_and_nothing_moves(request, shipment, lamps, buyer, who):
    person = request.getfixturevalue(who)

    with pytest.raises(PermissionDenied):
        cancel_shipment(shipment_id=shipment.pk, actor=person, reason="mine now")
    with pytest.raises(PermissionDenied):
        cancel(lamps, 1, person, reason="mine now")

    assert wallet_of(buyer.pk).held_balance == 16_100
    assert Shipment.objects.get(pk=shipment.pk).status == ShipmentStatus.PLACED


def test_a_claimed_shipment_can_still_be_cancelled(shipment, buyer, courier, walk):
    walk(shipment, ShipmentStatus.PROCESSING)

    cancel_shipment(shipment_id=shipment.pk, actor=buyer)

    assert Shipment.objects.get(pk=shipment.pk).status == ShipmentStatus.CANCELLED


def test_after_the_pick_up_nothing_can_be_cancelled(shipment, lamps, buyer, admin, walk):
    walk(shipment, ShipmentStatus.PROCESSING, ShipmentStatus.SHIPPED)

    for person in (buyer, admin):
        with pytest.raises(StaleState, match="on its way"):
            cancel_shipment(shipment_id=shipment.pk, actor=person, reason="too late")
        with pytest.raises(StaleState):
            cancel(lamps, 1, person, reason="too late")

    assert wallet_of(buyer.pk).held_balance == 16_100


def test_before_pick_up_is_what_may_become_cancelled():
    may = {status for status, after in SHIPMENT_NEXT.items() if ShipmentStatus.CANCELLED in after}
    assert set(BEFORE_PICK_UP) == may


@pytest.mark.parametrize("lines", [2, 20])
def test_cancelling_takes_as_many_statements_for_20_lines_as_for_2(
    buyer, seller, goods, fund, fill_cart, check_out, lines, django_assert_max_num_queries
):
    fund(buyer, 100_000)
    fill_cart(buyer, {goods(seller): 2 for _ in range(lines)})
    part = check_out(buyer).shipments.get()

    with django_assert_max_num_queries(26):
        cancel_shipment(shipment_id=part.pk, actor=buyer)


def test_a_refused_step_leaves_no_trace(order, shipment, walk):
    events = ShipmentEvent.objects.count()

    with pytest.raises(InvalidTransition):
        walk(shipment, ShipmentStatus.COMPLETED)

    assert ShipmentEvent.objects.count() == events
    assert Order.objects.get().status == OrderStatus.PLACED
