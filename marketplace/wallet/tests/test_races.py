"""Money under sixteen threads. Each race has a control without locks that must go wrong."""

import pytest

from marketplace.common import limits
from marketplace.common.authorisation import SYSTEM
from marketplace.common.idempotency import new_form_key
from marketplace.notifications.models import Notification
from marketplace.wallet.errors import HoldNotOpen, InsufficientFunds
from marketplace.wallet.models import Hold, HoldKind, StoreWallet, TopUp, Transaction, Wallet
from marketplace.wallet.payments import demo, desk
from marketplace.wallet.selectors import WalletView, wallet_of
from marketplace.wallet.services import (
    HoldRequest,
    capture_hold,
    convert_hold,
    place_holds,
    release_hold,
    start_top_up,
    top_up_wallet,
    top_ups,
)
from marketplace.wallet.states import DemoState

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

RIVALS = 16


def errors(results, but=()):
    return [result for result in results if isinstance(result, Exception) and not isinstance(result, but)]


def hold(owner, number, amount=1_000):
    request = HoldRequest(amount=amount, open_key=f"shipment:{number}", subject=owner)
    return place_holds(owner_id=owner.pk, kind=HoldKind.SHIPMENT, requests=[request])


def test_a_wallet_that_can_pay_for_one_pays_for_one(buyer, fund, race, books_balance):
    fund(buyer, 1_999)

    results = race(lambda number: hold(buyer, number), range(RIVALS))

    assert Hold.objects.count() == 1
    assert errors(results, but=InsufficientFunds) == []
    assert wallet_of(buyer.pk) == WalletView(balance=999, held_balance=1_000)


@pytest.mark.breaks_books
def test_control_without_the_lock_the_same_money_is_held_more_than_once(
    buyer, fund, race, locks_rows, without_locks
):
    if not locks_rows:
        pytest.skip("SQLite locks the whole database")
    fund(buyer, 1_999)
    without_locks(RIVALS)

    race(lambda number: hold(buyer, number), range(RIVALS))

    assert Hold.objects.count() > 1


@pytest.fixture
def credits(monkeypatch):
    """The times that somebody set out to end a payment, to credit it."""
    seen = []
    move = top_ups._move
    monkeypatch.setattr(top_ups, "_move", lambda top_up, to: (seen.append(top_up.pk), move(top_up, to)))
    return seen


def test_sixteen_callbacks_credit_once(buyer, race, credits, books_balance):
    top_up = approved_top_up(buyer)

    results = race(lambda _rival: desk.look_at(actor=SYSTEM, top_up_id=top_up.pk), range(RIVALS))

    assert errors(results) == []
    assert len(credits) == 1
    assert wallet_of(buyer.pk).balance == 5_000
    assert Notification.objects.filter(recipient=buyer).count() == 1


def test_control_without_the_lock_many_callbacks_set_out_to_credit(
    buyer, race, credits, locks_rows, without_locks, books_balance
):
    """The payment's own state and the ledger's unique key stand behind it: the money still comes once."""
    if not locks_rows:
        pytest.skip("SQLite locks the whole database")
    top_up = approved_top_up(buyer)
    without_locks(RIVALS)

    race(lambda _rival: desk.look_at(actor=SYSTEM, top_up_id=top_up.pk), range(RIVALS))

    assert len(credits) > 1
    assert wallet_of(buyer.pk).balance == 5_000


def approved_top_up(buyer):
    key = new_form_key(user_id=buyer.pk, action="top_up")
    top_up = start_top_up(actor=buyer, amount=5_000, form_key=key)
    desk.payment_page(actor=buyer, top_up_id=top_up.pk, return_url="/")
    demo.decide(reference=f"demo_{top_up.public_id}", state=DemoState.APPROVED)
    return top_up


def test_one_form_sent_sixteen_times_is_one_payment(buyer, race, books_balance):
    key = new_form_key(user_id=buyer.pk, action="top_up")

    def send(_rival):
        with limits.unlimited():
            top_up = start_top_up(actor=buyer, amount=5_000, form_key=key)
        return desk.payment_page(actor=buyer, top_up_id=top_up.pk, return_url="/")

    results = race(send, range(RIVALS))

    assert errors(results) == []
    assert TopUp.objects.count() == 1
    assert len(set(results)) == 1


def test_a_first_wallet_is_made_once(buyer, race, books_balance):
    results = race(
        lambda number: top_up_wallet(owner_id=buyer.pk, amount=100, key=f"gift:{number}"), range(RIVALS)
    )

    assert errors(results) == []
    assert wallet_of(buyer.pk).balance == RIVALS * 100
    assert Wallet.objects.filter(code=StoreWallet.CASH).count() == 1


def test_release_and_capture_of_one_hold_happen_once_in_all(buyer, seller, fund, race, books_balance):
    fund(buyer, 1_000)
    hold(buyer, 1)

    def end(number):
        if number % 2:
            return release_hold(open_key="shipment:1", key=f"release:{number}")
        return capture_hold(open_key="shipment:1", payees={seller.pk: 1_000}, key=f"capture:{number}")

    results = race(end, range(RIVALS))

    assert len(errors(results)) == RIVALS - 1
    assert wallet_of(buyer.pk).balance + wallet_of(seller.pk).balance == 1_000


def convert(owner, number, becomes, amount=900):
    into = HoldRequest(amount=amount, open_key=f"shipment:{becomes}", subject=owner)
    return convert_hold(
        open_key=f"shipment:{number}", kind=HoldKind.SHIPMENT, into=into, key=f"convert:{number}:{becomes}"
    )


def convert_or_release(owner):
    """A call for `race`: of every two rivals one converts the hold "shipment:1", the other gives it back."""

    def end(number):
        if number % 2:
            return release_hold(open_key="shipment:1", key=f"release:{number}")
        return convert(owner, 1, 100 + number)

    return end


@pytest.mark.parametrize("against", ["conversions", "releases"])
def test_a_hold_becomes_another_once_or_goes_back(buyer, fund, race, books_balance, against):
    fund(buyer, 1_000)
    hold(buyer, 1)
    end = (
        convert_or_release(buyer) if against == "releases" else lambda number: convert(buyer, 1, 100 + number)
    )

    results = race(end, range(RIVALS))

    assert len(errors(results)) == RIVALS - 1
    assert errors(results, but=HoldNotOpen) == []
    [ended] = [result for result in results if not isinstance(result, Exception)]
    assert wallet_of(buyer.pk).held_balance == (900 if ended.open_key else 0)
    assert wallet_of(buyer.pk).balance + wallet_of(buyer.pk).held_balance == 1_000


@pytest.mark.parametrize("against", ["conversions", "releases"])
def test_control_without_the_lock_many_set_out_to_end_the_same_hold(
    buyer, fund, race, locks_rows, without_locks, books_balance, against
):
    """The hold's own state is the second line: whoever comes late finds it closed, and undoes what they did."""
    if not locks_rows:
        pytest.skip("SQLite locks the whole database")
    fund(buyer, 1_000)
    hold(buyer, 1)
    without_locks(RIVALS)
    end = (
        convert_or_release(buyer) if against == "releases" else lambda number: convert(buyer, 1, 100 + number)
    )

    results = race(end, range(RIVALS))

    assert len(errors(results)) == RIVALS - 1
    assert errors(results, but=HoldNotOpen) != []


def test_one_conversion_sent_sixteen_times_is_made_once(buyer, fund, race, books_balance):
    fund(buyer, 1_000)
    hold(buyer, 1)

    results = race(lambda _rival: convert(buyer, 1, 100).pk, range(RIVALS))

    assert errors(results) == []
    assert len(set(results)) == 1
    assert wallet_of(buyer.pk) == WalletView(balance=100, held_balance=900)


def test_all_that_one_wallet_holds_becomes_something_else_at_once(buyer, fund, race, books_balance):
    fund(buyer, RIVALS * 1_000)
    for number in range(RIVALS):
        hold(buyer, number)

    results = race(lambda number: convert(buyer, number, 100 + number), range(RIVALS))

    assert errors(results) == []
    assert wallet_of(buyer.pk) == WalletView(balance=RIVALS * 100, held_balance=RIVALS * 900)


@pytest.mark.breaks_books
def test_control_without_the_lock_money_is_lost_between_conversions(
    buyer, fund, race, locks_rows, without_locks
):
    if not locks_rows:
        pytest.skip("SQLite locks the whole database")
    fund(buyer, RIVALS * 1_000)
    for number in range(RIVALS):
        hold(buyer, number)
    without_locks(RIVALS)

    race(lambda number: convert(buyer, number, 100 + number), range(RIVALS))

    assert wallet_of(buyer.pk) != WalletView(balance=RIVALS * 100, held_balance=RIVALS * 900)


def test_people_who_pay_each_other_do_not_deadlock(person, fund, race, books_balance):
    """Every capture locks two wallets; taken in one order they only wait."""
    ann, bob = fund(person(), 10_000), fund(person(), 10_000)
    for number in range(RIVALS):
        hold((ann, bob)[number % 2], number, 100)

    def pay(number):
        payee = (bob, ann)[number % 2]
        return capture_hold(open_key=f"shipment:{number}", payees={payee.pk: 100}, key=f"pay:{number}")

    results = race(pay, range(RIVALS))

    assert errors(results) == []
    assert {wallet_of(ann.pk).balance, wallet_of(bob.pk).balance} == {10_000}
    assert Transaction.objects.filter(kind="payment").count() == 2 * RIVALS
