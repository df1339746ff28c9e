"""Many at once. Each race has a control without its lock that must go wrong (not on SQLite: it locks all)."""

import time
from contextlib import suppress
from itertools import count
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import IntegrityError, connection

from marketplace.common import locking, transactions
from marketplace.common.errors import Busy, Conflicts, DomainError, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.delivery.services import cancel_line, cancel_shipment
from marketplace.orders.models import Cart, CartLine, Order, Shipment, ShipmentEvent
from marketplace.orders.selectors import cart_view
from marketplace.orders.services import (
    CartRef,
    cancelling,
    change_quantity,
    checkout,
    place_order,
    placing,
)
from marketplace.products.models import StockMove, Variant
from marketplace.wallet.errors import InsufficientFunds
from marketplace.wallet.models import Hold, Wallet
from marketplace.wallet.selectors import wallet_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

RIVALS = 16
# Never one twice: a key that was deleted and not purged yet makes MariaDB lock the gap beside it, and one waits.
NEW_LINES = count(10**6)


@pytest.fixture
def crowd(person, fund):
    """`crowd(16)`: buyers with 1,000.00 each."""
    return lambda number: [fund(person(name=f"Buyer {n}"), 100_000) for n in range(number)]


def form_of(buyer) -> dict:
    """What the checkout page of this buyer would send."""
    view = cart_view(CartRef(user_id=buyer.pk))
    return {
        "actor": buyer,
        "form_key": new_form_key(user_id=buyer.pk, action="checkout"),
        "seen_total": view.total,
        "seen_lines": view.seen_lines,
    }


def send(form) -> Order:
    return place_order(**form)


def refusals(results) -> list[Exception]:
    return [result for result in results if isinstance(result, Exception)]


def unlocked(ids) -> dict[int, Variant]:
    """As `lock_variants`, without the lock."""
    variants = Variant.objects.select_related("product").in_bulk(list(ids))
    for variant in variants.values():
        variant.product.shop_is_open = True
        variant.product.fetch_public_id = None  # nobody has named a pick-up place
        variant.product.is_small_business, variant.product.tax_class = False, "standard"
    return variants


def naive_take_stock(*, variants, quantities, cause):
    """Read, then write what was read less one: what the row lock is there to make safe."""
    for variant_id, quantity in quantities.items():
        left = Variant.objects.get(pk=variant_id).stock - quantity
        Variant.objects.filter(pk=variant_id).update(stock=max(left, 0))
        StockMove.objects.create(
            variant_id=variant_id, delta=-quantity, kind="sold", key=f"sold:{cause}:{variant_id}"
        )


class TestTheLastItem:
    @pytest.fixture
    def rivals(self, crowd, goods, fill_cart):
        last = goods(price=1000, stock=1)
        buyers = crowd(RIVALS)
        for buyer in buyers:
            fill_cart(buyer, {last: 1})
        return [form_of(buyer) for buyer in buyers]

    def test_is_sold_once(self, rivals, race, books_balance):
        results = race(send, rivals)

        assert Order.objects.count() == 1
        assert len(refusals(results)) == RIVALS - 1
        for error in refusals(results):
            assert isinstance(error, Conflicts)
            assert [problem.kind for problem in error.problems] == ["sold_out"]
        assert CartLine.objects.count() == RIVALS - 1
        assert Variant.objects.get().stock == 0

    @pytest.mark.breaks_books
    def test_control_without_the_lock_it_is_sold_many_times(
        self, rivals, race, locks_rows, without_locks, monkeypatch
    ):
        if not locks_rows:
            pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")
        together = Barrier(RIVALS)

        def read_then_wait(ids):
            rows = unlocked(ids)
            with suppress(BrokenBarrierError):  # on MariaDB some wait for others' form keys, and come late
                together.wait(timeout=2)
            return rows

        without_locks()
        monkeypatch.setattr(checkout, "lock_variants", read_then_wait)
        monkeypatch.setattr(placing, "take_stock", naive_take_stock)

        race(send, rivals)

        assert Order.objects.count() > 1


class TestOneWalletAndTwoCheckouts:
    @pytest.fixture
    def buyer_of_two(self, person, fund, goods, fill_cart):
        """100.00 and a cart of 80.00; the second checkout is of another cart, filled between."""
        buyer = fund(person(name="Bea"), 10_000)
        fill_cart(buyer, {goods(price=8000, stock=9): 1})
        return buyer

    def test_the_money_is_held_once(self, buyer_of_two, race, books_balance):
        """The same cart from two tabs with two keys: one order, the other finds the cart ordered."""
        results = race(send, [form_of(buyer_of_two), form_of(buyer_of_two)])

        assert Order.objects.count() == 1
        assert [type(error) for error in refusals(results)] == [StaleState]
        assert wallet_of(buyer_of_two.pk).held_balance == 8000

    def test_two_carts_do_not_spend_the_same_money(self, buyer_of_two, race, monkeypatch, books_balance):
        self.give_each_checkout_its_own_cart(monkeypatch, buyer_of_two)

        results = race(send, [form_of(buyer_of_two), form_of(buyer_of_two)])

        assert Order.objects.count() == 1
        assert [type(error) for error in refusals(results)] == [InsufficientFunds]
        assert wallet_of(buyer_of_two.pk).balance == 2000

    @pytest.mark.breaks_books
    def test_control_without_the_lock_the_same_money_is_spent_twice(
        self, buyer_of_two, race, locks_rows, without_locks, monkeypatch
    ):
        if not locks_rows:
            pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")
        self.give_each_checkout_its_own_cart(monkeypatch, buyer_of_two)
        both_have_read = Barrier(2)
        with_lock = locking.for_update

        def wallets_unlocked(queryset):
            if queryset.model is not Wallet:
                return with_lock(queryset)
            rows = list(queryset)
            with suppress(BrokenBarrierError):  # MariaDB may have stopped the other one before
                both_have_read.wait(timeout=5)
            return _Read(queryset.model, rows)

        monkeypatch.setattr(locking, "for_update", wallets_unlocked)
        monkeypatch.setattr(transactions, "TRIES", 1)
        # The variant's lock comes first and would keep the two apart.
        monkeypatch.setattr(checkout, "lock_variants", unlocked)
        monkeypatch.setattr(placing, "take_stock", lambda **given: None)

        results = race(send, [form_of(buyer_of_two), form_of(buyer_of_two)])

        if connection.vendor == "mysql" and refusals(results):
            # It trips over itself: the hold's foreign key locks the wallet's row against both (M5).
            assert [type(error) for error in refusals(results)] == [Busy]
            return
        assert refusals(results) == []
        assert sum(hold.amount for hold in Hold.objects.all()) == 16_000

    @staticmethod
    def give_each_checkout_its_own_cart(monkeypatch, buyer):
        """As two auctions won at once will be: other carts, one wallet."""
        monkeypatch.setattr(checkout, "lock_cart", lambda ref: Cart.objects.get(user_id=buyer.pk))
        read = checkout._read

        def other_line(cart_id, to):
            return [row | {"pk": next(NEW_LINES)} for row in read(cart_id=cart_id, to=to)]

        monkeypatch.setattr(checkout, "_read", other_line)


class _Read:
    """Rows that were read without a lock, as `lock_all` takes them."""

    def __init__(self, model, rows):
        self.model, self.rows = model, rows

    def __iter__(self):
        return iter(self.rows)


class TestOneFormSentSixteenTimes:
    @pytest.fixture
    def buyer_with_cart(self, person, fund, goods, fill_cart):
        buyer = fund(person(name="Bea"), 100_000)
        fill_cart(buyer, {goods(price=1000, stock=99): 1})
        return buyer

    def test_is_one_order_and_sixteen_times_the_same_answer(self, buyer_with_cart, race, books_balance):
        results = race(send, [form_of(buyer_with_cart)] * RIVALS)

        assert refusals(results) == []
        assert Order.objects.count() == 1
        assert {order.number for order in results} == {Order.objects.get().number}
        assert wallet_of(buyer_with_cart.pk).held_balance == 1000

    def test_control_without_the_key_the_others_are_refused(self, buyer_with_cart, race, monkeypatch):
        monkeypatch.setattr(checkout.idempotency, "begin", lambda **given: None)

        results = race(send, [form_of(buyer_with_cart)] * RIVALS)

        assert len(refusals(results)) == RIVALS - 1


class TestACartEditedDuringCheckout:
    @pytest.fixture
    def buyer_with_cart(self, person, fund, goods, fill_cart):
        buyer = fund(person(name="Bea"), 100_000)
        fill_cart(buyer, {goods(price=1000, stock=99): 1, goods(price=500, stock=99): 1})
        return buyer

    @staticmethod
    def edit_and_order(buyer, race, before_the_edit=lambda: None):
        form = form_of(buyer)
        line = CartLine.objects.filter(cart__user=buyer).order_by("pk").first().pk

        def edit():
            before_the_edit()
            return change_quantity(cart=CartRef(user_id=buyer.pk), line_id=line, quantity=5)

        return race(lambda action: action(), [lambda: send(form), edit])

    def test_is_ordered_as_it_was_seen_or_not_at_all(self, buyer_with_cart, race, books_balance):
        ordered, edited = self.edit_and_order(buyer_with_cart, race)

        if isinstance(ordered, Exception):
            assert isinstance(ordered, Conflicts)
            assert edited.quantity == 5
            assert CartLine.objects.count() == 2
        else:
            assert isinstance(edited, StaleState)
            assert ordered.total == 1500
            assert not CartLine.objects.exists()

    def test_an_edit_waits_for_the_order_and_finds_nothing_to_change(
        self, buyer_with_cart, race, monkeypatch, books_balance
    ):
        meet = self.stop_the_order_once_it_has_read_the_cart(monkeypatch)

        ordered, edited = self.edit_and_order(buyer_with_cart, race, before_the_edit=meet)

        assert ordered.total == 1500
        assert isinstance(edited, StaleState)
        assert not CartLine.objects.exists()

    def test_control_without_the_lock_the_edit_is_lost(
        self, buyer_with_cart, race, locks_rows, without_locks, monkeypatch
    ):
        if not locks_rows:
            pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")
        without_locks()
        meet = self.stop_the_order_once_it_has_read_the_cart(monkeypatch)

        ordered, edited = self.edit_and_order(buyer_with_cart, race, before_the_edit=meet)

        # The person was told that they have five now, and one was ordered.
        assert ordered.total == 1500
        assert edited.quantity == 5

    @staticmethod
    def stop_the_order_once_it_has_read_the_cart(monkeypatch):
        """The order waits there for the edit to begin, and long enough for it to go through if it can."""
        both_are_here = Barrier(2)
        lock_variants = checkout.lock_variants

        def wait_then_lock(ids):
            both_are_here.wait(timeout=20)
            time.sleep(0.5)
            return lock_variants(ids)

        monkeypatch.setattr(checkout, "lock_variants", wait_then_lock)
        return lambda: both_are_here.wait(timeout=20)


class TestCancelling:
    @pytest.fixture
    def shipment(self, person, fund, goods, fill_cart):
        buyer = fund(person(name="Bea"), 100_000)
        fill_cart(buyer, {goods(price=1000, stock=5): 3})
        return send(form_of(buyer)).shipments.get()

    def test_twice_at_once_gives_back_once(self, shipment, race, books_balance):
        buyer = shipment.order.buyer

        results = race(lambda _n: cancel_shipment(shipment_id=shipment.pk, actor=buyer), range(8))

        assert refusals(results) == []
        assert ShipmentEvent.objects.filter(to_status="cancelled").count() == 1
        assert wallet_of(buyer.pk).balance == 100_000
        assert Variant.objects.get().stock == 5

    def test_pieces_by_eight_clicks_at_once_are_never_more_than_there_were(
        self, shipment, race, books_balance
    ):
        buyer, line = shipment.order.buyer, shipment.lines.get()

        def click(_n):
            key = new_form_key(user_id=buyer.pk, action="cancel_line", subject=line.pk)
            return cancel_line(line_id=line.pk, quantity=1, actor=buyer, form_key=key)

        results = race(click, range(8))

        assert len(refusals(results)) == 5
        assert all(isinstance(error, DomainError) for error in refusals(results))
        assert Shipment.objects.get().total == 0
        assert Variant.objects.get().stock == 5

    def test_control_without_the_locks_they_run_into_the_key_of_the_stock(
        self, shipment, race, locks_rows, without_locks, monkeypatch, books_balance
    ):
        """The second line: a piece comes back into the stock once. With the locks all three would go through."""
        if not locks_rows:
            pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")
        buyer, line = shipment.order.buyer, shipment.lines.get()
        without_locks()
        all_have_read = Barrier(3)
        name_of = cancelling._cause

        def wait_then_name(*given):
            all_have_read.wait(timeout=20)
            return name_of(*given)

        monkeypatch.setattr(cancelling, "_cause", wait_then_name)

        def click(_n):
            key = new_form_key(user_id=buyer.pk, action="cancel_line", subject=line.pk)
            return cancel_line(line_id=line.pk, quantity=1, actor=buyer, form_key=key)

        results = race(click, range(3))

        assert [type(error) for error in refusals(results)] == [IntegrityError, IntegrityError]
        key = f"restocked:shipment:{shipment.pk}:cancelled:1"
        assert all(key in str(error) for error in refusals(results))
        assert Shipment.objects.get().total == 2000


def test_carts_in_opposite_order_do_not_deadlock(
    crowd, goods, seller, other_seller, fill_cart, race, monkeypatch
):
    """Locks are taken by primary key, whatever the order in the cart: nobody needs a second try."""
    first, second = goods(seller, stock=100), goods(other_seller, stock=100)
    buyers = crowd(12)
    for number, buyer in enumerate(buyers):
        pair = (first, second) if number % 2 else (second, first)
        fill_cart(buyer, dict.fromkeys(pair, 1))
    monkeypatch.setattr("marketplace.common.transactions.TRIES", 1)

    results = race(send, [form_of(buyer) for buyer in buyers])

    assert refusals(results) == []
    assert Order.objects.count() == len(buyers)
    assert list(Variant.objects.values_list("stock", flat=True)) == [88, 88]
