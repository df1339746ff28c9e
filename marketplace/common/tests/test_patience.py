"""A request waits so long for other people's locks in all, and so many of a worker's do so at once."""

import threading
import time
from contextlib import contextmanager

import pytest
from django.db import connection, connections
from django.http import HttpResponse

from marketplace.common import patience
from marketplace.common.errors import Busy
from marketplace.common.failures import is_unavailable
from marketplace.common.locking import lock_row
from marketplace.common.transactions import service
from marketplace.wallet.models import Wallet
from marketplace.web.middleware import WaitsForLocks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def wallets(buyer, stranger) -> list[Wallet]:
    return [Wallet.objects.create(owner=person) for person in (buyer, stranger)]


@pytest.fixture(autouse=True)
def seats(monkeypatch):
    """`seats(2)`: so many requests may wait. One, as is usual, unless it is called."""

    def give(number: int) -> None:
        monkeypatch.setattr(patience, "_seats", threading.BoundedSemaphore(number))

    give(1)
    return give


@contextmanager
def held(wallet: Wallet):
    """Somebody else holds this row (on SQLite: the database). Yields what lets it go, from another thread, too."""
    other, one_at_a_time = connection.copy(), threading.Lock()

    def let_go() -> None:
        # Who waited for the row goes on before the answer is read here, and may end the test.
        with one_at_a_time:
            if other.connection is not None:
                cursor.execute("ROLLBACK")

    with other.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE" if other.vendor == "sqlite" else "BEGIN")
        cursor.execute(f"UPDATE {Wallet._meta.db_table} SET balance = balance WHERE id = %s", [wallet.pk])
        try:
            yield let_go
        finally:
            with one_at_a_time:
                other.close()


@service
def lock(*pks: int, then=lambda: None) -> None:
    """Lock one wallet after the other, as services lock rows of several kinds."""
    for pk in pks:
        lock_row(Wallet, pk)
        transaction_forgets_its_order()
        then()


def transaction_forgets_its_order() -> None:
    connection.locks_taken = {}


def in_a_request(act) -> None:
    WaitsForLocks(lambda request: (act(), HttpResponse())[1])(None)


@contextmanager
def took(least: float, most: float):
    began = time.monotonic()
    yield
    assert least <= time.monotonic() - began <= most


def ask_elsewhere(act) -> tuple[threading.Thread, list]:
    """A request in another thread; its outcome goes into the list."""
    outcome: list = []

    def run() -> None:
        try:
            in_a_request(act)
            outcome.append("done")
        except Exception as error:
            outcome.append(type(error))
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def test_a_request_waits_for_one_lock_once(wallets, monkeypatch):
    monkeypatch.setattr(patience, "IN_ALL", 1.0)
    with held(wallets[0]), took(0.8, 2), pytest.raises(Busy):
        in_a_request(lambda: lock(wallets[0].pk))


def test_several_waits_of_a_request_are_counted_together(wallets, monkeypatch):
    """Each is shorter than a lock timeout; the second ends when the request's patience does."""
    monkeypatch.setattr(patience, "IN_ALL", 1.5)
    if connection.vendor == "sqlite":
        pytest.skip("SQLite waits at BEGIN only")
    with held(wallets[0]) as let_go, held(wallets[1]):
        threading.Timer(0.7, let_go).start()
        with took(1.2, 2.5), pytest.raises(Busy):
            in_a_request(lambda: lock(wallets[0].pk, wallets[1].pk))


def test_a_request_that_has_waited_waits_for_nothing_more(wallets, monkeypatch):
    monkeypatch.setattr(patience, "IN_ALL", 0.3)

    def twice() -> None:
        with pytest.raises(Busy):
            lock(wallets[0].pk)
        Wallet.objects.count()  # reading goes on
        with took(0, 0.2), pytest.raises(Busy):
            lock(wallets[1].pk)

    with held(wallets[0]):
        in_a_request(twice)


def test_what_a_request_was_told_ends_with_it(wallets, monkeypatch):
    usual = patience_of_the_connection()
    monkeypatch.setattr(patience, "IN_ALL", 0.3)
    with held(wallets[0]), pytest.raises(Busy):
        in_a_request(lambda: lock(wallets[0].pk))

    assert patience_of_the_connection() == usual


def patience_of_the_connection() -> object:
    asked = {
        "postgresql": "SHOW lock_timeout",
        "sqlite": "PRAGMA busy_timeout",
        "mysql": "SELECT @@max_statement_time, @@innodb_lock_wait_timeout",
    }
    with connection.cursor() as cursor:
        cursor.execute(asked[connection.vendor])
        return cursor.fetchone()


def test_only_so_many_requests_of_a_worker_wait(wallets):
    with held(wallets[0]) as let_go:
        first, outcome = ask_elsewhere(lambda: lock(wallets[0].pk))
        time.sleep(0.3)
        with took(0.1, 1), pytest.raises(Busy):
            in_a_request(lambda: lock(wallets[0].pk))
        let_go()
        first.join()
    assert outcome == ["done"]


def test_control_with_more_seats_both_wait(wallets, seats, monkeypatch):
    seats(2)
    monkeypatch.setattr(patience, "IN_ALL", 2)
    with held(wallets[0]):
        first, outcome = ask_elsewhere(lambda: lock(wallets[0].pk))
        with took(1.5, 3), pytest.raises(Busy):
            in_a_request(lambda: lock(wallets[0].pk))
        first.join()
    assert outcome == [Busy]


def test_who_waited_without_a_seat_gets_the_one_that_has_become_free(wallets, seats):
    """The others in the worker were working, not waiting: a lock of half a second is waited for."""
    with held(wallets[0]) as let_go:
        patience._seats.acquire()
        threading.Timer(0.1, patience._seats.release).start()
        threading.Timer(0.6, let_go).start()
        with took(0.4, 2):
            in_a_request(lambda: lock(wallets[0].pk))


def test_seats_are_given_back(wallets):
    for _turn in range(3):
        in_a_request(lambda: lock(wallets[0].pk))

    assert patience._seats.acquire(blocking=False)


def test_what_is_no_request_waits_as_the_database_says(wallets):
    with held(wallets[0]) as let_go:
        patience._seats.acquire()
        threading.Timer(0.6, let_go).start()
        with took(0.4, 2):
            lock(wallets[0].pk)


@pytest.mark.parametrize(
    ("sql", "waits"),
    [
        ("SELECT 1", False),
        ("\n  (SELECT 1) UNION (SELECT 2)", False),
        ("SET lock_timeout = 3", False),
        ("SELECT a FROM b FOR UPDATE", True),
        ("SELECT a FROM b FOR NO KEY UPDATE SKIP LOCKED", True),
        ("UPDATE a SET b = 1", True),
        ("BEGIN IMMEDIATE", True),
    ],
)
def test_what_may_wait(sql, waits):
    assert patience.may_wait(sql) is waits


def test_a_request_without_patience_is_a_503_and_no_bug():
    assert is_unavailable(patience.OutOfPatience())
