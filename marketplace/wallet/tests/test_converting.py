"""One hold becomes another: a leading bid is the escrow of what was won."""

import pytest
from django.db import IntegrityError, transaction

from marketplace.common.errors import KeyReused
from marketplace.wallet.errors import HoldNotOpen
from marketplace.wallet.models import Hold, HoldKind, Transaction
from marketplace.wallet.selectors import WalletView, wallet_of
from marketplace.wallet.services import HoldRequest, capture_hold, convert_hold, place_holds, release_hold

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def bid(buyer, fund):
    """10.00 of the buyer's 30.00, held for the bid that leads auction 7."""
    fund(buyer, 3_000)
    request = HoldRequest(amount=1_000, open_key="auction:7", subject=buyer)
    return place_holds(owner_id=buyer.pk, kind=HoldKind.BID, requests=[request])[0]


def win(subject, amount=800, *, kind=HoldKind.SHIPMENT, open_key="shipment:1", key="auction:7:won", memo=""):
    into = HoldRequest(amount=amount, open_key=open_key, subject=subject)
    return convert_hold(open_key="auction:7", kind=kind, into=into, key=key, memo=memo)


def test_the_bid_becomes_escrow_and_the_rest_goes_back(bid, buyer, seller):
    new = win(seller, memo="Won")

    assert (new.kind, new.status, new.amount, new.open_key) == (HoldKind.SHIPMENT, "open", 800, "shipment:1")
    assert (new.subject, new.wallet_id, new.outstanding) == (seller, bid.wallet_id, 800)
    bid.refresh_from_db()
    assert (bid.status, bid.released, bid.captured, bid.open_key) == ("released", 1_000, 0, None)
    assert bid.resolved_at
    assert wallet_of(buyer.pk) == WalletView(balance=2_200, held_balance=800)


def test_it_is_one_journal(bid, buyer, seller):
    new = win(seller, memo="Won")

    journal = Transaction.objects.get(key="auction:7:won").journal
    rows = Transaction.objects.filter(journal=journal).order_by("pk")
    assert [(row.hold_id, row.kind, row.balance_delta, row.held_delta, row.memo) for row in rows] == [
        (bid.pk, "escrow_release", 1_000, -1_000, "Won"),
        (new.pk, "escrow_hold", -800, 800, "Won"),
    ]
    assert [row.subject for row in rows] == [buyer, seller]


def test_all_of_it_may_be_held_on(bid, buyer):
    assert win(buyer, 1_000).outstanding == 1_000
    assert wallet_of(buyer.pk) == WalletView(balance=2_000, held_balance=1_000)


def test_it_is_held_and_paid_like_any_other(bid, buyer, seller):
    win(seller)

    capture_hold(open_key="shipment:1", payees={seller.pk: 700}, fee=100, key="settle")

    assert wallet_of(seller.pk) == WalletView(balance=700)
    assert wallet_of(buyer.pk) == WalletView(balance=2_200)


def test_the_purpose_may_stay_the_same(bid, buyer):
    """A hold is made smaller: the old one is closed before the new one takes its key."""
    assert win(buyer, 300, kind=HoldKind.BID, open_key="auction:7").pk != bid.pk
    assert wallet_of(buyer.pk) == WalletView(balance=2_700, held_balance=300)


def test_what_is_left_after_a_part_may_become_another(bid, buyer, courier):
    capture_hold(open_key="auction:7", payees={courier.pk: 300}, keep=700, key="door")

    with pytest.raises(ValueError):
        win(buyer, 701)
    win(buyer, 700)

    bid.refresh_from_db()
    assert (bid.status, bid.captured, bid.released) == ("captured", 300, 700)
    assert wallet_of(buyer.pk) == WalletView(balance=2_000, held_balance=700)


def test_the_same_conversion_twice_is_made_once(bid, buyer, seller):
    assert win(seller) == win(seller)
    release_hold(open_key="shipment:1", key="back")
    assert win(seller).status == "released"

    assert Hold.objects.count() == 2
    assert wallet_of(buyer.pk) == WalletView(balance=3_000)


def test_a_conversion_is_not_repeated_as_another(bid, buyer, seller):
    win(seller)

    for other in (
        lambda: win(seller, 801),
        lambda: win(buyer),
        lambda: win(seller, kind=HoldKind.PAYOUT),
        lambda: release_hold(open_key="auction:7", key="auction:7:won"),
        lambda: release_hold(open_key="auction:7", amount=1_000, key="auction:7:won"),
    ):
        with pytest.raises(KeyReused):
            other()

    assert wallet_of(buyer.pk) == WalletView(balance=2_200, held_balance=800)


def test_what_was_given_back_or_paid_under_a_key_is_not_converted_under_it(bid, buyer):
    release_hold(open_key="auction:7", amount=100, key="auction:7:won")

    with pytest.raises(KeyReused):
        win(buyer, 100)


@pytest.mark.parametrize("amount", [0, -1, 1_001])
def test_more_than_is_held_or_nothing_is_refused(bid, buyer, amount):
    with pytest.raises(ValueError):
        win(buyer, amount)

    assert wallet_of(buyer.pk) == WalletView(balance=2_000, held_balance=1_000)


def test_the_smallest_amount_may_be_held_on(bid, buyer):
    assert win(buyer, 1).outstanding == 1


def test_what_is_not_held_any_more_does_not_become_anything(bid, buyer):
    release_hold(open_key="auction:7", key="back")

    with pytest.raises(HoldNotOpen):
        win(buyer)
    assert Hold.objects.count() == 1


def test_a_purpose_that_is_held_for_already_takes_no_second_hold(bid, buyer):
    request = HoldRequest(amount=100, open_key="shipment:1", subject=buyer)
    place_holds(owner_id=buyer.pk, kind=HoldKind.SHIPMENT, requests=[request])

    with pytest.raises(IntegrityError), transaction.atomic():
        win(buyer)

    assert wallet_of(buyer.pk) == WalletView(balance=1_900, held_balance=1_100)
