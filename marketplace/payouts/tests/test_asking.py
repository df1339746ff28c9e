"""Asking for a payout: what it holds, what it settles, and what is refused."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.common import clock
from marketplace.common.errors import InvalidTransition, KeyReused, StaleState, TooMany
from marketplace.common.idempotency import new_form_key
from marketplace.payouts.errors import AddressWaits, NoPayoutAddress
from marketplace.payouts.models import Payout, PayoutLine
from marketplace.payouts.selectors import earned, earnings
from marketplace.payouts.services import cancel_payout, request_payout
from marketplace.payouts.shown import mark_of_payout
from marketplace.payouts.states import PayoutStatus
from marketplace.wallet.models import Hold, HoldKind
from marketplace.wallet.selectors import WalletView, wallet_of
from marketplace.wallet.services import HoldRequest, place_holds

pytestmark = pytest.mark.django_db


def settled(payout):
    """What a payout settles, by the place of its entries among what its owner earned."""
    place = {entry.pk: number for number, entry in enumerate(earnings(payout.owner_id))}
    return [(place[line.entry_id], line.amount) for line in payout.lines.order_by("entry_id")]


def refused(payouts, owner, amount, error):
    """The refusal of a payout, of which nothing is left."""
    before, count = wallet_of(owner.pk), Payout.objects.count()
    with pytest.raises(error) as refusal:
        payouts.ask(owner, amount)
    assert (wallet_of(owner.pk), Payout.objects.count()) == (before, count)
    return refusal.value


@pytest.mark.parametrize("who", ["seller", "courier"])
def test_the_amount_is_held_and_no_more(request, ready, who, payouts):
    owner = ready(request.getfixturevalue(who), 3_000)

    payout = payouts.ask(owner, 2_000)

    assert wallet_of(owner.pk) == WalletView(balance=1_000, held_balance=2_000)
    hold = Hold.objects.get(wallet__owner=owner)
    assert (hold.kind, hold.amount, hold.subject) == (HoldKind.PAYOUT, 2_000, payout)
    assert list(payout.events.values_list("status", "actor")) == [("requested", owner.pk)]


def test_the_oldest_entries_are_settled_and_the_rest_of_the_last_one_is_carried(seller, ready, payouts):
    ready(seller, 1_000, 2_000, 4_000)

    first, second = payouts.ask(seller, 1_500), payouts.ask(seller, 4_500)

    assert settled(first) == [(0, 1_000), (1, 500)]
    assert settled(second) == [(1, 1_500), (2, 3_000)]
    assert earned(seller.pk).available == 1_000


def test_what_a_cancelled_payout_had_taken_the_next_one_settles(seller, ready, payouts):
    ready(seller, 1_000, 2_000)
    first = payouts.ask(seller, 1_500)

    cancel_payout(payout_id=first.pk, actor=seller)

    assert wallet_of(seller.pk) == WalletView(balance=3_000)
    assert settled(payouts.ask(seller, 3_000)) == [(0, 1_000), (1, 2_000)]


def test_money_that_was_paid_in_is_not_paid_out(seller, ready, fund, payouts):
    fund(ready(seller, 1_000), 5_000)

    refusal = refused(payouts, seller, 1_001, Exception)

    assert (refusal.code, refusal.field) == ("not_earned", "amount")
    assert "€10.00" in str(refusal)


def test_what_was_spent_is_not_paid_out(seller, ready, payouts):
    ready(seller, 2_000)
    request = HoldRequest(1_200, "shipment:1", seller)
    place_holds(owner_id=seller.pk, kind=HoldKind.SHIPMENT, requests=[request])

    assert earned(seller.pk).available == 800
    assert refused(payouts, seller, 801, Exception).code == "not_earned"


@pytest.mark.parametrize("amount", [-1, 0, 499, 1_000_001])
def test_too_little_and_too_much_are_refused(payouts, seller, ready, amount):
    ready(seller, 2_000_000)

    refusal = refused(payouts, seller, amount, Exception)

    assert (refusal.code, refusal.field) == ("invalid", "amount")
    assert "between €5.00 and €10,000.00" in str(refusal)


def test_a_payout_needs_an_account_that_has_waited(seller, earn, payouts):
    earn(seller, 5_000)
    refused(payouts, seller, 1_000, NoPayoutAddress)
    payouts.give_account(seller, waited=False)
    refused(payouts, seller, 1_000, AddressWaits)

    payouts.give_account(seller)

    assert payouts.ask(seller, 1_000).amount == 1_000


def test_three_a_day(seller, ready, payouts):
    ready(seller, 5_000)
    for _time in range(3):
        cancel_payout(payout_id=payouts.ask(seller, 1_000).pk, actor=seller)

    assert 86_000 < refused(payouts, seller, 1_000, TooMany).retry_after <= 86_400

    Payout.objects.filter(pk=Payout.objects.earliest("pk").pk).update(
        requested_at=clock.now() - timedelta(hours=24)
    )
    assert payouts.ask(seller, 1_000)


def test_the_same_form_again_asks_once(seller, ready):
    ready(seller, 5_000)
    key = new_form_key(user_id=seller.pk, action="payout")

    first, again = (request_payout(actor=seller, amount=1_000, form_key=key) for _time in range(2))

    assert (first, Payout.objects.count()) == (again, 1)
    with pytest.raises(KeyReused):
        request_payout(actor=seller, amount=2_000, form_key=key)
    assert Payout.objects.count() == 1


@pytest.mark.parametrize("who", ["buyer", "admin", "superadmin"])
def test_only_sellers_and_couriers_are_paid_out(request, fund, who, payouts):
    refused(payouts, fund(request.getfixturevalue(who), 5_000), 1_000, PermissionDenied)


class TestCancelling:
    @pytest.fixture
    def payout(self, seller, ready, payouts):
        return payouts.ask(ready(seller, 5_000), 1_000)

    def test_again_changes_nothing(self, payout, seller):
        for _time in range(2):
            cancel_payout(payout_id=payout.pk, actor=seller)

        assert payout.events.count() == 2
        assert PayoutLine.objects.filter(payout=payout).exists()

    @pytest.mark.parametrize("who", ["other_seller", "admin"])
    def test_it_is_its_owners(self, request, payout, seller, who):
        with pytest.raises(PermissionDenied):
            cancel_payout(payout_id=payout.pk, actor=request.getfixturevalue(who))

        assert wallet_of(seller.pk).held_balance == 1_000

    def test_an_approved_one_stays(self, payout, seller, admin, payouts):
        payouts.approve(payout, admin)

        with pytest.raises(InvalidTransition):
            cancel_payout(payout_id=payout.pk, actor=seller)

        assert wallet_of(seller.pk).held_balance == 1_000

    def test_a_form_of_before_is_stale(self, payout, seller, admin):
        mark = mark_of_payout(payout)
        payout.status = PayoutStatus.APPROVED

        with pytest.raises(StaleState):
            cancel_payout(payout_id=payout.pk, actor=seller, expected=mark_of_payout(payout))

        assert cancel_payout(payout_id=payout.pk, actor=seller, expected=mark)
