"""Each invariant finds what it is there to find: something is broken on purpose, by hand."""

import pytest

from marketplace.common import clock
from marketplace.common.invariants import find_breaches
from marketplace.common.models import FormKey, NumberSeries
from marketplace.payouts.invariants import INVARIANTS
from marketplace.payouts.models import Payout, PayoutBatch, PayoutEvent, PayoutLine, PayoutTransfer
from marketplace.payouts.services import return_payout
from marketplace.wallet.ledger import Movement, post, store_wallet
from marketplace.wallet.models import Hold, HoldKind, StoreWallet, Transaction, TransactionKind, Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(seller, courier, ready, admin, payouts):
    """Payouts of the seller: one asked for, one sent in a file, one that came back; what a courier earned."""
    ready(courier, 1_000)
    ready(seller, 3_000, 2_000)
    back = payouts.send(payouts.ask(seller, 1_000), admin)
    return_payout(payout_id=back.pk, reason="Closed", actor=admin)
    payouts.approve(payouts.ask(seller, 1_500), admin)
    payouts.send_file(payouts.make_file(admin), admin)
    payouts.ask(seller, 2_000)
    return seller


def of(status):
    return Payout.objects.filter(status=status)


def lines_of(status):
    return PayoutLine.objects.filter(payout__status=status)


def pay_out_nothing_of_ours(seller):
    cash = store_wallet(StoreWallet.CASH)
    wallet = Wallet.objects.get(owner=seller)
    post(
        [
            Movement(wallet, TransactionKind.PAYOUT, key="stolen", balance=-500),
            Movement(cash, TransactionKind.PAYOUT, key="stolen:cash", balance=500),
        ]
    )


def send_twice(seller):
    payout = of("sent").get()
    wallet = Wallet.objects.get(owner=seller)
    cash = store_wallet(StoreWallet.CASH)
    post(
        [
            Movement(wallet, TransactionKind.PAYOUT, key="twice", held=-500, subject=payout),
            Movement(cash, TransactionKind.PAYOUT, key="twice:cash", balance=500, subject=payout),
        ]
    )


def settle_the_first_entry_twice(seller):
    first, last = lines_of("requested").order_by("entry_id")
    last.delete()
    PayoutLine.objects.filter(pk=first.pk).update(amount=2_000)


def settle_what_somebody_else_earned(seller):
    theirs = (
        Transaction.objects.filter(kind="payment", balance_delta=1_000).exclude(wallet__owner=seller).get()
    )
    line = lines_of("requested").latest("pk")
    PayoutLine.objects.filter(pk=line.pk).update(entry=theirs)


def approve_ones_own(seller):
    PayoutEvent.objects.filter(status="approved").update(actor=seller)


def say_that_stripe_sent_it(seller):
    PayoutTransfer.objects.create(payout=of("sent").get(), asked_at=clock.now(), reference="tr_1")


def ask_stripe_for_what_is_over(seller):
    PayoutTransfer.objects.create(payout=of("came_back").get(), asked_at=clock.now())
    of("came_back").update(status="declined", reference="")


BREAKS = {
    "I43 a payout has": lambda seller: of("requested").update(amount=2_001),
    "I43 a payout has one": lambda seller: of("requested").update(status="declined"),
    "I43 no": lambda seller: Hold.objects.filter(status="open", kind=HoldKind.PAYOUT).update(object_id=10**6),
    "I44 the": lambda seller: lines_of("requested").update(amount=1),
    "I44 no entry": settle_the_first_entry_twice,
    "I44 what": settle_what_somebody_else_earned,
    "I45 what": send_twice,
    "I45 what was": lambda seller: of("came_back").update(status="sent"),
    "I45 no money": pay_out_nothing_of_ours,
    "I45 a payout's": lambda seller: PayoutEvent.objects.filter(status="approved").delete(),
    "I45 nobody": approve_ones_own,
    "I46 a batch": lambda seller: PayoutBatch.objects.update(total=1),
    "I46 of a batch": lambda seller: of("sent").update(status="approved", reference=""),
    "I46 what was withdrawn": lambda seller: PayoutBatch.objects.update(
        withdrawn_at=clock.now(), withdrawn_by=seller, sent_at=None, sent_by=None, reference=""
    ),
    "I46 the numbers": lambda seller: NumberSeries.objects.update(last=7),
    "I48 what a provider": say_that_stripe_sent_it,
    "I48 while": ask_stripe_for_what_is_over,
    "I40 the key": lambda seller: FormKey.objects.filter(action="payout").update(result="elsewhere"),
}


@pytest.mark.breaks_books
@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_row_is_found(world, name):
    assert find_breaches(INVARIANTS) == []

    BREAKS[name](world)

    assert any(breach.invariant.name.startswith(name) for breach in find_breaches(INVARIANTS))


def test_every_invariant_is_broken_once():
    for invariant in INVARIANTS:
        assert any(invariant.name.startswith(name) for name in BREAKS), invariant.name
