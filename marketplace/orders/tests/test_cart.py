"""Carts of visitors and of accounts."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import DomainError, Invalid, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.orders.cart_ref import CartRef, new_token
from marketplace.orders.errors import OwnGoods
from marketplace.orders.models import Cart, CartLine
from marketplace.orders.selectors import cart_count, cart_view
from marketplace.orders.services import (
    accept_prices,
    add_to_cart,
    change_quantity,
    forget_old_carts,
    merge_carts,
    remove_line,
    reorder,
)
from marketplace.orders.services import cart as cart_service
from marketplace.products.models import Product, Variant
from marketplace.products.services import create_discount
from marketplace.products.states import ListingStatus


def content(cart: CartRef) -> dict[int, int]:
    return dict(CartLine.objects.filter(cart.where("cart__")).values_list("variant_id", "quantity"))


@pytest.fixture
def goods(goods, variant_of):
    """The one variant of something that can be bought."""
    return lambda *given, **fields: variant_of(goods(*given, **fields))


@pytest.fixture
def cart(buyer):
    return CartRef(user_id=buyer.pk)


@pytest.fixture
def visitor(db):
    return CartRef(token=new_token())


def test_a_cart_belongs_to_somebody():
    for nobody in ({}, {"user_id": 1, "token": "x"}):
        with pytest.raises(ValueError, match="belongs"):
            CartRef(**nobody)


def test_a_visitors_token_is_not_in_the_database(visitor, goods):
    add_to_cart(cart=visitor, variant_id=goods().pk, quantity=1)

    row = Cart.objects.get()
    assert row.token_hash == visitor.token_hash != visitor.token
    assert row.user_id is None


def test_adding_twice_adds_up_and_says_what_is_there(cart, goods):
    lamp, chair = goods(title="Lamp"), goods()
    add_to_cart(cart=cart, variant_id=chair.pk, quantity=1)

    add_to_cart(cart=cart, variant_id=lamp.pk, quantity=2)
    added = add_to_cart(cart=cart, variant_id=lamp.pk, quantity=3)

    assert (added.title, added.quantity, added.pieces) == ("Lamp", 5, 6)
    assert content(cart) == {lamp.pk: 5, chair.pk: 1}
    assert cart_count(cart) == 6


@pytest.mark.parametrize("quantity", [0, -1, 100])
def test_a_line_holds_1_to_99_pieces(cart, goods, quantity):
    with pytest.raises(Invalid):
        add_to_cart(cart=cart, variant_id=goods(stock=500).pk, quantity=quantity)

    assert content(cart) == {}


def test_ninety_nine_pieces_are_the_most_also_in_two_steps(cart, goods):
    lamp = goods(stock=500)
    add_to_cart(cart=cart, variant_id=lamp.pk, quantity=60)

    with pytest.raises(Invalid):
        add_to_cart(cart=cart, variant_id=lamp.pk, quantity=40)

    assert content(cart) == {lamp.pk: 60}


def test_more_than_there_are_is_refused_with_what_is_left(cart, goods):
    lamp = goods(stock=3)
    add_to_cart(cart=cart, variant_id=lamp.pk, quantity=2)

    with pytest.raises(Invalid, match=r"Only 3 are left\. You have 2 in your cart\."):
        add_to_cart(cart=cart, variant_id=lamp.pk, quantity=2)

    assert content(cart) == {lamp.pk: 2}


def test_a_hundred_variants_are_the_most(cart, goods, settings):
    settings.CART_MAX_LINES = 2
    for _ in range(2):
        add_to_cart(cart=cart, variant_id=goods().pk, quantity=1)

    with pytest.raises(Invalid, match="full"):
        add_to_cart(cart=cart, variant_id=goods().pk, quantity=1)

    assert cart_count(cart) == 2


def test_ones_own_goods_are_refused(seller, goods):
    cart = CartRef(user_id=seller.pk)

    with pytest.raises(OwnGoods, match="your own"):
        add_to_cart(cart=cart, variant_id=goods(seller).pk, quantity=1)

    assert not Cart.objects.exists()


@pytest.mark.parametrize("status", [s for s in ListingStatus if s != ListingStatus.LIVE])
def test_what_is_not_live_is_refused(cart, goods, status):
    with pytest.raises(StaleState):
        add_to_cart(cart=cart, variant_id=goods(status=status).pk, quantity=1)

    assert not Cart.objects.exists()


def test_what_is_sold_out_or_unknown_is_refused(cart, goods):
    for variant_id in (goods(stock=0).pk, 10**17):
        with pytest.raises(StaleState):
            add_to_cart(cart=cart, variant_id=variant_id, quantity=1)


def test_a_quantity_changes_up_to_the_stock(cart, goods):
    lamp = goods(stock=4)
    add_to_cart(cart=cart, variant_id=lamp.pk, quantity=1)
    line = CartLine.objects.get()

    change_quantity(cart=cart, line_id=line.pk, quantity=4)
    with pytest.raises(Invalid, match="Only 4"):
        change_quantity(cart=cart, line_id=line.pk, quantity=5)

    assert content(cart) == {lamp.pk: 4}


@pytest.mark.parametrize("quantity", [0, -1, 100])
def test_a_quantity_that_no_line_can_have_is_refused(cart, goods, quantity):
    lamp = goods(stock=200)
    add_to_cart(cart=cart, variant_id=lamp.pk, quantity=99)

    with pytest.raises(Invalid):
        change_quantity(cart=cart, line_id=CartLine.objects.get().pk, quantity=quantity)

    assert content(cart) == {lamp.pk: 99}


@pytest.mark.parametrize("quantity", [9, 5])
def test_a_line_that_wants_too_much_may_stay_or_want_less(cart, goods, quantity):
    lamp = goods(stock=9)
    add_to_cart(cart=cart, variant_id=lamp.pk, quantity=9)
    Variant.objects.filter(pk=lamp.pk).update(stock=2)

    change_quantity(cart=cart, line_id=CartLine.objects.get().pk, quantity=quantity)

    assert content(cart) == {lamp.pk: quantity}


@pytest.mark.parametrize("role", [Role.DELIVERY, Role.ADMIN, Role.SUPERADMIN])
@pytest.mark.parametrize("has_cart", [False, True])
def test_couriers_and_staff_have_no_cart_whoever_calls(person, goods, role, has_cart):
    worker, lamp = person(role), goods(stock=9)
    ref = CartRef(user_id=worker.pk)
    if has_cart:  # from before they worked here
        line = CartLine.objects.create(
            cart=Cart.objects.create(user=worker), variant=lamp, quantity=1, price_seen=1
        )
    before = content(ref)

    with pytest.raises(PermissionDenied):
        add_to_cart(cart=ref, variant_id=lamp.pk, quantity=1)
    if has_cart:
        for change in (
            lambda: change_quantity(cart=ref, line_id=line.pk, quantity=2),
            lambda: remove_line(cart=ref, line_id=line.pk),
            lambda: accept_prices(cart=ref, prices={lamp.pk: 2}),
        ):
            with pytest.raises(PermissionDenied):
                change()

    assert content(ref) == before
    assert Cart.objects.count() == has_cart


def test_a_line_of_somebody_else_is_neither_changed_nor_removed(cart, stranger, goods):
    lamp = goods()
    add_to_cart(cart=cart, variant_id=lamp.pk, quantity=1)
    line, theirs = CartLine.objects.get(), CartRef(user_id=stranger.pk)
    add_to_cart(cart=theirs, variant_id=goods().pk, quantity=1)

    with pytest.raises(StaleState):
        change_quantity(cart=theirs, line_id=line.pk, quantity=2)
    remove_line(cart=theirs, line_id=line.pk)

    assert content(cart) == {lamp.pk: 1}


def test_removing_twice_is_fine(cart, goods):
    add_to_cart(cart=cart, variant_id=goods().pk, quantity=1)
    line = CartLine.objects.get()

    for _ in range(2):
        remove_line(cart=cart, line_id=line.pk)

    assert content(cart) == {}


def test_a_rise_must_be_accepted_and_a_drop_passes_on(cart, goods):
    lamp, chair = goods(price=1000), goods(price=1000)
    for variant in (lamp, chair):
        add_to_cart(cart=cart, variant_id=variant.pk, quantity=2)
    Variant.objects.filter(pk=lamp.pk).update(price=1200, current_price=1200)
    Variant.objects.filter(pk=chair.pk).update(current_price=800)

    view = cart_view(cart)
    assert [item.has_risen for item in view.items] == [True, False]
    assert [item.has_dropped for item in view.items] == [False, True]
    assert view.total == 2 * 1200 + 2 * 800
    assert not view.is_ready

    accept_prices(cart=cart, prices={lamp.pk: 1200})
    assert cart_view(cart).is_ready


def test_accepting_an_old_price_does_not_accept_the_next_rise(cart, goods):
    lamp = goods(price=1000)
    add_to_cart(cart=cart, variant_id=lamp.pk, quantity=1)
    Variant.objects.filter(pk=lamp.pk).update(price=1500, current_price=1500)

    accept_prices(cart=cart, prices={lamp.pk: 1200})

    assert not cart_view(cart).is_ready


def test_what_cannot_be_bought_is_shown_and_does_not_count(cart, goods):
    lamp, gone, paused = goods(price=700), goods(), goods()
    for variant in (lamp, gone, paused):
        add_to_cart(cart=cart, variant_id=variant.pk, quantity=1)
    Variant.objects.filter(pk=gone.pk).update(stock=0)
    Product.objects.filter(pk=paused.product_id).update(status=ListingStatus.PAUSED)

    view = cart_view(cart)

    assert [item.is_buyable for item in view.items] == [True, False, False]
    assert view.total == 700
    assert view.seen_lines == {lamp.pk: 1}
    assert view.is_ready


def test_a_cart_is_grouped_by_seller_in_the_order_of_arrival(cart, seller, other_seller, goods):
    first, second, third = goods(seller), goods(other_seller), goods(seller)
    for variant in (first, second, third):
        add_to_cart(cart=cart, variant_id=variant.pk, quantity=1)

    parts = cart_view(cart).parts

    assert [[item.variant_id for item in part.items] for part in parts] == [
        [first.pk, third.pk],
        [second.pk],
    ]
    assert parts[0].shop_name == seller.seller_profile.shop_name


def test_the_cart_is_read_with_two_queries_however_full(cart, goods, django_assert_num_queries):
    for _ in range(30):
        add_to_cart(cart=cart, variant_id=goods().pk, quantity=1)

    with django_assert_num_queries(2):
        assert len(cart_view(cart).items) == 30


def test_signing_in_adds_the_visitors_cart_up_to_stock_and_99(cart, visitor, buyer, goods):
    few, many, new = goods(stock=5), goods(stock=500), goods(stock=2)
    add_to_cart(cart=cart, variant_id=few.pk, quantity=3)
    add_to_cart(cart=cart, variant_id=many.pk, quantity=60)
    add_to_cart(cart=visitor, variant_id=few.pk, quantity=4)
    add_to_cart(cart=visitor, variant_id=many.pk, quantity=60)
    add_to_cart(cart=visitor, variant_id=new.pk, quantity=2)

    for _ in range(2):
        merge_carts(actor=buyer, token=visitor.token)

    assert content(cart) == {few.pk: 5, many.pk: 99, new.pk: 2}
    assert Cart.objects.count() == 1


def test_signing_in_without_a_cart_takes_the_visitors_over(cart, visitor, buyer, goods):
    lamp = goods()
    add_to_cart(cart=visitor, variant_id=lamp.pk, quantity=2)

    merge_carts(actor=buyer, token=visitor.token)

    assert content(cart) == {lamp.pk: 2}
    assert content(visitor) == {}


@pytest.mark.parametrize("has_cart", [True, False])
def test_a_seller_does_not_bring_their_own_goods(seller, visitor, goods, has_cart):
    own, lamp = goods(seller), goods()
    mine = CartRef(user_id=seller.pk)
    if has_cart:
        add_to_cart(cart=mine, variant_id=lamp.pk, quantity=1)
    add_to_cart(cart=visitor, variant_id=own.pk, quantity=1)
    add_to_cart(cart=visitor, variant_id=lamp.pk, quantity=1)

    merge_carts(actor=seller, token=visitor.token)

    assert content(mine) == {lamp.pk: 2 if has_cart else 1}


@pytest.mark.parametrize("role", [Role.DELIVERY, Role.ADMIN])
def test_people_without_a_cart_leave_the_visitors_alone(person, visitor, goods, role):
    lamp = goods()
    add_to_cart(cart=visitor, variant_id=lamp.pk, quantity=1)

    merge_carts(actor=person(role), token=visitor.token)

    assert content(visitor) == {lamp.pk: 1}


def test_what_goes_past_a_full_cart_is_left_out(cart, visitor, buyer, goods, settings):
    settings.CART_MAX_LINES = 2
    kept, second, third = goods(), goods(), goods()
    add_to_cart(cart=cart, variant_id=kept.pk, quantity=1)
    for variant in (second, third):
        add_to_cart(cart=visitor, variant_id=variant.pk, quantity=1)

    merge_carts(actor=buyer, token=visitor.token)

    assert content(cart) == {kept.pk: 1, second.pk: 1}


def test_visitors_carts_are_forgotten_after_30_days_and_accounts_never(cart, visitor, goods, time_machine):
    time_machine.move_to("2026-05-01 10:00Z")
    add_to_cart(cart=visitor, variant_id=goods().pk, quantity=1)
    add_to_cart(cart=cart, variant_id=goods().pk, quantity=1)
    fresh = CartRef(token=new_token())
    time_machine.move_to("2026-05-20 10:00Z")
    add_to_cart(cart=fresh, variant_id=goods().pk, quantity=1)

    assert forget_old_carts(clock.now()) == 0
    assert forget_old_carts(clock.now() + timedelta(days=12)) == 1
    assert forget_old_carts(clock.now() + timedelta(days=12)) == 0

    assert (cart_count(cart), cart_count(visitor), cart_count(fresh)) == (1, 0, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("from_cart", [True, False])
def test_the_price_seen_is_that_of_the_moment_even_where_the_sweep_is_late(
    cart, buyer, goods, fund, fill_cart, check_out, time_machine, from_cart
):
    """The page showed the price after the sale; nobody is asked to accept what they saw."""
    now = clock.now()
    lamp = goods(price=1000, stock=9)
    if not from_cart:
        fill_cart(fund(buyer, 1000), {lamp: 1})
        order = check_out(buyer)
    create_discount(
        product_id=lamp.product_id,
        percent_bps=2000,
        starts_at=now,
        ends_at=now + timedelta(minutes=1),
        actor=SYSTEM,
    )
    time_machine.move_to(now + timedelta(minutes=2), tick=False)
    assert Variant.objects.get(pk=lamp.pk).current_price == 800

    if from_cart:
        add_to_cart(cart=cart, variant_id=lamp.pk, quantity=1)
    else:
        key = new_form_key(user_id=buyer.pk, action="reorder", subject=order.pk)
        reorder(order_id=order.pk, actor=buyer, form_key=key)

    assert CartLine.objects.get().price_seen == 1000
    assert cart_view(cart).is_ready


def test_the_same_form_orders_again_once(buyer, goods, fund, fill_cart, check_out):
    lamp = goods(price=1000, stock=9)
    fill_cart(fund(buyer, 2000), {lamp: 2})
    order = check_out(buyer)
    key = new_form_key(user_id=buyer.pk, action="reorder", subject=order.pk)

    done = [reorder(order_id=order.pk, actor=buyer, form_key=key) for _twice in range(2)]

    assert [(one.added, one.was_done) for one in done] == [(1, False), (0, True)]
    assert CartLine.objects.get().quantity == 2


def test_signing_in_while_another_device_makes_the_accounts_cart_brings_everything_along(
    buyer, goods, visitor, monkeypatch
):
    lamp = goods(stock=5)
    add_to_cart(cart=visitor, variant_id=lamp.pk, quantity=2)
    look = cart_service.lock_all
    found = []

    def look_too_early(rows):
        """The first time the account has no cart yet; a moment later it has."""
        found.append(look(rows))
        if len(found) == 1:
            Cart.objects.create(user=buyer)
        return found[-1]

    monkeypatch.setattr(cart_service, "lock_all", look_too_early)

    merge_carts(actor=buyer, token=visitor.token)

    assert CartLine.objects.get(cart__user=buyer).quantity == 2
    assert not Cart.objects.filter(user=None).exists()


def test_eight_first_clicks_at_once_make_one_cart(buyer, goods, race):
    cart, things = CartRef(user_id=buyer.pk), [goods() for _ in range(8)]

    results = race(lambda thing: add_to_cart(cart=cart, variant_id=thing.pk, quantity=1), things)

    assert not [result for result in results if isinstance(result, Exception)]
    assert content(cart) == {thing.pk: 1 for thing in things}


@pytest.mark.django_db(transaction=True)
def test_eight_clicks_on_the_last_pieces_never_pass_the_stock(buyer, goods, race):
    cart, lamp = CartRef(user_id=buyer.pk), goods(stock=3)

    results = race(lambda _n: add_to_cart(cart=cart, variant_id=lamp.pk, quantity=1), range(8))

    assert sum(isinstance(result, DomainError) for result in results) == 5
    assert content(cart) == {lamp.pk: 3}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("has_key", "pieces"), [(True, 2), (False, 16)], ids=["key", "control"])
def test_one_form_that_comes_eight_times_at_once_adds_once(buyer, goods, race, has_key, pieces):
    """The control sends no key, as whoever has no form."""
    cart, lamp = CartRef(user_id=buyer.pk), goods(stock=50)
    key = new_form_key(user_id=buyer.pk, action="cart_add", subject=lamp.product_id) if has_key else None

    results = race(lambda _n: add_to_cart(cart=cart, variant_id=lamp.pk, quantity=2, form_key=key), range(8))

    assert not [result for result in results if isinstance(result, Exception)]
    assert content(cart) == {lamp.pk: pieces}
    if has_key:
        assert {(result.quantity, result.pieces) for result in results} == {(2, 2)}


def test_what_cannot_be_bought_again_is_named(buyer, goods, fund, check_out, change):
    ref = CartRef(user_id=buyer.pk)
    lamp, mug = goods(title="Lamp", price=100, stock=9), goods(title="Mug", price=100, stock=9)
    for variant in (lamp, mug):
        add_to_cart(cart=ref, variant_id=variant.pk, quantity=3)
    order = check_out(fund(buyer, 600))
    for variant, stock in ((lamp, 2), (mug, 0)):
        change(variant, stock=stock)

    key = new_form_key(user_id=buyer.pk, action="reorder", subject=order.pk)
    answer = reorder(order_id=order.pk, actor=buyer, form_key=key)

    assert answer.added == 1
    assert answer.left_out == [
        "“Lamp”: your cart has 2 now, there are no more.",
        "“Mug” cannot be bought right now.",
    ]
    assert content(ref) == {lamp.pk: 2}
