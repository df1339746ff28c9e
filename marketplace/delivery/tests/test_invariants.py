"""Each invariant finds what it is there to find: something is broken on purpose, by hand."""

from datetime import timedelta

import pytest
from django.db.models import F

from marketplace.common import clock
from marketplace.common.invariants import find_breaches
from marketplace.common.transactions import service
from marketplace.delivery.invariants import INVARIANTS
from marketplace.delivery.models import Attempt, Consignment, Delivery, Proof, ProofTry
from marketplace.delivery.services import finishing
from marketplace.notifications.models import Notification
from marketplace.orders.models import Order, Shipment
from marketplace.wallet.ledger import Movement, post, store_wallet
from marketplace.wallet.models import HoldKind, StoreWallet, Transaction, TransactionKind
from marketplace.wallet.services import HoldRequest, lock_wallets, place_holds

pytestmark = pytest.mark.breaks_books

DAY = timedelta(days=1)


@pytest.fixture
def world(
    placed,
    claimed,
    on_its_way,
    delivered,
    going_back,
    fail,
    confirm,
    wrong_pin,
    person,
    bypass,
    settings,
):
    """A parcel at every point of its way: waiting, claimed, on its way, going back, back, delivered, bypassed."""
    settings.COURIER_FEE = 200
    placed(person(), price=100)
    claimed(person(), price=100)
    carried = on_its_way(person(), price=100)
    fail(carried)
    confirm(carried, pin=wrong_pin(carried.shipment))
    going_back(person(), price=100)
    confirm(going_back(person(), price=100))
    delivered(person(), price=100)
    bypassed = on_its_way(person(), price=100)
    bypass(bypassed.shipment)
    assert find_breaches(INVARIANTS) == []


def job(status: str):
    return Delivery.objects.filter(status=status)


def shipment(status: str):
    return Shipment.objects.filter(status=status)


def proof(status: str, purpose: str = "delivery"):
    return Proof.objects.filter(status=status, purpose=purpose)


def give_everything_to_one():
    """Six live jobs; the slots' names stay each other's."""
    one = Delivery.objects.first()
    for number in range(6):
        Delivery.objects.create(
            consignment_id=one.consignment_id,
            courier_id=one.courier_id,
            receiver_id=one.receiver_id,
            sender_id=one.sender_id,
            live_key=10**9 + number,
            slot_key=f"x:{number}",
        )


def try_once_more(right: bool):
    one = proof("confirmed").get() if right else proof("issued").get()
    ProofTry.objects.create(courier_id=one.shipment.courier_id, proof=one, method="pin", right=right)


def try_of_a_stranger():
    one = proof("issued").get()
    ProofTry.objects.create(courier_id=one.shipment.order.buyer_id, proof=one, method="pin", right=False)
    Proof.objects.filter(pk=one.pk).update(tries=2)


def fail_twice_more():
    one = job("carrying").get()
    for number in (8, 9):
        Attempt.objects.create(
            consignment_id=one.consignment_id, delivery=one, number=number, outcome="failed", reason="absent"
        )


def issue_behind_its_back():
    one = proof("issued").get()
    Proof.objects.create(
        consignment_id=one.consignment_id, purpose="delivery", issue=9, nonce="x", status="replaced"
    )


def bring_twice():
    one = job("delivered").first()
    Delivery.objects.create(
        consignment_id=one.consignment_id,
        courier_id=one.courier_id,
        receiver_id=one.receiver_id,
        sender_id=one.sender_id,
        status="delivered",
        ended_at=clock.now(),
    )


def pay_out_of_nothing():
    Delivery.objects.filter(status="delivered").update(fee=7)


def hold_what_nobody_earned():
    done = job("delivered").order_by("pk").first()
    request = HoldRequest(7, done.earning_key, done)
    place_holds(owner_id=done.courier_id, kind=HoldKind.EARNING, requests=[request])


BREAKS = {
    "I27 a consignment is": lambda: Consignment.objects.filter(deliveries=job("claimed").get()).update(
        key="x:1"
    ),
    "I27 a shipment that": lambda: job("claimed").update(status="carrying"),
    "I27 a job's key": lambda: job("claimed").update(live_key=10**9),
    "I27 nobody has": give_everything_to_one,
    "I27 a shipment's courier": lambda: shipment("shipped").update(courier=None),
    "I28": lambda: job("claimed").update(receiver=Order.objects.order_by("pk").first().buyer),
    "I20 a consignment is brought": bring_twice,
    "I20 the last job": lambda: job("delivered").update(status="returned"),
    "I20 what failed": fail_twice_more,
    "I21 a job's": lambda: job("carrying").update(picked_up_at=clock.now() - DAY),
    "I21 a try": lambda: Attempt.objects.filter(outcome="succeeded").update(at=clock.now() - DAY),
    "I29 what was delivered": lambda: Attempt.objects.filter(outcome="succeeded").delete(),
    "I29 a job is delivered": lambda: proof("confirmed").update(status="issued", used_at=None, used_by=None),
    "I29 a job is back": lambda: proof("confirmed", "return").update(
        status="issued", used_at=None, used_by=None
    ),
    "I29 a receiver's proof": lambda: proof("issued").update(status="replaced"),
    "I29 a proof is used": lambda: proof("bypassed").update(photo=""),
    "I29 the newest": issue_behind_its_back,
    "I30 a proof's wrong": lambda: try_once_more(right=False),
    "I30 a proof is confirmed": lambda: try_once_more(right=True),
    "I30 a code": try_of_a_stranger,
    "I11 a courier got": pay_out_of_nothing,
    "I11 nobody pays more": lambda: Shipment.objects.update(delivery_extra=1, total=F("total") + 1),
    "I11 what is held": hold_what_nobody_earned,
    "I35": lambda: Notification.objects.filter(kind="order_shipped").delete(),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_found(world, name):
    BREAKS[name]()

    assert any(str(breach).startswith(name) for breach in find_breaches(INVARIANTS))


def test_every_invariant_has_its_break():
    names = [invariant.name for invariant in INVARIANTS]

    assert sorted(names) == sorted(name for name in names for start in BREAKS if name.startswith(start))


@service
def pay_out_of_the_return(delivery):
    """What a courier got for a return before wallets were locked together: rows of the hold that went back."""
    key = f"shipment:{delivery.shipment_id}:returned:released"
    hold = Transaction.objects.get(key=key).hold
    wallet = lock_wallets(owner_ids=[delivery.courier_id])[delivery.courier_id]
    paid, fee = f"{key}:paid:{delivery.courier_id}", delivery.fee
    post(
        [
            Movement(wallet, TransactionKind.PAYMENT, key=paid, balance=fee, hold=hold),
            Movement(
                store_wallet(StoreWallet.FEES),
                TransactionKind.FEE,
                key=f"{key}:fees",
                balance=-fee,
                hold=hold,
            ),
        ]
    )


def test_the_fee_of_a_return_counts_as_it_was_booked_before(
    going_back, confirm, person, settings, audit, monkeypatch
):
    settings.COURIER_FEE = 200
    job = going_back(person(), price=100)
    monkeypatch.setattr(finishing, "_pay_courier", lambda delivery: None)
    confirm(job)
    assert [breach.invariant.name[:3] for breach in audit()] == ["I11"]

    pay_out_of_the_return(job)

    assert audit() == []
