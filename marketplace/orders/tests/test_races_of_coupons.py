"""A coupon's last use, at once by many people, and by one from two tabs."""

from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest

from marketplace.common import clock
from marketplace.common.errors import Conflicts, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.coupons.models import Coupon, CouponUse
from marketplace.coupons.services import stop_coupon
from marketplace.delivery.services import cancel_shipment
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.models import Cart, CartLine, Order
from marketplace.orders.selectors import cart_view
from marketplace.orders.services import checkout, place_order, placing

from .test_races import unlocked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

RIVALS = 16


@pytest.fixture
def crowd(person, fund):
    """`crowd(16)`: buyers with 100.00 each."""
    return lambda number: [fund(person(name=f"Buyer {n}"), 10_000) for n in range(number)]


def form_of(buyer):
    view = cart_view(CartRef(user_id=buyer.pk))
    return {
        "actor": buyer,
        "form_key": new_form_key(user_id=buyer.pk, action="checkout"),
        "seen_total": view.total,
        "seen_lines": view.seen_lines,
    }


def send(form):
    return place_order(**form)


def refusals(results):
    return [result for result in results if isinstance(result, Exception)]


def without_its_lock(monkeypatch, rivals):
    """The coupons are read, and nobody goes on before all have read them."""
    together = Barrier(rivals)

    def read_then_wait(ids):
        rows = Coupon.objects.in_bulk(list(ids))
        with suppress(BrokenBarrierError):
            together.wait(timeout=20)
        return rows

    monkeypatch.setattr(checkout, "lock_coupons", read_then_wait)


class TestTheLastUse:
    @pytest.fixture
    def rivals(self, seller, crowd, goods, fill_cart, coupons):
        """Sixteen with other goods each, so that nothing but the coupon keeps them apart."""
        coupon = coupons.make(seller, most_uses=1)
        buyers = crowd(RIVALS)
        for buyer in buyers:
            fill_cart(buyer, {goods(seller, price=1000, stock=9): 1})
            coupons.apply(buyer, coupon)
        return [form_of(buyer) for buyer in buyers]

    def test_is_one_buyers(self, rivals, race, books_balance):
        results = race(send, rivals)

        assert Order.objects.get().total == 900
        assert len(refusals(results)) == RIVALS - 1
        for error in refusals(results):
            assert isinstance(error, Conflicts)
            assert [problem.kind for problem in error.problems] == ["coupon"]
        assert CartLine.objects.count() == RIVALS - 1
        assert (Coupon.objects.get().uses, CouponUse.objects.count()) == (1, 1)

    @pytest.mark.breaks_books
    def test_control_without_the_lock_it_is_many_buyers(self, rivals, race, locks_rows, monkeypatch):
        if not locks_rows:
            pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")
        without_its_lock(monkeypatch, RIVALS)

        race(send, rivals)

        assert CouponUse.objects.count() > 1


class TestAPersonsLastUse:
    @pytest.fixture
    def tabs(self, person, fund, seller, goods, fill_cart, coupons):
        """A person who may use it once, with the checkout of one cart in two tabs."""
        coupon = coupons.make(seller, most_a_person=1)
        buyer = fund(person(name="Bea"), 10_000)
        fill_cart(buyer, {goods(seller, price=1000, stock=9): 1})
        coupons.apply(buyer, coupon)
        return [form_of(buyer), form_of(buyer)]

    def test_is_used_once_from_two_tabs(self, tabs, race, books_balance):
        results = race(send, tabs)

        assert (Order.objects.count(), CouponUse.objects.count()) == (1, 1)
        assert [type(error) for error in refusals(results)] == [StaleState]

    @pytest.fixture
    def two_carts(self, tabs, monkeypatch):
        """As two orders of one person at once, without the cart's lock between them; each its own line of it."""
        buyer = tabs[0]["actor"]
        read, numbers = checkout._read, iter(range(10**9, 2 * 10**9))
        monkeypatch.setattr(checkout, "lock_cart", lambda ref: Cart.objects.get(user_id=buyer.pk))
        monkeypatch.setattr(
            checkout,
            "_read",
            lambda **given: [row | {"pk": next(numbers)} for row in read(**given)],
        )
        return tabs

    def test_is_used_once_even_by_two_carts(self, two_carts, race, books_balance):
        results = race(send, two_carts)

        assert CouponUse.objects.count() == 1
        [error] = refusals(results)
        assert isinstance(error, Conflicts | StaleState)

    @pytest.mark.breaks_books
    def test_control_without_the_coupons_lock_it_is_used_twice(
        self, two_carts, race, locks_rows, monkeypatch
    ):
        if not locks_rows:
            pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")
        without_its_lock(monkeypatch, 2)
        # The variant's lock comes next and would keep the two apart.
        monkeypatch.setattr(checkout, "lock_variants", unlocked)
        monkeypatch.setattr(placing, "take_stock", lambda **given: None)
        asked = checkout.used_by
        both_have_asked = Barrier(2)

        def ask_then_wait(*given):
            uses = asked(*given)
            with suppress(BrokenBarrierError):
                both_have_asked.wait(timeout=20)
            return uses

        monkeypatch.setattr(checkout, "used_by", ask_then_wait)

        race(send, two_carts)

        assert CouponUse.objects.count() == 2


def test_stopped_while_people_check_out_it_is_used_before_or_not_at_all(
    seller, crowd, goods, fill_cart, race, books_balance, coupons
):
    coupon = coupons.make(seller)
    buyers = crowd(8)
    for buyer in buyers:
        fill_cart(buyer, {goods(seller, price=1000, stock=9): 1})
        coupons.apply(buyer, coupon)
    calls = [(place_order, form_of(buyer)) for buyer in buyers]
    calls.insert(4, (stop_coupon, {"coupon_id": coupon.pk, "actor": seller}))

    results = race(lambda call: call[0](**call[1]), calls)

    assert all(isinstance(error, Conflicts) for error in refusals(results))
    assert Order.objects.count() == CouponUse.objects.count() == 8 - len(refusals(results))
    assert not Order.objects.exclude(total=900).exists()


def test_uses_that_come_back_at_once_are_each_counted_once(
    seller, crowd, goods, fill_cart, check_out, race, books_balance, coupons
):
    coupon = coupons.make(seller)
    shipments = []
    for buyer in crowd(8):
        fill_cart(buyer, {goods(seller, price=1000, stock=9): 1})
        coupons.apply(buyer, coupon)
        shipments.append(check_out(buyer).shipments.select_related("order__buyer").get())

    results = race(
        lambda shipment: cancel_shipment(shipment_id=shipment.pk, actor=shipment.order.buyer),
        [*shipments, shipments[0]],
    )

    assert len(refusals(results)) <= 1
    assert Coupon.objects.get().uses == 0
    assert CouponUse.objects.filter(given_back_at__lte=clock.now()).count() == 8
