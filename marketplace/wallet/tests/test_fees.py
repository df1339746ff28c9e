"""What the store pays out of its fees, and what people pay into them."""

import pytest

from marketplace.common.errors import KeyReused
from marketplace.wallet.models import HoldKind, StoreWallet, Transaction, TransactionKind
from marketplace.wallet.selectors import WalletView, wallet_of
from marketplace.wallet.services import HoldRequest, charge, pay_from_fees, place_holds, release_hold

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


def test_the_owner_of_a_hold_may_be_paid_too(held):
    release_hold(open_key="shipment:7", key="shipment:7:returned")
    pay(held)

    assert wallet_of(held.pk) == WalletView(balance=3_300)


def test_a_payment_has_a_journal_of_its_own(held, courier):
    row = pay(courier)

    assert Transaction.objects.filter(journal=row.journal).count() == 2
    assert row.hold is None


class TestACharge:
    """What somebody pays into the store's fees out of what they can spend."""

    @staticmethod
    def ask(person, most=300, key="shipment:7:extra"):
        return charge(owner_id=person.pk, most=most, key=key, subject=person, memo="Waited")

    @pytest.mark.parametrize(("has", "takes"), [(0, 0), (1, 1), (299, 299), (300, 300), (5_000, 300)])
    def test_takes_what_is_there_and_no_more_than_it_may(self, buyer, fund, has, takes):
        if has:
            fund(buyer, has)

        assert self.ask(buyer) == takes
        assert wallet_of(buyer.pk).balance == has - takes
        assert fees() == ([takes] if takes else [])

    def test_leaves_what_is_held(self, held):
        assert self.ask(held, most=9_999) == 1_000
        assert wallet_of(held.pk) == WalletView(balance=0, held_balance=2_000)

    def test_the_same_twice_is_one(self, buyer, stranger, fund):
        fund(buyer, 5_000)
        fund(stranger, 5_000)
        assert [self.ask(buyer), self.ask(buyer)] == [300, 300]
        for person, most in ((stranger, 300), (buyer, 299)):
            with pytest.raises(KeyReused):
                self.ask(person, most)

        assert (wallet_of(buyer.pk).balance, wallet_of(stranger.pk).balance) == (4_700, 5_000)
        assert fees() == [300]

    @pytest.mark.parametrize("most", [0, -1])
    def test_of_nothing_is_a_bug(self, buyer, most):
        with pytest.raises(ValueError):
            self.ask(buyer, most)
