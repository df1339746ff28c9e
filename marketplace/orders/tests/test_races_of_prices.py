"""A price changes while somebody checks out: they pay what they saw, or are asked again; never a new price unseen."""

import time
from threading import Barrier

import pytest

from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Conflicts
from marketplace.common.idempotency import new_form_key
from marketplace.orders.models import CartLine, Order
from marketplace.orders.selectors import cart_view
from marketplace.orders.services import CartRef, checkout, place_order
from marketplace.products.services import change_price
from marketplace.wallet.selectors import wallet_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

SEEN, NEW = 1000, 1500


@pytest.fixture
def lamp(goods):
    return goods(price=SEEN, stock=99)


@pytest.fixture
def buyer(person, fund, lamp, fill_cart):
    """Somebody with 1,000.00 whose checkout page shows a lamp at 10.00."""
    buyer = fund(person(name="Bea"), 100_000)
    fill_cart(buyer, {lamp: 1})
    return buyer


@pytest.fixture
def order(buyer):
    """`order()`: send the checkout page as it was drawn before anything happened."""
    view = cart_view(CartRef(user_id=buyer.pk))
    form = {
        "actor": buyer,
        "form_key": new_form_key(user_id=buyer.pk, action="checkout"),
        "seen_total": view.total,
        "seen_lines": view.seen_lines,
    }
    return lambda: place_order(**form)


@pytest.fixture
def raise_price(lamp):
    """`raise_price()`: from 10.00 to 15.00."""
    lamps = lamp.variants.get().pk
    return lambda: change_price(variant_id=lamps, price=NEW, actor=SYSTEM)


def both(race, *actions):
    return race(lambda action: action(), actions)


@pytest.mark.parametrize("turn", range(4))
def test_they_pay_what_they_saw_or_are_asked_again(
    buyer, lamp, order, raise_price, race, books_balance, turn
):
    ordered, changed = both(race, order, raise_price)

    assert not isinstance(changed, Exception)
    assert lamp.variants.get().current_price == NEW
    if isinstance(ordered, Exception):
        assert isinstance(ordered, Conflicts)
        assert [problem.kind for problem in ordered.problems] == ["price_risen"]
        assert not Order.objects.exists()
        assert CartLine.objects.get().price_seen == SEEN
        assert wallet_of(buyer.pk).held_balance == 0
    else:
        assert ordered.total == wallet_of(buyer.pk).held_balance == SEEN


def test_a_change_just_before_the_goods_are_locked_is_asked_about(
    buyer, order, raise_price, race, monkeypatch, books_balance, locks_rows
):
    """The order's transaction has begun, and has read its cart."""
    if not locks_rows:
        pytest.skip("SQLite's BEGIN IMMEDIATE lets nobody in between")
    lock = checkout.lock_variants

    def change_then_lock(ids):
        assert not isinstance(race(lambda action: action(), [raise_price])[0], Exception)
        return lock(ids)

    monkeypatch.setattr(checkout, "lock_variants", change_then_lock)

    with pytest.raises(Conflicts) as refused:
        order()

    assert [problem.kind for problem in refused.value.problems] == ["price_risen"]
    assert "from €10.00 to €15.00" in str(refused.value.problems[0])
    assert not Order.objects.exists()
    assert wallet_of(buyer.pk).balance == 100_000


def test_control_without_the_comparison_the_new_price_is_paid_unseen(buyer, order, raise_price, monkeypatch):
    agree, deliveries = checkout._agree, checkout._deliveries

    def believe(rows, variants, prices, seen_lines, buyer_id):
        rows = [row | {"price_seen": prices[row["variant_id"]]} for row in rows]
        return agree(rows, variants, prices, seen_lines, buyer_id)

    def believe_total(wanted, door, _seen_total, seen_delivery):
        return deliveries(wanted, door, sum(line.item.total for line in wanted), seen_delivery)

    monkeypatch.setattr(checkout, "_agree", believe)
    monkeypatch.setattr(checkout, "_deliveries", believe_total)
    raise_price()

    assert order().total == NEW


class TestAChangeDuringAnOrder:
    def meet(self, monkeypatch):
        """The order waits with its goods read and locked until the change begins, and long enough for it to go
        through if it can. Returns where the change comes to the meeting."""
        both_are_here = Barrier(2)
        lock = checkout.lock_variants

        def lock_then_wait(ids):
            rows = lock(ids)
            both_are_here.wait(timeout=20)
            time.sleep(0.7)
            return rows

        monkeypatch.setattr(checkout, "lock_variants", lock_then_wait)
        return lambda: both_are_here.wait(timeout=20)

    def order_and_change(self, order, raise_price, race, monkeypatch):
        meet, done = self.meet(monkeypatch), []

        def buy():
            made = order()
            done.append("ordered")
            return made

        def change():
            meet()
            raise_price()
            done.append("changed")

        ordered, changed = both(race, buy, change)
        assert changed is None
        return ordered, done

    def test_waits_for_it(self, order, raise_price, race, monkeypatch, books_balance):
        ordered, _done = self.order_and_change(order, raise_price, race, monkeypatch)

        assert ordered.total == SEEN
        assert Order.objects.get().shipments.get().lines.get().unit_price == SEEN

    def test_control_without_the_lock_something_is_sold_at_a_price_that_it_has_no_more(
        self, lamp, order, raise_price, race, monkeypatch, locks_rows, without_locks
    ):
        if not locks_rows:
            pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")
        without_locks()

        ordered, done = self.order_and_change(order, raise_price, race, monkeypatch)

        assert done == ["changed", "ordered"]
        assert ordered.total == SEEN
        assert lamp.variants.get().current_price == NEW
