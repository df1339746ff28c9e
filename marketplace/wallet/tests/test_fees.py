"""What the store pays out of its fees: a courier's fee, alone or with a refund."""

import pytest

from marketplace.common.errors import KeyReused
from marketplace.wallet.errors import HoldNotOpen
from marketplace.wallet.models import HoldKind, StoreWallet, Transaction, TransactionKind
from marketplace.wallet.selectors import WalletView, wallet_of
from marketplace.wallet.services import HoldRequest, pay_from_fees, place_holds, release_hold

pytestmark = pytest.mark.usefixtures("books_balance")


def fees() -> list[int]:
    rows = Transaction.objects.filter(wallet__code=StoreWallet.FEES)
    return list(rows.order_by("pk").values_list("balance_delta", flat=True))


def pay(person, amount=300, key="shipment:7:courier"):
    return pay_from_fees(owner_id=person.pk, amount=amount, key=key, subject=person, memo="Brought")


@pytest.fixture
def held(buyer, fund):
    """A buyer with 20.00 of 30.00 held for "shipment:7"."""
    fund(buyer, 3_000)
    request = HoldRequest(amount=2_000, open_key="shipment:7", subject=buyer)
    place_holds(owner_id=buyer.pk, kind=HoldKind.SHIPMENT, requests=[request])
    return buyer


def release(**kwargs):
    return release_hold(**{"open_key": "shipment:7", "key": "shipment:7:returned"} | kwargs)


def test_a_payment_comes_from_the_stores_fees(courier):
    row = pay(courier)

    assert wallet_of(courier.pk) == WalletView(balance=300)
    assert (row.kind, row.balance_delta, row.balance_after) == (TransactionKind.PAYMENT, 300, 300)
    assert (row.subject, row.memo) == (courier, "Brought")
    store = Transaction.objects.get(wallet__code=StoreWallet.FEES)
    assert (store.kind, store.balance_delta, store.journal) == (TransactionKind.FEE, -300, row.journal)


def test_the_same_payment_twice_is_paid_once(courier, stranger):
    assert pay(courier) == pay(courier)
    for person, amount in ((courier, 301), (stranger, 300)):
        with pytest.raises(KeyReused):
            pay(person, amount)

    assert wallet_of(courier.pk).balance == 300
    assert wallet_of(stranger.pk).balance == 0
    assert fees() == [-300]


@pytest.mark.parametrize("amount", [0, -1])
def test_a_payment_of_nothing_is_a_bug(courier, amount):
    with pytest.raises(ValueError):
        pay(courier, amount)

    assert fees() == []


def test_a_refund_and_a_fee_are_one_journal(held, courier, other_courier):
    done = release(from_fees={courier.pk: 300, other_courier.pk: 50}, memo="Came back")

    assert (done.status, done.released) == ("released", 2_000)
    assert wallet_of(held.pk) == WalletView(balance=3_000)
    assert wallet_of(courier.pk) == WalletView(balance=300)
    assert wallet_of(other_courier.pk) == WalletView(balance=50)
    assert fees() == [-350]
    journal = Transaction.objects.get(key="shipment:7:returned").journal
    assert Transaction.objects.filter(journal=journal, memo="Came back").count() == 4


def test_the_owner_of_the_hold_may_be_paid_too(held):
    release(from_fees={held.pk: 300})

    assert wallet_of(held.pk) == WalletView(balance=3_300)


def test_the_same_refund_and_fee_twice_are_paid_once(held, courier, stranger):
    for _ in range(2):
        release(from_fees={courier.pk: 300})
    for other in ({}, {courier.pk: 301}, {stranger.pk: 300}, {courier.pk: 300, stranger.pk: 1}):
        with pytest.raises(KeyReused):
            release(from_fees=other)

    assert wallet_of(held.pk) == WalletView(balance=3_000)
    assert wallet_of(courier.pk) == WalletView(balance=300)
    assert wallet_of(stranger.pk) == WalletView()
    assert fees() == [-300]


def test_a_refund_without_a_fee_is_not_repeated_with_one(held, courier):
    release()

    with pytest.raises(KeyReused):
        release(from_fees={courier.pk: 300})

    assert wallet_of(courier.pk) == WalletView()


def test_where_nothing_is_held_nobody_is_paid(held, courier):
    release(key="other")

    with pytest.raises(HoldNotOpen):
        release(from_fees={courier.pk: 300})
    with pytest.raises(ValueError):
        release(from_fees={courier.pk: 0})

    assert wallet_of(courier.pk) == WalletView()
    assert fees() == []
