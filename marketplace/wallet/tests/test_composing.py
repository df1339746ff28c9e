"""Several moves of money in one transaction: wallets are locked once, then everything composes."""

import pytest

from marketplace.common.locking import LockOrderError
from marketplace.common.transactions import service
from marketplace.wallet.ledger import open_wallets
from marketplace.wallet.models import HoldKind, StoreWallet, Transaction, Wallet
from marketplace.wallet.selectors import WalletView, wallet_of
from marketplace.wallet.services import (
    HoldRequest,
    capture_hold,
    lock_wallets,
    pay_from_fees,
    place_holds,
    release_hold,
    top_up_wallet,
)

pytestmark = pytest.mark.usefixtures("books_balance")


def hold(owner, number, amount=1_000):
    request = HoldRequest(amount=amount, open_key=f"shipment:{number}", subject=owner)
    return place_holds(owner_id=owner.pk, kind=HoldKind.SHIPMENT, requests=[request])


def pay(person, amount=300, key="fee"):
    return pay_from_fees(owner_id=person.pk, amount=amount, key=key, subject=person)


@service
def together(owners, *steps):
    """What a domain's service does: lock once, then move."""
    if owners:
        lock_wallets(owner_ids=[owner.pk for owner in owners])
    return [step() for step in steps]


def test_the_wallets_of_everybody_are_locked_and_the_missing_ones_opened(buyer, seller, courier, fund):
    fund(buyer, 1_000)

    wallets = together([], lambda: lock_wallets(owner_ids=[courier.pk, buyer.pk, seller.pk, buyer.pk]))[0]

    assert {owner: wallet.owner_id for owner, wallet in wallets.items()} == {
        person.pk: person.pk for person in (buyer, seller, courier)
    }
    assert wallets[buyer.pk].balance == 1_000
    assert Wallet.objects.filter(owner__isnull=False).count() == 3


def test_any_number_of_moves_compose_once_the_wallets_are_locked(buyer, seller, courier, fund):
    fund(buyer, 5_000)
    for number in (1, 2, 3):
        hold(buyer, number)

    together(
        [buyer, seller, courier],
        lambda: release_hold(open_key="shipment:1", key="back"),
        lambda: pay(courier),
        lambda: capture_hold(open_key="shipment:2", payees={seller.pk: 900}, fee=100, key="settle:2"),
        lambda: hold(buyer, 4, 500),
        lambda: capture_hold(open_key="shipment:3", payees={courier.pk: 1_000}, key="settle:3"),
        lambda: top_up_wallet(owner_id=seller.pk, amount=50, key="gift"),
        lambda: pay(seller, 7, "thanks"),
        lambda: release_hold(open_key="shipment:4", amount=200, key="part"),
    )

    assert wallet_of(buyer.pk) == WalletView(balance=2_700, held_balance=300)
    assert wallet_of(seller.pk) == WalletView(balance=957)
    assert wallet_of(courier.pk) == WalletView(balance=1_300)
    fees = Transaction.objects.filter(wallet__code=StoreWallet.FEES).values_list("balance_delta", flat=True)
    assert sorted(fees) == [-300, -7, 100]


def test_a_move_that_fails_takes_the_others_with_it(buyer, courier, fund):
    fund(buyer, 1_000)
    hold(buyer, 1)

    with pytest.raises(ValueError):
        together(
            [buyer, courier],
            lambda: release_hold(open_key="shipment:1", key="back"),
            lambda: pay(courier, 0),
        )

    assert wallet_of(buyer.pk) == WalletView(held_balance=1_000)
    assert wallet_of(courier.pk) == WalletView()


MOVES = {
    "pay_from_fees": lambda buyer, courier: pay(courier),
    "top_up_wallet": lambda buyer, courier: top_up_wallet(owner_id=courier.pk, amount=5, key="gift"),
    "capture_hold": lambda buyer, courier: capture_hold(
        open_key="shipment:2", payees={courier.pk: 1_000}, key="settle"
    ),
    "lock_wallets": lambda buyer, courier: lock_wallets(owner_ids=[buyer.pk, courier.pk]),
}


@pytest.mark.parametrize("name", MOVES)
def test_a_wallet_that_was_not_among_those_locked_first_is_refused(buyer, courier, fund, name):
    """Two who lock each other's in turn would deadlock."""
    fund(buyer, 2_000), fund(courier, 1)
    hold(buyer, 1), hold(buyer, 2)
    move = MOVES[name]

    with pytest.raises(LockOrderError):
        together([], lambda: release_hold(open_key="shipment:1", key="back"), lambda: move(buyer, courier))


@pytest.mark.parametrize("name", MOVES)
def test_each_move_alone_locks_its_own(buyer, courier, fund, name):
    fund(buyer, 2_000)
    hold(buyer, 1), hold(buyer, 2)

    assert MOVES[name](buyer, courier)


def test_wallets_that_are_there_are_found_with_one_statement(buyer, seller, django_assert_num_queries):
    with django_assert_num_queries(3):
        opened = open_wallets([seller.pk, buyer.pk])

    with django_assert_num_queries(1):
        assert open_wallets([buyer.pk, seller.pk, buyer.pk]) == opened
