"""A coupon from the cart to the order: what was shown is what is held, and what holds no more is refused."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.common.errors import Conflicts, Invalid, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.coupons.models import Coupon, CouponUse
from marketplace.coupons.services import CouponTerms, change_coupon, resume_coupon, stop_coupon
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.errors import ProblemKind
from marketplace.orders.models import Cart, CartCoupon, CartLine, Order
from marketplace.orders.selectors import cart_view
from marketplace.orders.services import (
    add_to_cart,
    apply_coupon,
    forget_old_carts,
    merge_carts,
    place_order,
    remove_line,
    take_off_coupon,
)
from marketplace.rates.services import Rates, offer_free_delivery, publish_rates
from marketplace.wallet.models import Hold
from marketplace.wallet.selectors import wallet_of

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def rich(buyer, fund):
    return fund(buyer, 100_000)


@pytest.fixture
def cart(rich, seller, other_seller, goods, fill_cart):
    """A lamp of 10.01 and a sofa of 50.00 of Sam, a chair of 40.00 of Sue."""
    lamp, sofa = goods(seller, title="Lamp", price=1001), goods(seller, title="Sofa", price=5000)
    fill_cart(rich, {lamp: 1, sofa: 1, goods(other_seller, title="Chair", price=4000): 1})
    return CartRef(user_id=rich.pk)


@pytest.fixture
def coupon(seller, coupons):
    return coupons.make(seller)


def nothing_was_ordered(rich):
    assert not Order.objects.exists()
    assert not Hold.objects.exists()
    assert not CouponUse.objects.exists()
    assert wallet_of(rich.pk).balance == 100_000
    assert CartLine.objects.count() == 3
    assert not Coupon.objects.exclude(uses=0).exists()


def part_of(cart, seller):
    return next(part for part in cart_view(cart).parts if part.seller_id == seller.pk)


@pytest.mark.every_database
@pytest.mark.parametrize(
    ("terms", "off"),
    [({"percent_bps": 1000}, (100, 500)), ({"amount": 1000}, (167, 833)), ({"amount": 9000}, (1000, 4999))],
)
def test_what_the_cart_shows_is_what_the_order_freezes(cart, rich, seller, check_out, terms, off, coupons):
    coupon = coupons.make(seller, **terms)
    coupons.apply(rich, coupon)
    view = cart_view(cart)
    assert (view.goods, view.coupon_off, view.total) == (10_001, sum(off), 10_001 - sum(off))

    order = check_out(rich)

    shipment = order.shipments.get(seller=seller)
    assert (order.total, shipment.total) == (10_001 - sum(off), 6001 - sum(off))
    assert shipment.coupon == coupon
    lines = [(line.coupon_agreed, line.coupon_off, line.total) for line in shipment.lines.all()]
    assert lines == [(off[0], off[0], 1001 - off[0]), (off[1], off[1], 5000 - off[1])]
    assert sorted(Hold.objects.values_list("amount", flat=True)) == sorted([4000, 6001 - sum(off)])
    use = CouponUse.objects.get()
    assert (use.coupon, use.person, use.order_number, use.reduction, use.version) == (
        *(coupon, rich, order.number, sum(off), 1),
    )
    assert Coupon.objects.get().uses == 1
    assert not CartCoupon.objects.exists()
    assert order.shipments.exclude(seller=seller).get().coupon is None


def test_each_seller_has_their_own_and_the_last_one_counts(
    cart, rich, seller, other_seller, coupon, check_out, coupons
):
    coupons.apply(rich, coupon)
    coupons.apply(rich, coupons.make(seller, "MORE", percent_bps=2000))
    coupons.apply(rich, coupons.make(other_seller, amount=500))

    order = check_out(rich)

    assert order.total == 6001 - 1200 + 3500
    assert sorted(CouponUse.objects.values_list("coupon__code", "reduction")) == [
        ("MORE", 1200),
        ("SAVE10", 500),
    ]
    assert Coupon.objects.get(pk=coupon.pk).uses == 0


@pytest.mark.parametrize("typed", [" save 10 ", "ＳＡＶＥ１０"])
def test_a_code_is_taken_however_it_is_typed(cart, seller, coupon, typed):
    assert apply_coupon(cart=cart, seller_id=seller.pk, code=typed).off == 600


@pytest.mark.parametrize("code", ["", "  ", "NOPE", "SAVE10" * 99, "💶", "\x00"])
def test_a_code_that_there_is_not_is_refused_beside_its_field(cart, seller, coupon, code):
    with pytest.raises(Invalid) as refused:
        apply_coupon(cart=cart, seller_id=seller.pk, code=code)
    assert refused.value.field == "code"
    assert not CartCoupon.objects.exists()


def test_another_sellers_code_is_none(cart, other_seller, coupon):
    with pytest.raises(Invalid):
        apply_coupon(cart=cart, seller_id=other_seller.pk, code="SAVE10")


def test_a_shop_of_which_nothing_is_in_the_cart_takes_none(cart, person, coupon, coupons):
    third = person(Role.SELLER)
    coupons.make(third)
    with pytest.raises(StaleState):
        apply_coupon(cart=cart, seller_id=third.pk, code="SAVE10")


@pytest.mark.parametrize("role", [Role.DELIVERY, Role.SUPERADMIN])
def test_who_has_no_cart_has_no_coupon(cart, rich, seller, coupon, role):
    type(rich).objects.filter(pk=rich.pk).update(role=role)
    for call in (
        lambda: apply_coupon(cart=cart, seller_id=seller.pk, code="SAVE10"),
        lambda: take_off_coupon(cart=cart, seller_id=seller.pk),
    ):
        with pytest.raises(PermissionDenied):
            call()
    assert not CartCoupon.objects.exists()


NOT_HOLDING = {
    "stopped": lambda coupon: stop_coupon(coupon_id=coupon.pk, actor=coupon.seller),
    "ended": lambda coupon: Coupon.objects.update(
        starts_at=clock.now() - timedelta(days=2), ends_at=clock.now() - timedelta(days=1)
    ),
    "not begun": lambda coupon: Coupon.objects.update(starts_at=clock.now() + timedelta(days=1)),
    "used up": lambda coupon: Coupon.objects.update(most_uses=1, uses=1),
    "smallest cart": lambda coupon: Coupon.objects.update(smallest_cart=6002),
}


@pytest.mark.breaks_books
@pytest.mark.parametrize("how", NOT_HOLDING)
def test_one_that_does_not_hold_is_not_put_in(cart, rich, coupon, how, coupons):
    NOT_HOLDING[how](coupon)

    with pytest.raises(Invalid) as refused:
        coupons.apply(rich, coupon)
    assert refused.value.field == "code"
    assert "SAVE10" in str(refused.value)
    assert not CartCoupon.objects.exists()


@pytest.mark.breaks_books
@pytest.mark.every_database
@pytest.mark.parametrize("how", NOT_HOLDING)
def test_one_that_holds_no_more_is_refused_at_the_checkout_and_nothing_is_booked(
    cart, rich, seller, coupon, how, check_out, coupons
):
    coupons.apply(rich, coupon)
    form = _form(rich)
    NOT_HOLDING[how](coupon)
    used = Coupon.objects.get().uses

    with pytest.raises(Conflicts) as refused:
        place_order(**form)

    [problem] = refused.value.problems
    assert problem.kind == ProblemKind.COUPON
    assert "SAVE10" in str(problem)
    Coupon.objects.update(uses=0)
    nothing_was_ordered(rich)
    Coupon.objects.update(uses=used)
    part = part_of(cart, seller)
    assert (part.coupon.why_not, part.coupon_off, part.total) == (str(problem), 0, 6001)
    assert not cart_view(cart).goods_are_ready
    take_off_coupon(cart=cart, seller_id=seller.pk)
    assert check_out(rich).total == 10_001


def test_one_that_was_changed_is_asked_about_and_taken_as_it_is_now(
    cart, rich, seller, coupon, check_out, coupons
):
    coupons.apply(rich, coupon)
    change_coupon(coupon_id=coupon.pk, terms=CouponTerms(percent_bps=500), actor=seller)

    with pytest.raises(Conflicts) as refused:
        check_out(rich)
    assert [problem.kind for problem in refused.value.problems] == [ProblemKind.COUPON]
    nothing_was_ordered(rich)
    part = part_of(cart, seller)
    assert (part.coupon.is_changed, part.coupon.off_now, part.coupon_off) == (True, 300, 0)

    coupons.apply(rich, coupon)
    assert part_of(cart, seller).coupon_off == 300
    assert check_out(rich).total == 10_001 - 300
    assert CouponUse.objects.get().version == 2


def test_one_that_was_changed_and_stopped_is_not_offered_as_it_is_now(cart, rich, seller, coupon, coupons):
    coupons.apply(rich, coupon)
    stop_coupon(coupon_id=coupon.pk, actor=seller)
    assert not part_of(cart, seller).coupon.is_changed
    resume_coupon(coupon_id=coupon.pk, actor=seller)
    assert part_of(cart, seller).coupon.is_changed


def test_it_is_used_as_often_as_it_may_be_in_all_and_by_each(
    cart, rich, person, fund, seller, goods, fill_cart, check_out, coupons
):
    coupon = coupons.make(seller, most_uses=2, most_a_person=1)
    lamp = goods(seller, title="Bulb", price=1000)
    coupons.apply(rich, coupon)
    check_out(rich)

    fill_cart(rich, {lamp: 1})
    with pytest.raises(Invalid, match="You have used"):
        coupons.apply(rich, coupon)
    second, third = fund(person(), 5000), fund(person(), 5000)
    for somebody in (second, third):
        fill_cart(somebody, {lamp: 1})
        coupons.apply(somebody, coupon)
    check_out(second)
    with pytest.raises(Conflicts, match="Nothing was ordered"):
        check_out(third)
    assert Coupon.objects.get().uses == 2


def test_a_use_comes_back_when_all_of_its_shipment_is_cancelled(
    cart, rich, seller, check_out, delivery, coupons
):
    coupon = coupons.make(seller, most_uses=1, most_a_person=1)
    coupons.apply(rich, coupon)
    shipment = check_out(rich).shipments.get(seller=seller)

    for line in shipment.lines.all():
        assert Coupon.objects.get().uses == 1
        delivery.cancel_pieces(line)

    assert (Coupon.objects.get().uses, CouponUse.objects.get().given_back_at is None) == (0, False)
    assert wallet_of(rich.pk).held_balance == 4000


@pytest.mark.parametrize("way", ["refused", "delivered"])
def test_a_use_stays_used_once_the_parcel_was_picked_up(
    cart, rich, seller, courier, check_out, delivery, way, coupons
):
    coupon = coupons.make(seller, most_uses=1)
    coupons.apply(rich, coupon)
    shipment = check_out(rich).shipments.get(seller=seller)
    job = delivery.carry(shipment, courier)
    if way == "refused":
        delivery.fail(job, "refused")
    delivery.prove(job)

    assert (Coupon.objects.get().uses, CouponUse.objects.get().given_back_at) == (1, None)


def test_part_of_it_goes_with_each_piece_to_the_minor_unit(
    rich, seller, goods, fill_cart, check_out, delivery, coupons
):
    """Three pieces at 3.33 with 1.00 off: 8.99; each kept piece keeps its third, rounded down."""
    fill_cart(rich, {goods(seller, price=333): 3})
    coupons.apply(rich, coupons.make(seller, amount=100))
    shipment = check_out(rich).shipments.get()
    seen = []
    for _ in range(3):
        shipment.refresh_from_db()
        seen.append((shipment.total, shipment.lines.get().coupon_off, wallet_of(rich.pk).held_balance))
        delivery.cancel_pieces(shipment.lines.get())
    assert seen == [(899, 100, 899), (600, 66, 600), (300, 33, 300)]
    assert wallet_of(rich.pk).balance == 100_000


def test_a_piece_that_is_worth_less_than_a_minor_unit_gives_nothing_back(
    rich, seller, goods, fill_cart, check_out, delivery, coupons
):
    fill_cart(rich, {goods(seller, price=2): 2})
    coupons.apply(rich, coupons.make(seller, amount=100))
    shipment = check_out(rich).shipments.get()
    assert shipment.total == 1

    delivery.cancel_pieces(shipment.lines.get())
    shipment.refresh_from_db()
    assert (shipment.total, wallet_of(rich.pk).held_balance) == (1, 1)
    delivery.cancel_pieces(shipment.lines.get())
    assert wallet_of(rich.pk).balance == 100_000


def test_one_that_takes_nothing_off_is_not_put_in(rich, seller, goods, fill_cart, coupons):
    fill_cart(rich, {goods(seller, price=1): 1})
    with pytest.raises(Invalid):
        coupons.apply(rich, coupons.make(seller, amount=100))


def test_a_coupon_outlives_its_goods_in_the_cart_and_counts_with_the_next_ones(
    cart, rich, seller, coupon, goods, fill_cart, check_out, coupons
):
    coupons.apply(rich, coupon)
    for line in CartLine.objects.filter(variant__seller=seller):
        remove_line(cart=cart, line_id=line.pk)
    assert check_out(rich).total == 4000
    assert not CouponUse.objects.exists()

    fill_cart(rich, {goods(seller, price=2000): 1})
    assert check_out(rich).total == 1800


def test_a_visitors_coupon_comes_along_when_they_sign_in(
    rich, seller, other_seller, goods, fill_cart, check_out, coupons
):
    lamp, chair = goods(seller, price=1000), goods(other_seller, price=2000)
    visitor = CartRef(token="x" * 32)
    for product in (lamp, chair):
        add_to_cart(cart=visitor, variant_id=product.variants.get().pk, quantity=1)
    for owner, percent in ((seller, 1000), (other_seller, 5000)):
        coupon = coupons.make(owner, percent_bps=percent)
        apply_coupon(cart=visitor, seller_id=owner.pk, code=coupon.code)
    fill_cart(rich, {lamp: 1})
    coupons.apply(rich, coupons.make(seller, "MINE", percent_bps=2000))

    for _ in range(2):
        merge_carts(actor=rich, token="x" * 32)

    view = cart_view(CartRef(user_id=rich.pk))
    assert [part.coupon.coupon.code for part in view.parts] == ["MINE", "SAVE10"]
    assert check_out(rich).total == 2000 - 400 + 1000


def test_a_visitors_whole_cart_comes_along_when_they_have_none(rich, seller, goods, check_out, coupons):
    visitor = CartRef(token="y" * 32)
    add_to_cart(cart=visitor, variant_id=goods(seller, price=1000).variants.get().pk, quantity=1)
    apply_coupon(cart=visitor, seller_id=seller.pk, code=coupons.make(seller).code)

    merge_carts(actor=rich, token="y" * 32)

    assert check_out(rich).total == 900


def test_an_old_visitors_cart_is_forgotten_with_its_coupons(seller, goods, coupon):
    visitor = CartRef(token="z" * 32)
    add_to_cart(cart=visitor, variant_id=goods(seller, price=1000).variants.get().pk, quantity=1)
    apply_coupon(cart=visitor, seller_id=seller.pk, code=coupon.code)

    assert forget_old_carts(clock.now() + timedelta(days=31)) == 1
    assert (Cart.objects.count(), CartCoupon.objects.count()) == (0, 0)


def test_a_seller_does_not_use_their_own(seller, goods, coupon, coupons):
    with pytest.raises((Invalid, StaleState)):
        coupons.apply(seller, coupon)


def test_free_delivery_counts_what_is_paid_for_the_goods(
    cart, rich, admin, seller, coupon, check_out, coupons
):
    """6001 less 600 are below the store's 60.00: the delivery costs what it costs."""
    publish_rates(rates=Rates(base=290, free_from=6000), actor=admin, expected_version=0)
    assert part_of(cart, seller).delivery.terms.buyer == 0
    coupons.apply(rich, coupon)
    assert part_of(cart, seller).delivery.terms.buyer == 290

    shipment = check_out(rich).shipments.get(seller=seller)
    assert (shipment.goods_total, shipment.delivery_price) == (5401, 290)


def test_a_seller_pays_a_free_delivery_only_out_of_what_the_coupon_leaves(
    rich, admin, seller, goods, fill_cart, check_out, coupons
):
    publish_rates(rates=Rates(base=290), actor=admin, expected_version=0)
    offer_free_delivery(actor=seller, free_from=100)
    fill_cart(rich, {goods(seller, price=1000): 1})
    coupons.apply(rich, coupons.make(seller, percent_bps=8000))

    shipment = check_out(rich).shipments.get()
    assert (shipment.goods_total, shipment.delivery_price, shipment.delivery_by_seller) == (200, 290, 0)


@pytest.mark.every_database
def test_the_cart_and_the_checkout_ask_no_statement_more_without_one_and_a_constant_few_with_it(
    rich, seller, other_seller, person, goods, fill_cart, check_out, coupons
):
    def cost(act, *given, **form):
        with CaptureQueriesContext(connection) as asked:
            act(*given, **form)
        return len(asked)

    def costs():
        return cost(cart_view, ref), cost(place_order, **_form(rich))

    def fill(sellers):
        for owner in sellers:
            fill_cart(rich, {goods(owner, price=1000, stock=50): 1, goods(owner, price=500, stock=50): 1})

    ref = CartRef(user_id=rich.pk)
    two, six = [seller, other_seller], [seller, other_seller, *(person(Role.SELLER) for _ in range(4))]
    fill(two)
    without = costs()
    made = [coupons.make(owner) for owner in six]
    found = []
    for owners in (two, six):
        fill(owners)
        for coupon in made[: len(owners)]:
            coupons.apply(rich, coupon)
        found.append(costs())

    assert without[0] == 2
    assert without[1] <= 24
    assert found == [(without[0] + 1, without[1] + 5)] * 2


def _form(rich):
    view = cart_view(CartRef(user_id=rich.pk))
    return {
        "actor": rich,
        "form_key": new_form_key(user_id=rich.pk, action="checkout"),
        "seen_total": view.total,
        "seen_lines": view.seen_lines,
    }
