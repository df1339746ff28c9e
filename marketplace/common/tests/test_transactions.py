"""Services, locks and form keys: what the whole store stands on."""

import uuid

import pytest
from django.db import OperationalError

from marketplace.accounts.models import User
from marketplace.common import idempotency
from marketplace.common.errors import Busy, KeyReused
from marketplace.common.locking import LockOrderError, lock_all, lock_by_ids, lock_row
from marketplace.common.models import FormKey
from marketplace.common.transactions import TRIES, service
from marketplace.orders.models import Cart, Order
from marketplace.wallet.models import Wallet


@service
def nothing_but(call):
    return call()


def test_a_lock_outside_a_service_is_refused(db):
    with pytest.raises(LockOrderError):
        lock_row(Wallet, 1)


def test_a_missing_row_says_so(db):
    with pytest.raises(Wallet.DoesNotExist):
        nothing_but(lambda: lock_row(Wallet, 404))


def test_a_step_back_in_the_order_of_locks_is_refused(buyer):
    wallet, cart = Wallet.objects.create(owner=buyer), Cart.objects.create(user=buyer)

    with pytest.raises(LockOrderError):
        nothing_but(lambda: (lock_row(Wallet, wallet.pk), lock_row(Cart, cart.pk)))


def test_a_second_call_for_the_same_kind_of_row_is_refused_unless_it_is_held_already(buyer, stranger):
    mine, other = Wallet.objects.create(owner=buyer), Wallet.objects.create(owner=stranger)

    nothing_but(lambda: (lock_by_ids(Wallet, [mine.pk, other.pk]), lock_row(Wallet, mine.pk)))
    with pytest.raises(LockOrderError):
        nothing_but(lambda: (lock_row(Wallet, mine.pk), lock_row(Wallet, other.pk)))


def test_locks_are_forgotten_when_the_service_ends(buyer):
    wallet, cart = Wallet.objects.create(owner=buyer), Cart.objects.create(user=buyer)

    nothing_but(lambda: lock_row(Wallet, wallet.pk))
    nothing_but(lambda: lock_row(Cart, cart.pk))


def test_an_empty_lock_is_fine(db):
    assert nothing_but(lambda: lock_all(Order.objects.all())) == []


@pytest.mark.django_db(transaction=True)
def test_a_busy_database_is_tried_three_times_and_then_said_so():
    calls = []

    def locked():
        calls.append(User.objects.create_user(f"{uuid.uuid4()}@example.org"))
        raise OperationalError("database is locked")

    with pytest.raises(Busy):
        nothing_but(locked)

    assert len(calls) == TRIES
    assert not User.objects.exists()


def use(form_key, *, user_id=1, payload="the same", result="first"):
    return nothing_but(
        lambda: idempotency.begin(
            form_key=form_key, user_id=user_id, action="test", payload=payload, result=result
        )
    )


def test_a_form_key_works_once_and_then_tells_the_first_result(db):
    key = idempotency.new_form_key(user_id=1, action="test")

    assert use(key) is None
    assert use(key, result="second") == "first"
    assert FormKey.objects.count() == 1


def test_a_form_key_refuses_other_content_other_people_and_forgery(db):
    key = idempotency.new_form_key(user_id=1, action="test")
    use(key)

    for attempt in ({"payload": "other"}, {"user_id": 2}, {"user_id": None}):
        with pytest.raises(KeyReused):
            use(key, **attempt)
    for forged in (key + "x", "", "1:test::abc"):
        with pytest.raises(KeyReused):
            use(forged)


def test_an_old_form_key_is_refused(db, time_machine):
    time_machine.move_to("2026-05-01 10:00Z")
    key = idempotency.new_form_key(user_id=1, action="test")
    time_machine.move_to("2026-05-02 10:01Z")

    with pytest.raises(KeyReused):
        use(key)


def test_a_refused_form_may_be_sent_again(db):
    key = idempotency.new_form_key(user_id=1, action="test")

    def refuse():
        idempotency.begin(form_key=key, user_id=1, action="test", payload="x", result="r")
        raise KeyReused("no")

    with pytest.raises(KeyReused):
        nothing_but(refuse)

    assert use(key, payload="x") is None
