"""What the pages of orders show."""

import pytest

from marketplace.common.idempotency import new_form_key
from marketplace.delivery.services import cancel_line, cancel_shipment
from marketplace.orders.models import ShipmentLine
from marketplace.orders.receipts import draw
from marketplace.orders.selectors import (
    order_view,
    orders_for,
    orders_of_buyer,
    orders_page,
    shipments_of_seller,
)
from marketplace.orders.states import ShipmentStatus


@pytest.fixture
def place(buyer, goods, seller, fund, fill_cart, check_out):
    """`place(seller, other)` orders one thing of each."""
    fund(buyer, 1_000_000)

    def run(*sellers):
        fill_cart(buyer, {goods(one, price=1000): 2 for one in sellers or (seller,)})
        return check_out(buyer)

    return run


def test_everybody_sees_what_is_theirs(place, buyer, stranger, admin, seller, other_seller):
    order = place(seller, other_seller)

    assert list(orders_of_buyer(buyer)) == [order]
    assert list(orders_of_buyer(stranger)) == list(orders_of_buyer(admin)) == []
    assert list(orders_for(stranger)) == []
    assert list(orders_for(admin)) == [order]
    assert [part.seller for part in shipments_of_seller(seller)] == [seller]
    assert list(shipments_of_seller(buyer)) == []


def test_pages_of_orders_go_on_after_the_last_one_shown(place, buyer):
    numbers = [place().number for _ in range(5)]

    first = orders_page(buyer, size=2)
    second = orders_page(buyer, after=first.next_after, size=2)
    third = orders_page(buyer, after=second.next_after, size=2)

    shown = [card.order.number for page in (first, second, third) for card in page.cards]
    assert shown == numbers[::-1]
    assert third.next_after is None


def test_a_number_that_is_not_theirs_leads_to_no_orders(place, buyer, stranger):
    order = place()

    assert orders_page(buyer, after="nonsense").cards == []
    assert orders_page(stranger, after=order.number).cards == []


@pytest.mark.parametrize("orders", [1, 8])
def test_the_list_takes_three_queries(place, buyer, seller, other_seller, orders, django_assert_num_queries):
    for _ in range(orders):
        place(seller, other_seller)

    with django_assert_num_queries(3):
        page = orders_page(buyer)

    assert len(page.cards) == orders
    assert page.cards[0].pieces == 4
    assert page.cards[0].sellers == [seller.seller_profile.shop_name, other_seller.seller_profile.shop_name]


def test_the_page_of_an_order_takes_five_queries(place, seller, other_seller, django_assert_num_queries):
    order = place(*[seller, other_seller] * 5)

    with django_assert_num_queries(5):
        view = order_view(order)

    assert [part.held for part in view.shipments] == [10_000, 10_000]
    assert view.total_now == view.held == order.total


def steps(view):
    return [(step.label, step.state) for step in view.shipments[0].steps]


def test_the_timeline_tells_what_is_done_now_and_to_come(place, walk):
    order = place()
    part = order.shipments.get()
    assert steps(order_view(order)) == [
        ("Placed", "now"),
        ("Getting ready", ""),
        ("On its way", ""),
        ("Delivered", ""),
        ("Completed", ""),
    ]

    walk(part, ShipmentStatus.PROCESSING, ShipmentStatus.SHIPPED)
    assert steps(order_view(order)) == [
        ("Placed", "done"),
        ("Getting ready", "done"),
        ("On its way", "now"),
        ("Delivered", ""),
        ("Completed", ""),
    ]
    assert all(step.at for step in order_view(order).shipments[0].steps[:3])


@pytest.mark.parametrize(
    ("way", "shown"),
    [
        ([ShipmentStatus.CANCELLED], ["Placed", "Cancelled"]),
        (
            [ShipmentStatus.PROCESSING, ShipmentStatus.CANCELLED],
            ["Placed", "Getting ready", "Cancelled"],
        ),
        (
            [
                ShipmentStatus.PROCESSING,
                ShipmentStatus.SHIPPED,
                ShipmentStatus.RETURNING,
                ShipmentStatus.RETURNED,
            ],
            ["Placed", "Getting ready", "On its way", "Coming back", "Returned"],
        ),
    ],
)
def test_a_way_that_ended_early_shows_only_what_happened(place, walk, way, shown):
    order = place()
    walk(order.shipments.get(), *way)

    steps = order_view(order).shipments[0].steps

    assert [step.label for step in steps] == shown
    assert steps[-1].state == "trouble"


def test_a_completed_one_is_all_done(place, walk):
    order = place()
    walk(
        order.shipments.get(),
        ShipmentStatus.PROCESSING,
        ShipmentStatus.SHIPPED,
        ShipmentStatus.DELIVERED,
        ShipmentStatus.COMPLETED,
    )

    assert {step.state for step in order_view(order).shipments[0].steps} == {"done"}


def test_cancelled_parts_are_summed(place, buyer, seller, other_seller):
    order = place(seller, other_seller)
    cancel_shipment(shipment_id=order.shipments.get(seller=seller).pk, actor=buyer)
    order.refresh_from_db()

    view = order_view(order)

    assert (view.order.total, view.given_back, view.total_now, view.held) == (4000, 2000, 2000, 2000)


def test_the_list_shows_what_stands_as_the_page_and_the_receipt_do(
    place, buyer, seller, other_seller, django_assert_num_queries
):
    order = place(seller, other_seller)
    gone, kept = order.shipments.order_by("pk")
    line = kept.lines.get()
    key = new_form_key(user_id=buyer.pk, action="cancel_line", subject=line.pk)
    cancel_line(line_id=line.pk, quantity=1, actor=buyer, form_key=key)
    cancel_shipment(shipment_id=gone.pk, actor=buyer)

    with django_assert_num_queries(3):
        [card] = orders_page(buyer).cards

    assert card.total_now == order_view(order).total_now == 1_000
    assert (card.order.total, card.given_back) == (4_000, 3_000)
    assert (card.pieces, card.ordered_pieces) == (1, 4)


@pytest.mark.breaks_books
def test_a_parcel_that_came_back_is_not_counted_in_the_list(place, buyer):
    order = place()
    [part] = order.shipments.all()
    ShipmentLine.objects.filter(shipment=part).update(returned_quantity=2)

    [card] = orders_page(buyer).cards

    assert (card.total_now, card.given_back, card.pieces) == (0, 2_000, 0)


def test_a_line_of_another_order_is_not_found(place):
    mine, other = place(), place()
    shipment = other.shipments.get()

    assert order_view(mine).line(shipment.number, 1) is None
    assert order_view(other).line(shipment.number, 0) is None
    assert order_view(other).line(shipment.number, 1)[1] == shipment.lines.get()
    assert order_view(other).line(shipment.number, 2) is None


def test_a_receipt_is_a_pdf_with_its_own_fonts(
    place, buyer, seller, other_seller, goods, fill_cart, check_out
):
    fill_cart(buyer, {goods(seller, title="Łódź “Ελλάδα” стол € ✓ שלום 漢字 🎉", price=1999): 3})
    order = check_out(buyer)

    pdf = draw(order_view(order))

    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert b"DejaVuSans" in pdf
    assert len(pdf) < 200_000


def test_a_long_receipt_goes_over_pages_and_shows_what_was_cancelled(
    buyer, seller, other_seller, goods, fund, fill_cart, check_out
):
    fund(buyer, 1_000_000)
    fill_cart(buyer, {goods((seller, other_seller)[n % 2], price=100 + n): 2 for n in range(80)})
    order = check_out(buyer)
    cancel_shipment(shipment_id=order.shipments.first().pk, actor=buyer)
    order.refresh_from_db()

    pdf = draw(order_view(order))

    assert pdf.count(b"/Type /Page\n") >= 3
