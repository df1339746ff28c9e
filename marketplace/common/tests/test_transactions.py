"""Services, locks and form keys: what the whole store stands on."""

import uuid

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError, connection

from marketplace.accounts.models import User
from marketplace.common import idempotency
from marketplace.common.errors import Busy, KeyReused
from marketplace.common.failures import is_unavailable
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


def undone_by_the_database(error) -> list:
    """The calls of a service that always ends with `error`, which becomes `Busy`."""
    calls = []

    def undone():
        calls.append(User.objects.create_user(f"{uuid.uuid4()}@example.org"))
        raise error

    with pytest.raises(Busy):
        nothing_but(undone)
    assert not User.objects.exists()
    return calls


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_is_tried_three_times_and_then_said_so():
    assert len(undone_by_the_database(OperationalError(1213, "Deadlock found"))) == TRIES


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "error",
    [OperationalError("database is locked"), OperationalError(1205, "Lock wait"), OperationalError(1969, "")],
    ids=str,
)
def test_a_lock_that_was_waited_for_in_vain_is_not_waited_for_again(error):
    assert len(undone_by_the_database(error)) == 1


LOST = [
    OperationalError(2006, "Server has gone away"),
    OperationalError(2013, "Lost connection during query"),
    InterfaceError("connection already closed"),
    OperationalError("unable to open database file"),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", LOST, ids=str)
def test_a_connection_lost_before_commit_is_tried_again(error):
    calls = []

    def lose_the_first():
        calls.append(User.objects.create_user(f"{uuid.uuid4()}@example.org"))
        if len(calls) == 1:
            raise error
        return "done"

    assert nothing_but(lose_the_first) == "done"
    assert [user.pk for user in User.objects.all()] == [calls[1].pk]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", LOST, ids=str)
def test_a_connection_lost_during_commit_is_not_tried_again(error, monkeypatch):
    """Nobody knows whether it happened: the form key tells, when the same form is sent again."""
    calls = []
    commit = connection.commit

    def commit_and_lose_the_answer():
        commit()
        raise error

    monkeypatch.setattr(connection, "commit", commit_and_lose_the_answer)

    with pytest.raises(Busy):
        nothing_but(lambda: calls.append(User.objects.create_user("a@example.org")))

    assert len(calls) == 1


@pytest.mark.django_db(transaction=True)
def test_a_server_that_ends_the_connection_is_met_with_a_new_one():
    """The real thing: the first try's connection is cut by another one before COMMIT."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no connection to cut")
    number = {"postgresql": "SELECT pg_backend_pid()", "mysql": "SELECT CONNECTION_ID()"}[connection.vendor]
    cut = {"postgresql": "SELECT pg_terminate_backend(%s)", "mysql": "KILL %s"}[connection.vendor]
    calls = []

    def be_cut_once():
        calls.append(User.objects.create_user(f"{uuid.uuid4()}@example.org"))
        if len(calls) == 1:
            with connection.cursor() as cursor:
                cursor.execute(number)
                mine = cursor.fetchone()[0]
            other = connection.copy()
            with other.cursor() as cursor:
                cursor.execute(cut, [mine])
            other.close()
        return User.objects.count()

    assert nothing_but(be_cut_once) == 1


@pytest.mark.parametrize(
    "error", [ProgrammingError("syntax"), OperationalError("no such table: x"), KeyError()]
)
def test_a_bug_is_not_taken_for_a_database_that_is_away(error):
    assert not is_unavailable(error)


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
