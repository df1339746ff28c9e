"""The one way in which rows of the ledger are written."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.common.errors import Invalid
from marketplace.common.money import MAX_MONEY
from marketplace.common.transactions import service
from marketplace.wallet.ledger import Movement, post, store_wallet
from marketplace.wallet.models import StoreWallet, Transaction, TransactionKind
from marketplace.wallet.selectors import WalletView, wallet_of
from marketplace.wallet.services import lock_wallets, top_up_wallet

pytestmark = pytest.mark.usefixtures("books_balance")


@service
def move(person, **deltas):
    """Change somebody's wallet by `balance` and `held`; the store's cash stands against it (`cash`)."""
    cash = deltas.pop("cash", -sum(deltas.values()))
    wallet = lock_wallets(owner_ids=[person.pk])[person.pk]
    movements = [Movement(wallet, TransactionKind.ADJUSTMENT, key="theirs", **deltas)]
    if cash:
        store = store_wallet(StoreWallet.CASH)
        movements.append(Movement(store, TransactionKind.ADJUSTMENT, key="ours", balance=cash))
    return post(movements)


def test_a_journal_that_does_not_sum_to_zero_is_a_bug(buyer):
    with pytest.raises(ValueError, match="sum to zero"):
        move(buyer, balance=100, cash=-99)

    assert not Transaction.objects.exists()


@pytest.mark.parametrize("deltas", [{"balance": -101}, {"balance": 50, "held": -1}], ids=str)
def test_a_wallet_below_zero_is_a_bug_before_the_database_says_so(buyer, fund, deltas):
    fund(buyer, 100)

    with pytest.raises(ValueError, match="below zero"):
        move(buyer, **deltas)

    assert wallet_of(buyer.pk) == WalletView(balance=100)


def test_a_wallet_may_be_emptied(buyer, fund):
    fund(buyer, 100)
    move(buyer, balance=-100)

    assert wallet_of(buyer.pk) == WalletView()


def test_a_wallet_holds_no_more_than_it_can(buyer, fund):
    fund(buyer, MAX_MONEY)

    with pytest.raises(Invalid, match="that much"):
        top_up_wallet(owner_id=buyer.pk, amount=1, key="more")

    assert wallet_of(buyer.pk) == WalletView(balance=MAX_MONEY)


@pytest.mark.breaks_books
@pytest.mark.parametrize("held", [MAX_MONEY, MAX_MONEY + 1])
def test_nor_may_more_than_that_be_held(buyer, held):
    """Held without a hold: only the sum is looked at here."""
    if held > MAX_MONEY:
        with pytest.raises(Invalid, match="that much"):
            move(buyer, held=held)
        return
    move(buyer, held=held)

    assert wallet_of(buyer.pk) == WalletView(held_balance=MAX_MONEY)


def test_the_stores_rows_have_no_balances_after(buyer):
    top_up_wallet(owner_id=buyer.pk, amount=5, key="first")

    theirs, ours = Transaction.objects.order_by("pk")
    assert (theirs.balance_after, theirs.held_after) == (5, 0)
    assert (ours.balance_after, ours.held_after) == (None, None)


def test_a_store_wallet_that_is_there_is_found_with_one_statement(fund, buyer, django_assert_num_queries):
    fund(buyer, 100)

    with django_assert_num_queries(1):
        assert store_wallet(StoreWallet.CASH).code == StoreWallet.CASH


def test_one_wallet_that_moves_is_written_plainly(fund, buyer):
    """As an order does it: without a CASE a row."""
    fund(buyer, 100)

    with CaptureQueriesContext(connection) as queries:
        move(buyer, balance=5)

    updates = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    assert len(updates) == 1
    assert "CASE" not in updates[0]
