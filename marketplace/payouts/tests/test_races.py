"""Payouts under many threads. Each race has a control without locks that must go wrong."""

from threading import Barrier, BrokenBarrierError

import pytest

from marketplace.accounts.models import Role
from marketplace.common import limits
from marketplace.common.idempotency import new_form_key
from marketplace.payouts.errors import NotEarned, NothingToBatch
from marketplace.payouts.models import Payout, PayoutBatch, PayoutEvent
from marketplace.payouts.services import (
    approve_payout,
    batching,
    deciding,
    decline_payout,
    make_batch,
    request_payout,
    send_batch,
    withdraw_batch,
)
from marketplace.payouts.shown import mark_of_payout
from marketplace.wallet.errors import InsufficientFunds
from marketplace.wallet.models import HoldKind
from marketplace.wallet.selectors import WalletView, wallet_of
from marketplace.wallet.services import HoldRequest, holds, place_holds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

RIVALS = 8


@pytest.fixture
def without(locks_rows, without_locks):
    """The control: no locks, and so many rivals read before one of them writes."""

    def remove(rivals):
        if not locks_rows:
            pytest.skip("SQLite locks the whole database")
        without_locks(rivals)

    return remove


def errors(results, but=()):
    return [result for result in results if isinstance(result, Exception) and not isinstance(result, but)]


class TestTwoRequestsAtOnce:
    @pytest.fixture
    def ask(self, seller, ready, race, settings):
        settings.PAYOUTS_A_DAY = RIVALS
        ready(seller, 1_500)
        keys = [new_form_key(user_id=seller.pk, action="payout") for _rival in range(RIVALS)]

        def one(key):
            with limits.unlimited():
                return request_payout(actor=seller, amount=1_000, form_key=key)

        return lambda: race(one, keys)

    def test_what_is_there_once_is_paid_out_once(self, ask, seller):
        assert errors(ask(), but=NotEarned) == []

        assert Payout.objects.count() == 1
        assert wallet_of(seller.pk) == WalletView(500, 1_000)

    @pytest.mark.breaks_books
    def test_control_without_the_lock_it_is_more(self, ask, without):
        without(RIVALS)

        ask()

        assert Payout.objects.count() > 1


class TestThePayoutAndAPurchase:
    @pytest.fixture
    def both(self, seller, ready, race):
        ready(seller, 1_500)
        key = new_form_key(user_id=seller.pk, action="payout")

        def pay_out():
            return request_payout(actor=seller, amount=1_000, form_key=key)

        def purchase():
            request = HoldRequest(1_000, "shipment:1", seller)
            return place_holds(owner_id=seller.pk, kind=HoldKind.SHIPMENT, requests=[request])

        return lambda: race(lambda act: act(), [pay_out, purchase])

    @pytest.fixture
    def taken(self, monkeypatch):
        """The times that somebody had looked into the wallet, found enough and set out to take it."""
        seen, take = [], holds._open
        monkeypatch.setattr(holds, "_open", lambda *asked: (seen.append(asked[1]), take(*asked))[1])
        return seen

    def test_one_of_them_gets_the_money_and_the_other_is_told_why(self, both, seller, taken):
        [refusal] = errors(both())

        assert isinstance(refusal, NotEarned | InsufficientFunds)
        assert len(taken) == 1
        assert wallet_of(seller.pk) == WalletView(500, 1_000)

    @pytest.mark.breaks_books
    def test_control_without_the_lock_both_take_it(self, both, taken, without, monkeypatch):
        """On MariaDB a deadlock of the two then undoes one; PostgreSQL keeps both."""
        without(0)
        together, take = Barrier(2), holds._open

        def wait_and_take(*asked):
            if len(taken) < 2:
                together.wait(timeout=20)
            return take(*asked)

        monkeypatch.setattr(holds, "_open", wait_and_take)

        both()

        assert {str(kind) for kind in taken[:2]} == {"payout", "shipment"}


class TestTwoAdminsOnOnePayout:
    @pytest.fixture
    def steps(self, monkeypatch):
        """The times that somebody set out to move the payout on."""
        seen, advance = [], deciding.advance
        monkeypatch.setattr(
            deciding, "advance", lambda *row, **said: (seen.append(row), advance(*row, **said))
        )
        return seen

    @pytest.fixture
    def both(self, seller, ready, race, admin, person, steps, payouts):
        payout, other = payouts.ask(ready(seller, 1_500), 1_000), person(Role.ADMIN)
        mark = mark_of_payout(payout)

        def approve():
            return approve_payout(payout_id=payout.pk, actor=admin, expected=mark)

        def decline():
            return decline_payout(payout_id=payout.pk, actor=other, reason="No", expected=mark)

        return lambda: race(lambda act: act(), [approve, decline])

    def test_one_wins_and_the_other_one_finds_that_it_has_moved_on(self, both, steps):
        [refusal] = errors(both())

        assert (refusal.status, len(steps)) == (409, 1)
        assert PayoutEvent.objects.exclude(status="requested").count() == 1

    def test_control_without_the_lock_both_set_out(self, both, steps, without):
        """The payout's own state stands behind it: one of them is undone."""
        without(2)

        [refusal] = errors(both())

        assert (refusal.status, len(steps)) == (409, 2)
        assert PayoutEvent.objects.exclude(status="requested").count() == 1


class TestTwoAdminsMakeTheFile:
    @pytest.fixture
    def both(self, seller, ready, race, admin, person, payouts):
        ready(seller, 1_500)
        payouts.approve(payouts.ask(seller, 500), admin)
        payouts.make_file(admin)  # the series is there
        payouts.approve(payouts.ask(seller, 1_000), admin)
        makers = [admin, person(Role.ADMIN)]
        keys = [new_form_key(user_id=maker.pk, action="payout_batch") for maker in makers]

        def one(who):
            return make_batch(actor=makers[who], kind="csv", form_key=keys[who])

        return lambda: race(one, [0, 1])

    def test_one_file_holds_it(self, both):
        [refusal] = errors(both())

        assert isinstance(refusal, NothingToBatch)
        assert [batch.payouts.count() for batch in PayoutBatch.objects.all()] == [1, 1]

    def test_control_without_the_lock_both_number_it_alike(self, both, without, monkeypatch):
        """The number's unique key stands behind it: one of them fails, and not with a sentence for a person."""
        without(0)
        together, number = Barrier(2), batching.next_number

        def wait_and_number(series):
            together.wait(timeout=20)
            return number(series)

        monkeypatch.setattr(batching, "next_number", wait_and_number)

        [failure] = errors(both())

        assert not isinstance(failure, NothingToBatch | BrokenBarrierError)


class TestOneWithdrawsTheFileAndOneSendsIt:
    @pytest.fixture
    def steps(self, monkeypatch):
        """The times that somebody found that they may, and set out."""
        seen = []
        for name in ("require_batch_withdrawable", "require_batch_sendable"):
            require = getattr(batching, name)

            def note(actor, batch, require=require):
                require(actor, batch)
                seen.append(actor.pk)

            monkeypatch.setattr(batching, name, note)
        return seen

    @pytest.fixture
    def two(self, seller, ready, race, admin, person, payouts):
        payouts.approve(payouts.ask(ready(seller, 1_500), 1_000), admin)
        batch, other = payouts.make_file(admin), person(Role.ADMIN)

        def withdraw(who):
            return withdraw_batch(batch_id=batch.pk, reason="Wrong day", actor=who)

        def send(who):
            return send_batch(batch_id=batch.pk, reference="BANK-1", actor=who)

        acts = {"withdraw": withdraw, "send": send}
        return lambda first: race(lambda act: act(), [lambda: acts[first](admin), lambda: withdraw(other)])

    @pytest.mark.parametrize("first", ["withdraw", "send"])
    def test_one_wins_and_the_other_one_finds_that_it_has_moved_on(self, two, first, seller):
        [refusal] = errors(two(first))

        assert refusal.status == 409
        batch = PayoutBatch.objects.get()
        assert (batch.sent_at is None) != (batch.withdrawn_at is None)
        assert wallet_of(seller.pk).held_balance == (1_000 if batch.withdrawn_at else 0)

    @pytest.mark.breaks_books
    @pytest.mark.parametrize("first", ["withdraw", "send"])
    def test_control_without_the_lock_both_set_out(self, two, first, without, steps):
        without(2)

        two(first)

        assert len(set(steps)) == 2
