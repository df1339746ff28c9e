"""`manage.py migrate` on a store that is large and open."""

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import OperationalError, connection

from marketplace.common import maintenance
from marketplace.products.search import index

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.every_database,
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite limits no statement"),
]

SLEEP = {"postgresql": "SELECT pg_sleep(0.4)", "mysql": "SELECT SLEEP(0.4)"}


@pytest.fixture
def a_short_limit(monkeypatch) -> None:
    """A statement that takes 0.4 s is a long one, on this connection."""
    limits = {
        "postgresql": ("SET statement_timeout = 100", "RESET statement_timeout"),
        "mysql": ("SET SESSION max_statement_time = 0.1", "SET SESSION max_statement_time = 0"),
    }
    short, back = limits[connection.vendor]
    run(short)
    yield
    run(back)


def run(sql: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []


def slowly(*args: object, **kwargs: object) -> int:
    run(SLEEP[connection.vendor])
    return 0


COMMANDS = {"migrate": (migrate.Command, "handle"), "rebuild_search": (index, "rebuild")}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.usefixtures("a_short_limit")
def test_a_long_statement_of_maintenance_is_not_cut(command, monkeypatch):
    monkeypatch.setattr(*COMMANDS[command], slowly)

    call_command(command, verbosity=0)


@pytest.mark.usefixtures("a_short_limit")
def test_every_other_statement_is_cut_before_and_after():
    """The control, and nothing of the web's own limits is lost."""
    for _ in range(2):
        with pytest.raises(OperationalError, match=r"timeout|max_statement_time"):
            slowly()
        with maintenance.unhurried(connection):
            slowly()


def test_the_limits_of_the_web_come_back_even_after_a_failure(monkeypatch):
    def fails(*args: object, **kwargs: object) -> None:
        raise ValueError

    asked = {
        "postgresql": "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'),"
        " current_setting('idle_in_transaction_session_timeout')",
        "mysql": "SELECT @@SESSION.max_statement_time, @@SESSION.lock_wait_timeout, @@innodb_lock_wait_timeout",
    }[connection.vendor]
    before = run(asked)
    monkeypatch.setattr(migrate.Command, "handle", fails)

    with pytest.raises(ValueError):
        call_command("migrate", verbosity=0)

    assert run(asked) == before


def test_a_lock_is_waited_for_as_shortly_as_ever():
    """The wait for rows is the connection's own; that for a table's definition is a day on MariaDB, without us."""
    rows = {
        "postgresql": "SELECT current_setting('lock_timeout')",
        "mysql": "SELECT @@innodb_lock_wait_timeout",
    }[connection.vendor]
    as_ever = run(rows)
    assert as_ever not in ([("0",)], [(0,)])

    with maintenance.unhurried(connection):
        assert run(rows) == as_ever
        if connection.vendor == "mysql":
            assert run("SELECT @@SESSION.lock_wait_timeout") == [(settings.LOCK_WAIT,)]
