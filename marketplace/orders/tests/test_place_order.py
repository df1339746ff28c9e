"""From a cart to an order: all of it or nothing."""

import contextlib
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from marketplace.accounts.address_book import remove_address, save_location
from marketplace.accounts.models import Profile, Role
from marketplace.common import clock, limits
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Conflicts, Invalid, KeyReused, StaleState, TooMany
from marketplace.common.idempotency import new_form_key
from marketplace.common.models import FormKey
from marketplace.common.money import MAX_MONEY
from marketplace.notifications.models import Notification
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.errors import ProblemKind
from marketplace.orders.models import CartLine, Order, Shipment, ShipmentEvent, ShipmentLine
from marketplace.orders.notices import ORDER_CREATED, SALE_MADE
from marketplace.orders.selectors import cart_view
from marketplace.orders.services import Recipient, add_to_cart, change_quantity, place_order
from marketplace.orders.states import OrderStatus, ShipmentStatus
from marketplace.products.models import StockMove, Variant
from marketplace.products.services import create_discount
from marketplace.products.states import ListingStatus
from marketplace.wallet.errors import InsufficientFunds
from marketplace.wallet.models import Hold, Transaction
from marketplace.wallet.selectors import wallet_of

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def rich(buyer, fund):
    return fund(buyer, 100_000)


@pytest.fixture
def goods(goods, variant_of):
    """The one variant of something that can be bought."""
    return lambda *given, **fields: variant_of(goods(*given, **fields))


@pytest.fixture
def lamp(goods, seller):
    return goods(seller, price=2500, stock=5, title="Lamp")


@pytest.fixture
def chair(goods, other_seller):
    return goods(other_seller, price=4000, stock=3, title="Chair")


@pytest.fixture
def nothing_happened(rich):
    """What must be the same after a refusal."""

    def look():
        return (
            list(Order.objects.all()),
            list(Shipment.objects.all()),
            list(Hold.objects.all()),
            list(Notification.objects.filter(kind__in=[ORDER_CREATED.name, SALE_MADE.name])),
            list(FormKey.objects.all()),
            wallet_of(rich.pk),
            list(CartLine.objects.values_list("variant_id", "quantity")),
            StockMove.objects.filter(kind="sold").count(),
        )

    before = look()

    def check(*, cart: dict[Variant, int]):
        now = look()
        assert now[:6] == before[:6]
        assert dict(now[6]) == {variant.pk: quantity for variant, quantity in cart.items()}
        assert now[7] == 0

    return check


def problems_of(error) -> list[tuple[str, int | None]]:
    return [(problem.kind, problem.variant_id) for problem in error.value.problems]


def test_a_cart_of_two_sellers_becomes_one_order_with_two_shipments_in_escrow(
    rich, seller, other_seller, lamp, chair, goods, fill_cart, check_out, settings
):
    settings.COMMISSION_BPS = 500
    shade = goods(seller, price=700, title="Shade")
    fill_cart(rich, {lamp: 2, chair: 1, shade: 3})
    newest = CartLine.objects.latest("pk").pk

    order = check_out(rich)

    assert order.last_cart_line == newest
    assert order.total == 2 * 2500 + 4000 + 3 * 700
    assert order.status == OrderStatus.PLACED
    parts = {part.seller_id: part for part in order.shipments.all()}
    assert {seller_id: part.total for seller_id, part in parts.items()} == {
        seller.pk: 7100,
        other_seller.pk: 4000,
    }
    assert {part.commission_bps for part in parts.values()} == {500}
    assert {hold.open_key: hold.amount for hold in Hold.objects.all()} == {
        f"shipment:{parts[seller.pk].pk}": 7100,
        f"shipment:{parts[other_seller.pk].pk}": 4000,
    }
    assert (wallet_of(rich.pk).balance, wallet_of(rich.pk).held_balance) == (88_900, 11_100)
    assert dict(Variant.objects.values_list("product__title", "stock")) == {"Lamp": 3, "Chair": 2, "Shade": 7}
    assert not CartLine.objects.exists()
    assert [(event.from_status, event.to_status) for event in ShipmentEvent.objects.all()] == [
        ("", "placed"),
        ("", "placed"),
    ]
    told = list(Notification.objects.filter(kind__in=[ORDER_CREATED.name, SALE_MADE.name]).order_by("pk"))
    assert [(note.kind, note.recipient_id, note.extra_data["total"]) for note in told] == [
        (ORDER_CREATED.name, rich.pk, 11_100),
        (SALE_MADE.name, seller.pk, 7100),
        (SALE_MADE.name, other_seller.pk, 4000),
    ]


def test_a_line_is_frozen_as_it_was_sold(rich, lamp, fill_cart, check_out, change):
    now = clock.now()
    create_discount(
        product_id=lamp.product_id,
        percent_bps=2000,
        starts_at=now,
        ends_at=now + timedelta(days=1),
        actor=SYSTEM,
    )
    fill_cart(rich, {lamp: 2})

    check_out(rich)
    change(lamp, price=9900)
    Variant.objects.filter(pk=lamp.pk).update(sku="new")

    line = ShipmentLine.objects.get()
    assert (line.title, line.unit_price, line.list_price, line.quantity) == ("Lamp", 2000, 2500, 2)
    assert line.sku == lamp.sku


def test_where_it_goes_is_copied_and_does_not_move_with_the_profile(rich, lamp, fill_cart, check_out):
    fill_cart(rich, {lamp: 1})

    order = check_out(rich, recipient=Recipient(name="Bo", phone="(030) 12-34", notes="Ring twice"))
    save_location(user_id=rich.pk, lat=1, lng=2, address="Elsewhere 2", actor=rich)

    order.refresh_from_db()
    assert (order.ship_name, order.ship_phone, order.ship_notes) == ("Bo", "(030) 12-34", "Ring twice")
    assert order.ship_address == "Torstraße 1, 10119 Berlin"
    assert (str(order.ship_lat), str(order.ship_lng)) == ("52.520008", "13.404954")


def test_without_a_recipient_the_profile_is_copied(rich, lamp, fill_cart, check_out):
    fill_cart(rich, {lamp: 1})

    order = check_out(rich)

    assert (order.ship_name, order.ship_phone) == ("Bea", "+49 30 1234567")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("phone", value) for value in ("", "call me", "12", "+49 30\u30fb1234567", "1" * 33)),
        *(("name", value) for value in ("", "x" * 121)),
        ("notes", "x" * 301),
    ],
)
def test_without_somebody_to_reach_nothing_happens(
    rich, lamp, fill_cart, check_out, nothing_happened, field, value
):
    fill_cart(rich, {lamp: 1})
    bo = {"name": "Bo", "phone": "+49 30 1234567", "notes": ""}

    with pytest.raises(Invalid) as error:
        check_out(rich, recipient=Recipient(**bo | {field: value}))

    assert error.value.field == field
    nothing_happened(cart={lamp: 1})


def test_a_buyer_without_a_phone_says_first_whom_to_call(rich, lamp, fill_cart, check_out, nothing_happened):
    Profile.objects.filter(user=rich).update(phone="")
    fill_cart(rich, {lamp: 1})

    with pytest.raises(Invalid) as error:
        check_out(rich)

    assert error.value.field == "phone"
    nothing_happened(cart={lamp: 1})


def test_the_same_form_again_is_the_same_order(rich, lamp, fill_cart, check_out):
    fill_cart(rich, {lamp: 1})
    key = new_form_key(user_id=rich.pk, action="checkout")
    first = check_out(rich, form_key=key, seen_total=2500, seen_lines={lamp.pk: 1})

    again = check_out(rich, form_key=key, seen_total=2500, seen_lines={lamp.pk: 1})

    assert again == first
    assert Order.objects.count() == 1


def test_the_same_form_with_other_content_is_refused(rich, lamp, fill_cart, check_out):
    fill_cart(rich, {lamp: 1})
    key = new_form_key(user_id=rich.pk, action="checkout")
    check_out(rich, form_key=key)
    fill_cart(rich, {lamp: 2})

    with pytest.raises(KeyReused):
        check_out(rich, form_key=key)

    assert Order.objects.count() == 1


def test_a_second_form_for_a_cart_that_was_ordered_finds_it_empty(rich, lamp, fill_cart, check_out):
    fill_cart(rich, {lamp: 1})
    check_out(rich)

    with pytest.raises(StaleState, match="under your orders"):
        check_out(rich, seen_total=2500, seen_lines={lamp.pk: 1})

    assert Order.objects.count() == 1


def test_without_a_location_nothing_happens(rich, lamp, fill_cart, check_out, nothing_happened):
    remove_address(address_id=rich.saved_addresses.get().pk, actor=rich)
    fill_cart(rich, {lamp: 1})

    with pytest.raises(Invalid) as error:
        check_out(rich)

    assert error.value.field == "location"
    nothing_happened(cart={lamp: 1})


def test_without_the_money_nothing_happens_and_it_says_what_is_missing(
    rich, goods, fill_cart, check_out, nothing_happened
):
    piano = goods(price=120_050)
    fill_cart(rich, {piano: 1})

    with pytest.raises(InsufficientFunds) as error:
        check_out(rich)

    assert error.value.missing == 20_050
    nothing_happened(cart={piano: 1})


def test_a_form_that_was_refused_works_after_a_top_up(rich, goods, fill_cart, check_out, fund):
    fill_cart(rich, {goods(price=120_000): 1})
    key = new_form_key(user_id=rich.pk, action="checkout")
    with pytest.raises(InsufficientFunds):
        check_out(rich, form_key=key)

    fund(rich, 20_000)

    assert check_out(rich, form_key=key).total == 120_000


CHANGES = {
    "sold out": ({"stock": 0}, ProblemKind.SOLD_OUT),
    "too few left": ({"stock": 1}, ProblemKind.SHORT),
    "paused": ({"status": ListingStatus.PAUSED}, ProblemKind.NOT_FOR_SALE),
    "dearer": ({"price": 2600}, ProblemKind.PRICE_RISEN),
}


@pytest.mark.parametrize(("what", "kind"), CHANGES.values(), ids=CHANGES)
def test_what_changed_since_the_page_stops_the_order_and_is_named(
    rich, lamp, chair, fill_cart, check_out, nothing_happened, change, what, kind
):
    fill_cart(rich, {lamp: 2, chair: 1})
    view = cart_view(CartRef(user_id=rich.pk))
    change(lamp, **what)

    with pytest.raises(Conflicts) as error:
        check_out(rich, seen_total=view.total, seen_lines=view.seen_lines)

    assert problems_of(error) == [(kind, lamp.pk)]
    assert "Lamp" in str(error.value.problems[0])
    nothing_happened(cart={lamp: 2, chair: 1})


def test_every_problem_is_told_at_once(rich, lamp, chair, fill_cart, check_out, nothing_happened, change):
    fill_cart(rich, {lamp: 2, chair: 2})
    view = cart_view(CartRef(user_id=rich.pk))
    change(lamp, price=2600)
    change(chair, status=ListingStatus.SUSPENDED)

    with pytest.raises(Conflicts) as error:
        check_out(rich, seen_total=view.total, seen_lines=view.seen_lines)

    assert problems_of(error) == [
        (ProblemKind.PRICE_RISEN, lamp.pk),
        (ProblemKind.NOT_FOR_SALE, chair.pk),
    ]
    nothing_happened(cart={lamp: 2, chair: 2})


def test_the_ledger_keeps_the_number_of_the_order_and_no_words(rich, lamp, fill_cart, check_out):
    """Words are said when the row is shown, in the language of whoever reads it."""
    fill_cart(rich, {lamp: 1})
    order = check_out(rich)

    assert Transaction.objects.get(kind="escrow_hold").memo == order.number


def test_a_drop_passes_on_and_is_charged(rich, lamp, fill_cart, check_out, change):
    fill_cart(rich, {lamp: 2})
    change(lamp, price=2000)

    assert check_out(rich, seen_total=5000, seen_lines={lamp.pk: 2}).total == 4000


def test_a_price_window_that_ended_unnoticed_is_worked_out_again(
    rich, lamp, fill_cart, check_out, nothing_happened, time_machine
):
    """The sweep has not come by: the column still says the lower price, the windows know better."""
    time_machine.move_to("2027-05-01 10:00Z")
    now = clock.now()
    create_discount(
        product_id=lamp.product_id,
        percent_bps=5000,
        starts_at=now,
        ends_at=now + timedelta(hours=1),
        actor=SYSTEM,
    )
    fill_cart(rich, {lamp: 1})
    time_machine.move_to("2027-05-01 11:00Z")
    assert Variant.objects.get(pk=lamp.pk).current_price == 1250

    with pytest.raises(Conflicts) as error:
        check_out(rich, seen_total=1250, seen_lines={lamp.pk: 1})

    assert problems_of(error) == [(ProblemKind.PRICE_RISEN, lamp.pk)]
    assert str(error.value.problems[0]) == "“Lamp” has gone up from €12.50 to €25.00."
    assert cart_view(CartRef(user_id=rich.pk)).total == 2500
    nothing_happened(cart={lamp: 1})


def test_a_total_above_what_was_seen_is_refused(rich, lamp, fill_cart, check_out, nothing_happened, change):
    fill_cart(rich, {lamp: 1})
    change(lamp, price=2000)
    view = cart_view(CartRef(user_id=rich.pk))
    change(lamp, price=2500)

    with pytest.raises(Conflicts) as error:
        check_out(rich, seen_total=view.total, seen_lines=view.seen_lines)

    assert problems_of(error) == [(ProblemKind.TOTAL_RISEN, None)]
    nothing_happened(cart={lamp: 1})


def test_a_cart_that_changed_since_the_page_is_refused(rich, lamp, chair, fill_cart, check_out, change):
    fill_cart(rich, {lamp: 1})
    view = cart_view(CartRef(user_id=rich.pk))
    cart = CartRef(user_id=rich.pk)
    changes = [
        lambda: change_quantity(cart=cart, line_id=CartLine.objects.get().pk, quantity=2),
        lambda: add_to_cart(cart=cart, variant_id=chair.pk, quantity=1),
        lambda: CartLine.objects.filter(variant=lamp).delete(),
    ]

    named = []
    for change in changes:
        change()
        with pytest.raises(Conflicts) as error:
            check_out(rich, seen_total=99_000, seen_lines=view.seen_lines)
        named.append([str(problem) for problem in error.value.problems])
        assert ProblemKind.CART_CHANGED in {kind for kind, _ in problems_of(error)}

    two = "“Lamp”: your cart has 2 pieces now; the page said 1."
    more = "“Chair” has come into your cart, or back on sale, since."
    assert named[:2] == [[two], [two, more]]
    assert "taken out of your cart" in named[2][-1]
    assert not Order.objects.exists()


@pytest.mark.parametrize("pieces", [0, 1])
def test_the_last_piece_that_came_back_on_sale_is_asked_about(
    rich, lamp, chair, fill_cart, check_out, change, pieces
):
    fill_cart(rich, {lamp: 1, chair: 1})
    change(chair, stock=0)
    view = cart_view(CartRef(user_id=rich.pk))
    change(chair, stock=pieces)

    if pieces:
        with pytest.raises(Conflicts) as error:
            check_out(rich, seen_total=99_000, seen_lines=view.seen_lines)
        assert problems_of(error) == [(ProblemKind.CART_CHANGED, chair.pk)]
    else:
        assert check_out(rich, seen_lines=view.seen_lines).total == 2500


def test_orders_are_counted_whoever_places_them(rich, lamp, fill_cart, check_out, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"checkout": (1, 3600)}
    for _ in range(2):
        fill_cart(rich, {lamp: 1})
        with contextlib.suppress(TooMany):
            check_out(rich)

    assert Order.objects.count() == 1
    assert CartLine.objects.count() == 1


@pytest.mark.parametrize("role", [Role.DELIVERY, Role.ADMIN])
def test_couriers_and_staff_place_no_orders_empty_cart_or_not(person, check_out, role):
    with pytest.raises(PermissionDenied):
        check_out(person(role))


def test_what_the_page_left_out_stays_in_the_cart(rich, lamp, chair, fill_cart, check_out, change):
    fill_cart(rich, {lamp: 1, chair: 1})
    change(chair, status=ListingStatus.PAUSED)

    order = check_out(rich)

    assert order.total == 2500
    assert CartLine.objects.get().variant_id == chair.pk


def test_without_a_page_the_whole_cart_must_be_buyable(rich, lamp, chair, fill_cart, check_out, change):
    fill_cart(rich, {lamp: 1, chair: 1})
    change(chair, status=ListingStatus.PAUSED)

    with pytest.raises(Conflicts) as error:
        check_out(rich, seen_total=99_000, seen_lines=None)

    assert problems_of(error) == [(ProblemKind.NOT_FOR_SALE, chair.pk)]


def test_an_empty_cart_and_one_of_nothing_buyable_are_refused(rich, lamp, fill_cart, check_out, change):
    with pytest.raises(StaleState):
        check_out(rich)
    fill_cart(rich, {lamp: 1})
    change(lamp, status=ListingStatus.PAUSED)
    with pytest.raises(StaleState):
        check_out(rich)

    assert not Order.objects.exists()


def test_ones_own_goods_in_an_old_cart_are_not_sold_to_oneself(
    seller, fund, lamp, fill_cart, check_out, chair
):
    fund(seller, 10_000)
    fill_cart(seller, {chair: 1})
    CartLine.objects.update(variant=lamp)

    with pytest.raises(Conflicts, match="Nothing was ordered"):
        check_out(seller)

    assert not Order.objects.exists()


def test_a_person_who_may_no_longer_buy_is_refused(rich, lamp, fill_cart, check_out):
    fill_cart(rich, {lamp: 1})
    rich.role = Role.DELIVERY
    rich.save(update_fields=["role"])

    with pytest.raises(PermissionDenied):
        check_out(rich)

    assert not Order.objects.exists()


def test_a_sum_past_all_money_is_refused_in_words(rich, goods, fill_cart, check_out):
    fill_cart(rich, {goods(price=MAX_MONEY, stock=99): 99})

    with pytest.raises(Invalid, match="more than one order can hold"):
        check_out(rich)


def test_a_forged_or_foreign_form_key_orders_nothing(rich, stranger, lamp, fill_cart, check_out):
    fill_cart(rich, {lamp: 1})
    keys = [
        "",
        "forged",
        new_form_key(user_id=stranger.pk, action="checkout"),
        new_form_key(user_id=rich.pk, action="other"),
    ]

    for key in keys:
        with pytest.raises(KeyReused):
            check_out(rich, form_key=key)

    assert not Order.objects.exists()


@pytest.mark.parametrize("lines", [3, 30])
def test_an_order_takes_21_statements_however_long_it_is(
    rich, seller, other_seller, goods, fill_cart, check_out, lines, django_assert_num_queries
):
    """BEGIN and COMMIT (here the test's SAVEPOINT and RELEASE) included; MySQL needs one more for its keys."""
    fill_cart(rich, {goods(seller if n % 2 else other_seller, price=100): 1 for n in range(3)})
    check_out(rich)  # content types are cached for good
    fill_cart(rich, {goods(seller if n % 2 else other_seller, price=100): 1 for n in range(lines)})
    view = cart_view(CartRef(user_id=rich.pk))
    key = new_form_key(user_id=rich.pk, action="checkout")

    with limits.unlimited(), django_assert_num_queries(21):  # one more counts how often, before BEGIN
        place_order(actor=rich, form_key=key, seen_total=view.total, seen_lines=view.seen_lines)


def test_keys_are_read_again_where_the_database_does_not_tell_them(
    rich, lamp, chair, fill_cart, check_out, monkeypatch
):
    """MySQL has no INSERT … RETURNING."""
    fill_cart(rich, {lamp: 1, chair: 1})
    monkeypatch.setattr(type(connection.features), "can_return_rows_from_bulk_insert", False)

    order = check_out(rich)

    assert {part.lines.count() for part in order.shipments.all()} == {1}
    assert {part.status for part in order.shipments.all()} == {ShipmentStatus.PLACED}
