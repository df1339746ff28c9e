"""A hold that is paid on in parts: some of it at the door, the rest later, what is frozen stays."""

from itertools import permutations

import pytest
from django.db import DatabaseError, transaction

from marketplace.common.errors import InvalidTransition, KeyReused
from marketplace.common.transactions import service
from marketplace.wallet.errors import HoldNotOpen
from marketplace.wallet.models import Hold, HoldKind, StoreWallet, Transaction
from marketplace.wallet.selectors import WalletView, wallet_of
from marketplace.wallet.services import HoldRequest, capture_hold, holds, place_holds, release_hold

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def held(buyer, fund):
    """A buyer with 10.00 of 30.00 held for "shipment:1"."""
    fund(buyer, 3_000)
    hold_again(buyer)
    return buyer


def hold_again(owner, amount=1_000):
    request = HoldRequest(amount=amount, open_key="shipment:1", subject=owner)
    [hold] = place_holds(owner_id=owner.pk, kind=HoldKind.SHIPMENT, requests=[request])
    return hold


def capture(*, keep=0, fee=0, key="part", **payees):
    shares = {person.pk: share for person, share in payees.pop("to", [])}
    return capture_hold(open_key="shipment:1", payees=shares, fee=fee, keep=keep, key=key)


def fees():
    rows = Transaction.objects.filter(wallet__code=StoreWallet.FEES)
    return sum(rows.values_list("balance_delta", flat=True))


def test_a_part_is_paid_and_the_rest_stays_held(held, courier):
    hold = capture(to=[(courier, 300)], fee=50, keep=650)

    assert (hold.status, hold.captured, hold.released, hold.outstanding) == ("open", 350, 0, 650)
    assert (hold.open_key, hold.resolved_at) == ("shipment:1", None)
    assert wallet_of(held.pk) == WalletView(balance=2_000, held_balance=650)
    assert wallet_of(courier.pk) == WalletView(balance=300)
    assert fees() == 50


def test_what_is_neither_paid_nor_kept_goes_back(held, courier):
    hold = capture(to=[(courier, 300)], keep=100)

    assert (hold.captured, hold.released, hold.outstanding) == (300, 600, 100)
    assert wallet_of(held.pk) == WalletView(balance=2_600, held_balance=100)


def test_the_last_part_closes_the_hold(held, courier, seller):
    capture(to=[(courier, 300)], keep=700, key="door")

    hold = capture(to=[(seller, 600)], fee=60, key="goods")

    assert (hold.status, hold.captured, hold.released, hold.outstanding) == ("captured", 960, 40, 0)
    assert hold.open_key is None and hold.resolved_at
    assert wallet_of(held.pk) == WalletView(balance=2_040)


@pytest.mark.parametrize("order", permutations(["door", "goods", "back", "frozen"]), ids="-".join)
def test_parts_come_to_the_same_in_any_order(held, courier, seller, order):
    parts = {"door": 150, "goods": 500, "back": 250, "frozen": 100}
    left = 1_000
    for name in order:
        left -= parts[name]
        if name == "back":
            hold = release_hold(open_key="shipment:1", amount=250, key=name)
        elif name == "door":
            hold = capture(to=[(courier, 150)], keep=left, key=name)
        else:
            hold = capture(to=[(seller, parts[name] - 30)], fee=30, keep=left, key=name)
        assert hold.outstanding == wallet_of(held.pk).held_balance == left

    assert (hold.status, hold.captured, hold.released) == ("captured", 750, 250)
    assert wallet_of(held.pk) == WalletView(balance=2_250)
    assert (wallet_of(courier.pk).balance, wallet_of(seller.pk).balance, fees()) == (150, 540, 60)


def test_a_hold_of_which_a_part_was_paid_ends_as_paid_when_the_rest_goes_back(held, courier):
    capture(to=[(courier, 1)], keep=999)

    hold = release_hold(open_key="shipment:1", key="rest")

    assert (hold.status, hold.captured, hold.released) == ("captured", 1, 999)


def test_the_same_part_twice_is_paid_once(held, courier, seller):
    for _ in range(2):
        capture(to=[(courier, 300)], fee=50, keep=650, key="door")
    for _ in range(2):
        capture(to=[(seller, 600)], key="goods")
    capture(to=[(courier, 300)], fee=50, keep=650, key="door")

    assert wallet_of(courier.pk) == WalletView(balance=300)
    assert wallet_of(seller.pk) == WalletView(balance=600)
    assert wallet_of(held.pk) == WalletView(balance=2_050)


def test_a_part_is_not_repeated_as_another(held, courier, seller):
    capture(to=[(courier, 300)], fee=50, keep=600)

    for other in (
        {"to": [(courier, 301)], "fee": 49, "keep": 600},
        {"to": [(seller, 300)], "fee": 50, "keep": 600},
        {"to": [(courier, 300)], "keep": 600},
        {"to": [(courier, 299), (seller, 1)], "fee": 50, "keep": 600},
        {"to": [(courier, 300)], "fee": 50, "keep": 650},
        {"to": [(courier, 300)], "fee": 50},
    ):
        with pytest.raises(KeyReused):
            capture(**other)
    with pytest.raises(KeyReused):
        release_hold(open_key="shipment:1", key="part")

    assert wallet_of(held.pk) == WalletView(balance=2_050, held_balance=600)


def test_a_release_is_not_repeated_as_a_capture(held, courier):
    release_hold(open_key="shipment:1", amount=300, key="back")

    with pytest.raises(KeyReused):
        capture(to=[(courier, 300)], keep=400, key="back")


def test_more_than_is_held_is_neither_paid_nor_kept(held, courier):
    for asked in (
        {"to": [(courier, 500)], "keep": 501},
        {"to": [(courier, 500)], "keep": -1},
        {"to": [(courier, 500)], "fee": -1, "keep": 1},
        {"to": [(courier, 0)], "fee": 2},
        {"keep": 1_000},
        {"keep": 999},
    ):
        with pytest.raises(ValueError):
            capture(**asked)

    assert wallet_of(held.pk) == WalletView(balance=2_000, held_balance=1_000)
    assert capture(to=[(courier, 1)], keep=999).outstanding == 999
    with pytest.raises(ValueError):
        capture(to=[(courier, 1)], keep=999, key="again")


def test_a_key_is_known_when_its_purpose_is_held_for_again(held, courier):
    """The same release or payment, sent again late, touches nothing of the new hold."""
    first = capture(to=[(courier, 400)], key="door")
    second = hold_again(held, 500)

    assert capture(to=[(courier, 400)], key="door") == first
    with pytest.raises(KeyReused):
        release_hold(open_key="shipment:1", key="door")

    second.refresh_from_db()
    assert second.outstanding == 500
    assert wallet_of(courier.pk).balance == 400


def test_nothing_is_paid_out_of_a_hold_that_is_closed(held, courier):
    capture(to=[(courier, 1_000)], key="all")

    with pytest.raises(HoldNotOpen):
        capture(to=[(courier, 1)], key="more")


def test_a_closed_hold_is_not_closed_again(held):
    """Behind the wallet's lock stands the hold's own state."""
    hold = Hold.objects.get()
    release_hold(open_key="shipment:1", key="back")

    with pytest.raises(InvalidTransition, match="cannot become"):
        service(holds._reduce)(hold, released=hold.amount)


@pytest.mark.breaks_books
@pytest.mark.parametrize(
    "wrong",
    [
        {"captured": 1_000},
        {"captured": 600, "released": 400},
        {"captured": 999, "released": 2},
        {"open_key": None},
        {"status": "captured", "captured": 400},
        {"status": "released", "released": 1_000},
    ],
    ids=str,
)
def test_the_database_refuses_parts_that_do_not_add_up(held, wrong):
    with pytest.raises(DatabaseError), transaction.atomic():
        Hold.objects.update(**wrong)


@pytest.mark.breaks_books
def test_the_database_takes_parts_that_do(held):
    assert Hold.objects.update(captured=600, released=399) == 1
