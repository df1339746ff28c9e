import uuid

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from marketplace.common.errors import KeyReused
from marketplace.wallet.errors import HoldNotOpen, InsufficientFunds
from marketplace.wallet.models import Hold, HoldKind, StoreWallet, Transaction, TransactionKind, Wallet
from marketplace.wallet.selectors import WalletView, wallet_of
from marketplace.wallet.services import (
    HoldRequest,
    capture_hold,
    holds,
    place_holds,
    release_hold,
    top_up_wallet,
)
from marketplace.wallet.states import HoldStatus

pytestmark = pytest.mark.usefixtures("books_balance")


def hold(owner, *amounts, start=1):
    """Hold these amounts under the keys "shipment:1", "shipment:2", …; the owner stands in as the subject."""
    requests = [
        HoldRequest(amount=amount, open_key=f"shipment:{number}", subject=owner)
        for number, amount in enumerate(amounts, start)
    ]
    return place_holds(owner_id=owner.pk, kind=HoldKind.SHIPMENT, requests=requests)


def release(number=1, **kwargs):
    kwargs.setdefault("key", f"release:{uuid.uuid4().hex}")
    return release_hold(open_key=f"shipment:{number}", **kwargs)


def test_a_wallet_that_was_never_used_is_empty(buyer):
    assert wallet_of(buyer.pk) == WalletView(balance=0, held_balance=0)
    assert not Wallet.objects.exists()


def test_a_top_up_comes_from_the_cash_wallet(buyer):
    row = top_up_wallet(owner_id=buyer.pk, amount=5_000, key="first", memo="Welcome")

    assert wallet_of(buyer.pk) == WalletView(balance=5_000)
    assert (row.kind, row.balance_delta, row.balance_after) == (TransactionKind.TOP_UP, 5_000, 5_000)
    cash = Transaction.objects.get(wallet__code=StoreWallet.CASH)
    assert (cash.balance_delta, cash.balance_after, cash.journal) == (-5_000, None, row.journal)


def test_the_same_top_up_twice_counts_once(buyer, stranger):
    for _ in range(2):
        top_up_wallet(owner_id=buyer.pk, amount=5_000, key="first")
    for other in ({"owner_id": buyer.pk, "amount": 6_000}, {"owner_id": stranger.pk, "amount": 5_000}):
        with pytest.raises(KeyReused):
            top_up_wallet(key="first", **other)

    assert wallet_of(buyer.pk).balance == 5_000
    assert wallet_of(stranger.pk).balance == 0


def test_holds_move_money_from_the_balance_to_what_is_held(buyer, fund):
    fund(buyer, 5_000)

    first, second = hold(buyer, 1_000, 2_500)

    assert wallet_of(buyer.pk) == WalletView(balance=1_500, held_balance=3_500)
    assert (first.open_key, first.status, first.outstanding) == ("shipment:1", HoldStatus.OPEN, 1_000)
    rows = Transaction.objects.filter(kind=TransactionKind.ESCROW_HOLD).order_by("pk")
    assert [(row.hold_id, row.balance_after, row.held_after) for row in rows] == [
        (first.pk, 4_000, 1_000),
        (second.pk, 1_500, 3_500),
    ]
    assert len({row.journal for row in rows}) == 1
    assert rows[0].subject == buyer


def test_holds_are_all_or_nothing(buyer, fund):
    fund(buyer, 3_000)

    with pytest.raises(InsufficientFunds) as refused:
        hold(buyer, 1_000, 2_500)

    assert (refused.value.needed, refused.value.available, refused.value.missing) == (3_500, 3_000, 500)
    assert "€5.00 is missing" in str(refused.value)
    assert wallet_of(buyer.pk) == WalletView(balance=3_000)
    assert not Hold.objects.exists()


def test_nothing_to_hold_holds_nothing(buyer, fund):
    fund(buyer, 3_000)

    assert hold(buyer) == []
    assert wallet_of(buyer.pk) == WalletView(balance=3_000)


def test_a_wallet_that_was_never_used_cannot_hold(buyer):
    with pytest.raises(InsufficientFunds) as refused:
        hold(buyer, 1)

    assert refused.value.missing == 1


def test_a_purpose_has_one_open_hold(buyer, fund):
    fund(buyer, 3_000)
    hold(buyer, 1_000)

    with pytest.raises(IntegrityError), transaction.atomic():
        hold(buyer, 1_000)

    assert wallet_of(buyer.pk) == WalletView(balance=2_000, held_balance=1_000)


@pytest.mark.parametrize("amounts", [(0,), (-1,), (1_000, 0)])
def test_a_hold_of_nothing_is_a_bug(buyer, fund, amounts):
    fund(buyer, 3_000)

    with pytest.raises(ValueError):
        hold(buyer, *amounts)


@pytest.mark.parametrize("count", [1, 30])
def test_holds_cost_the_same_statements_however_many_there_are(buyer, fund, count):
    fund(buyer, 5_000)
    hold(buyer, 1, start=100)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        hold(buyer, *[10] * count)

    writes = [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE"))]
    reads = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    assert (len(writes), len(reads)) == (3, 1)


def test_releasing_gives_all_back_and_closes_the_hold(buyer, fund):
    fund(buyer, 3_000)
    hold(buyer, 1_000)

    done = release(memo="Cancelled")

    assert wallet_of(buyer.pk) == WalletView(balance=3_000)
    assert (done.status, done.released, done.open_key, done.outstanding) == ("released", 1_000, None, 0)
    assert done.resolved_at
    assert Transaction.objects.latest("pk").memo == "Cancelled"


def test_a_part_may_go_back_first_and_the_rest_later(buyer, fund):
    fund(buyer, 3_000)
    hold(buyer, 1_000)

    part = release(amount=300)
    assert (part.status, part.outstanding) == (HoldStatus.OPEN, 700)
    assert wallet_of(buyer.pk) == WalletView(balance=2_300, held_balance=700)

    assert release(amount=700).status == HoldStatus.RELEASED
    assert wallet_of(buyer.pk) == WalletView(balance=3_000)


def test_the_smallest_part_there_is_may_go_back_and_be_paid(buyer, seller, fund):
    fund(buyer, 3)
    hold(buyer, 3)

    assert release(amount=1).outstanding == 2
    assert capture_hold(open_key="shipment:1", payees={seller.pk: 1}, key="settle").captured == 1

    assert (wallet_of(buyer.pk), wallet_of(seller.pk)) == (WalletView(balance=2), WalletView(balance=1))


def test_the_same_release_twice_gives_back_once(buyer, fund):
    fund(buyer, 3_000)
    hold(buyer, 1_000)

    for _ in range(2):
        release(amount=300, key="part")
    for _ in range(2):
        release(key="rest")
    with pytest.raises(KeyReused):
        release(amount=301, key="part")

    assert wallet_of(buyer.pk) == WalletView(balance=3_000)


def test_what_is_not_held_cannot_be_released(buyer, fund):
    fund(buyer, 3_000)
    hold(buyer, 1_000)

    for amount in (0, -1, 1_001):
        with pytest.raises(ValueError):
            release(amount=amount)
    release()
    with pytest.raises(HoldNotOpen):
        release()
    with pytest.raises(HoldNotOpen):
        release(404)

    assert wallet_of(buyer.pk) == WalletView(balance=3_000)


def test_a_hold_that_ends_before_it_is_locked_is_not_held_any_more(buyer, seller, fund, monkeypatch):
    fund(buyer, 3_000)
    hold(buyer, 1_000)
    lock = holds.lock_by_ids

    def lock_too_late(*args):
        monkeypatch.setattr(holds, "lock_by_ids", lock)
        release(key="quicker")
        return lock(*args)

    monkeypatch.setattr(holds, "lock_by_ids", lock_too_late)

    with pytest.raises(HoldNotOpen):
        release(key="slower")


def test_a_purpose_can_be_held_for_again_after_its_release(buyer, fund):
    fund(buyer, 3_000)
    hold(buyer, 1_000)
    release()

    hold(buyer, 2_000)

    assert wallet_of(buyer.pk) == WalletView(balance=1_000, held_balance=2_000)


def test_capturing_pays_the_payees_the_fee_and_returns_the_rest(buyer, seller, other_seller, fund):
    fund(buyer, 3_000)
    hold(buyer, 1_000)

    for _ in range(2):
        done = capture_hold(
            open_key="shipment:1", payees={seller.pk: 700, other_seller.pk: 100}, fee=50, key="settle"
        )

    assert (done.status, done.captured, done.released) == (HoldStatus.CAPTURED, 850, 150)
    assert wallet_of(buyer.pk) == WalletView(balance=2_150)
    assert wallet_of(seller.pk) == WalletView(balance=700)
    assert wallet_of(other_seller.pk) == WalletView(balance=100)
    assert Transaction.objects.get(wallet__code=StoreWallet.FEES).balance_delta == 50


def test_a_capture_is_not_repeated_with_another_sum(buyer, seller, fund):
    fund(buyer, 3_000)
    hold(buyer, 1_000)
    capture_hold(open_key="shipment:1", payees={seller.pk: 700}, key="settle")

    with pytest.raises(KeyReused):
        capture_hold(open_key="shipment:1", payees={seller.pk: 701}, key="settle")

    assert wallet_of(seller.pk) == WalletView(balance=700)


def test_a_payer_who_is_also_a_payee_is_paid(buyer, fund):
    fund(buyer, 1_000)
    hold(buyer, 1_000)

    capture_hold(open_key="shipment:1", payees={buyer.pk: 1_000}, key="settle")

    assert wallet_of(buyer.pk) == WalletView(balance=1_000)


def test_more_than_is_held_cannot_be_captured(buyer, seller, fund):
    fund(buyer, 3_000)
    hold(buyer, 1_000)
    release(amount=500)

    for payees, fee in (({seller.pk: 501}, 0), ({seller.pk: 500}, 1), ({}, 0), ({seller.pk: -1}, 2)):
        with pytest.raises(ValueError):
            capture_hold(open_key="shipment:1", payees=payees, fee=fee, key="settle")

    assert wallet_of(buyer.pk) == WalletView(balance=2_500, held_balance=500)
    assert wallet_of(seller.pk) == WalletView()


def test_a_released_hold_cannot_be_captured(buyer, seller, fund):
    fund(buyer, 3_000)
    hold(buyer, 1_000)
    release()

    with pytest.raises(HoldNotOpen):
        capture_hold(open_key="shipment:1", payees={seller.pk: 1_000}, key="settle")


def test_a_row_of_the_ledger_cannot_be_changed(buyer, fund):
    fund(buyer, 3_000)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Transaction.objects.filter(wallet__owner=buyer).update(balance_delta=9_000)

    assert Transaction.objects.get(wallet__owner=buyer).balance_delta == 3_000


def test_a_row_of_the_ledger_cannot_be_deleted_where_the_database_can_say_so(buyer, fund):
    """SQLite and MariaDB empty test tables with DELETE; there the audit finds what is missing."""
    fund(buyer, 3_000)
    if connection.vendor != "postgresql":
        return

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Transaction.objects.all().delete()


def test_the_database_refuses_a_wallet_below_zero(buyer, fund):
    fund(buyer, 3_000)

    for field in ("balance", "held_balance"):
        with pytest.raises(DatabaseError), transaction.atomic():
            Wallet.objects.filter(owner=buyer).update(**{field: -1})
