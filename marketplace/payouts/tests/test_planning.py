"""Being paid out every week, from an amount on."""

from datetime import timedelta
from threading import Event

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.common import clock
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.models import SweepTrouble
from marketplace.notifications.models import Notification
from marketplace.payouts.models import Payout, PayoutPlan
from marketplace.payouts.selectors import plan_of
from marketplace.payouts.services import ask_by_plan, change_plan, planning
from marketplace.payouts.shown import mark_of_plan
from marketplace.payouts.states import Every
from marketplace.wallet.errors import InsufficientFunds
from marketplace.wallet.models import HoldKind
from marketplace.wallet.selectors import WalletView, wallet_of
from marketplace.wallet.services import HoldRequest, place_holds

pytestmark = [pytest.mark.django_db]


def plan(owner, every=Every.WEEK, above=1_000, **options):
    return change_plan(actor=owner, every=every, above=above, **options)


def make_due():
    PayoutPlan.objects.update(next_at=clock.now() - timedelta(hours=1))


@pytest.fixture
def due(seller, ready):
    """Somebody who earned 30 and planned to be paid out from 10 on, and the week is over."""
    ready(seller, 3_000)
    plan(seller)
    make_due()
    return seller


def test_the_first_time_is_in_a_week(seller):
    row = plan(seller)

    assert timedelta(days=6) < row.next_at - clock.now() <= timedelta(days=7)
    assert plan(seller, above=2_000).next_at == row.next_at
    assert plan(seller, Every.NEVER).next_at is None


def test_all_that_is_there_is_asked_for_once(due):
    now = clock.now()
    assert ask_by_plan(now).done == 1
    assert ask_by_plan(now).done == 0

    payout = Payout.objects.get()
    assert (payout.amount, payout.by_plan, payout.owner) == (3_000, True, due)
    assert wallet_of(due.pk) == WalletView(0, 3_000)
    assert payout.events.get().actor is None
    assert Notification.objects.filter(recipient=due, kind="payout_planned").count() == 1
    assert plan_of(due.pk).next_at > now


def test_after_weeks_without_a_clock_it_goes_on_with_one(due):
    now = clock.now()
    PayoutPlan.objects.update(next_at=now - timedelta(days=30))

    ask_by_plan(now)

    assert Payout.objects.count() == 1
    assert now < plan_of(due.pk).next_at <= now + timedelta(days=7)


def test_what_is_too_little_waits_for_the_next_week(due):
    plan(due, above=3_001)
    make_due()

    assert ask_by_plan(clock.now()) == (0, 0)

    assert not Payout.objects.exists()
    assert plan_of(due.pk).next_at > clock.now()


def test_no_more_than_one_payout_may_have(due, settings):
    settings.PAYOUT_MAXIMUM = 20

    ask_by_plan(clock.now())

    assert Payout.objects.get().amount == 2_000


@pytest.mark.parametrize("above", [2_001, 3_000])
def test_who_waits_for_more_than_one_payout_may_have_gets_the_most_of_it(due, settings, above):
    settings.PAYOUT_MAXIMUM = 20
    plan(due, above=above)
    make_due()

    ask_by_plan(clock.now())

    assert Payout.objects.get().amount == 2_000


def test_a_rest_that_cannot_be_sent_counts_for_the_amount_to_begin_at(due, monkeypatch):
    """As Stripe takes no single fils: what is there is enough, and what can be sent of it is."""
    monkeypatch.setattr(planning, "step_of", lambda address: 900)
    plan(due, above=3_000)
    make_due()

    ask_by_plan(clock.now())

    assert Payout.objects.get().amount == 2_700


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_what_is_spent_at_that_moment_is_no_trouble(due, race, monkeypatch):
    """The wallet is locked before it is read: the purchase waits, or the payout finds what it left."""
    earned, read, spent = planning.earned, Event(), Event()

    def read_and_wait(owner_id):
        found = earned(owner_id)
        read.set()
        spent.wait(timeout=1)
        return found

    def spend():
        read.wait(timeout=30)
        try:
            request = HoldRequest(1_000, "shipment:1", due)
            return place_holds(owner_id=due.pk, kind=HoldKind.SHIPMENT, requests=[request])
        finally:
            spent.set()

    monkeypatch.setattr(planning, "earned", read_and_wait)
    now = clock.now()

    swept, purchase = race(lambda act: act(), [lambda: ask_by_plan(now), spend])

    assert (swept, type(purchase)) == ((1, 0), InsufficientFunds)
    assert not SweepTrouble.objects.exists()


def test_nothing_goes_to_an_account_that_waits(due, payouts):
    payouts.give_account(due, number="NL91ABNA0417164300", waited=False)

    assert ask_by_plan(clock.now()) == (0, 0)

    assert wallet_of(due.pk) == WalletView(3_000)


def test_what_is_planned_is_checked(seller):
    for every, above in (("hour", 0), (Every.WEEK, -1), (Every.WEEK, 10**15 + 1)):
        with pytest.raises(Invalid):
            plan(seller, every, above)

    assert not PayoutPlan.objects.exists()


def test_a_form_of_before_is_stale(seller):
    mark = mark_of_plan(plan_of(seller.pk))
    plan(seller, expected=mark)

    with pytest.raises(StaleState):
        plan(seller, Every.NEVER, expected=mark)

    assert plan_of(seller.pk).every == Every.WEEK


def test_who_earns_nothing_here_plans_nothing(buyer):
    with pytest.raises(PermissionDenied):
        plan(buyer)

    assert not PayoutPlan.objects.exists()
