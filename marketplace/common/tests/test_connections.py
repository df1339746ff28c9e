"""A connection that is lost at the wrong moment poisons no thread."""

import contextlib

import django.db
import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.http import HttpResponse

from marketplace.accounts.models import User
from marketplace.common import connections
from marketplace.common.errors import Busy
from marketplace.common.sweeping import Sweep
from marketplace.common.transactions import service
from marketplace.web.clockwork import run_sweep
from marketplace.web.middleware import NothingLeftOpen

pytestmark = pytest.mark.django_db(transaction=True)


@service
def sign_up(name: str) -> User:
    return User.objects.create_user(f"{name}@example.org")


def names() -> list[str]:
    """Who is there, as another connection sees it: what was committed."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(f"SELECT email FROM {User._meta.db_table} ORDER BY email")
            return [email.partition("@")[0] for (email,) in cursor.fetchall()]
    finally:
        other.close()


@pytest.fixture
def losing(monkeypatch):
    """The next time that autocommit is turned on again, the connection is lost."""
    connection.ensure_connection()
    kind = type(django.db.connections["default"])
    real, lost = kind._set_autocommit, []

    def lose_once(self, autocommit: bool) -> None:
        if autocommit and not lost:
            lost.append(True)
            raise OperationalError(2013, "Lost connection to MySQL server during query")
        real(self, autocommit)

    monkeypatch.setattr(kind, "_set_autocommit", lose_once)


def poison() -> None:
    """What a session's own transaction leaves behind, when it ends by a lost connection."""
    with contextlib.suppress(DatabaseError), transaction.atomic():
        User.objects.create_user("poison@example.org")


def close_inside_a_transaction() -> None:
    """The other way to be stuck: closed, and believed to be inside a transaction."""
    connection.ensure_connection()
    connection.in_atomic_block = True
    connection.close()


def assert_is_fit() -> None:
    assert not connection.in_atomic_block
    assert not connection.closed_in_transaction
    with transaction.atomic():
        User.objects.create_user("after@example.org")
    assert "after" in names()


def test_a_service_that_loses_its_connection_after_commit_leaves_a_new_one(losing):
    with pytest.raises(Busy):
        sign_up("first")

    assert_is_fit()
    assert "first" in names()


def test_a_service_commits_after_something_else_has_poisoned_the_connection(losing):
    poison()

    sign_up("second")

    assert "second" in names()
    assert_is_fit()


def test_control_a_poisoned_connection_stays_so_if_nobody_drops_it(losing, monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no transaction that Python opens by itself here")
    monkeypatch.setattr("marketplace.common.transactions.drop_if_stuck", lambda connection: False)
    poison()

    sign_up("lost")

    assert "lost" not in names()
    connections.drop(connection)


def end_of_a_request(spoil) -> None:
    NothingLeftOpen(lambda request: (spoil(), HttpResponse())[1])(None)


def end_of_a_sweep(spoil) -> None:
    run_sweep(Sweep("spoil", "Spoil", lambda now: spoil() or 0, turn=1))


@pytest.mark.parametrize("end", [end_of_a_request, end_of_a_sweep])
@pytest.mark.parametrize("spoil", [poison, close_inside_a_transaction])
def test_nothing_is_left_open_at_the_end_of_a_request_and_of_a_sweep(end, spoil, request):
    if spoil is poison:
        request.getfixturevalue("losing")

    end(spoil)

    assert_is_fit()


def test_a_request_that_breaks_leaves_nothing_open_either(losing):
    def broken(request):
        poison()
        raise KeyError

    with pytest.raises(KeyError):
        NothingLeftOpen(broken)(None)

    assert_is_fit()


@pytest.mark.parametrize("word", [b"SET AUTOCOMMIT = 1", b"SET AUTOCOMMIT = 0", b"COMMIT", b"INSERT INTO"])
def test_a_wire_that_is_cut_is_met_with_a_new_connection(wire, word):
    """The real thing: the answer to one statement never comes."""
    if b"AUTOCOMMIT" in word and connection.vendor != "mysql":
        pytest.skip("only MariaDB is asked for it")
    sign_up("before")
    wire.cut_answer_to(word)

    with contextlib.suppress(Busy):
        sign_up("during")
    sign_up("then")

    assert wire.cuts == 1
    assert {"before", "then"} <= set(names())
    assert_is_fit()


def test_pages_and_sweeps_go_on_after_a_cut(wire, client):
    """Home answered 200 and 500 in turns, and every sweep failed, until a restart."""
    word = b"SET AUTOCOMMIT = 1" if connection.vendor == "mysql" else b"COMMIT"
    with contextlib.suppress(Busy):
        wire.cut_answer_to(word)
        sign_up("during")

    assert wire.cuts == 1
    assert [client.get("/healthz").status_code for _turn in range(4)] == [200] * 4
    ran = run_sweep(Sweep("look", "Look", lambda now: User.objects.count(), turn=1))
    assert ran.went_well
