"""A `migrate` that is killed goes on at the next try, and the tables are those of one that was not."""

import os
import random
import re
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection

from marketplace.common.connections import drop
from site_config import resuming
from site_config.testing import databases

EVERY_STATEMENT = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
pytestmark = [
    pytest.mark.every_database,
    pytest.mark.costly("makes all tables several times", seconds=36_000 if EVERY_STATEMENT else 240),
]
FEW = 4
WRITES = re.compile(r"\s*(CREATE|ALTER|DROP|RENAME|INSERT|UPDATE|DELETE)", re.IGNORECASE)
# A moment, as its own class and as SQLite's text: another one at each try, though the statement is the same.
MOMENT = re.compile(r"datetime\.datetime\([^)]*\)|\d{4}-\d\d-\d\d[ T][\d:.+]+")


class Killed(BaseException):
    """The process is gone: nothing of ours runs any more, not even what cleans up."""


class Killer:
    """Kills after a statement that writes, and before the first, at each once; `chance` says at how many.

    Between the end of one and the beginning of the next nothing changes.
    """

    def __init__(self, chance: float, most: int | None) -> None:
        self.random = random.Random(20)
        self.chance, self.most = chance, most
        self.asked: set[tuple[str, str]] = set()
        self.kills = 0
        self.is_dead = False

    def __call__(self, execute, sql, params, many, context):
        if self.is_dead:
            raise Killed
        if not self.asked and self.strikes("before", sql, params):
            raise Killed
        result = execute(sql, params, many, context)
        if self.strikes("after", sql, params):
            raise Killed
        return result

    def strikes(self, moment: str, sql: object, params: object) -> bool:
        place = (moment, MOMENT.sub("", f"{sql} {params}") if WRITES.match(str(sql)) else "")
        if not place[1] or place in self.asked or self.kills == self.most:
            return False
        self.asked.add(place)
        self.is_dead = self.random.random() < self.chance
        self.kills += self.is_dead
        return self.is_dead


@pytest.fixture
def empty_database(migrated, django_db_blocker) -> Iterator[None]:
    """Connected to a new database without a table; afterwards to the test's own again."""
    own = connection.settings_dict["NAME"]
    name = f"{own}_killed" if connection.vendor != "sqlite" else f"{own}.killed"
    with django_db_blocker.unblock():
        databases._remove(name)
        if connection.vendor != "sqlite":
            end = connection.creation.sql_table_creation_suffix()
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(name)} {end}")
        databases._turn_to(name)
        yield
        databases._turn_to(own)
        databases._remove(name)


def schema() -> set[str]:
    """What the database says of its tables, a line a column, key, constraint and trigger."""
    ask = {
        "sqlite": "SELECT name || ' ' || coalesce(sql, '') FROM sqlite_master",
        "postgresql": """
            SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)
            FROM information_schema.columns WHERE table_schema = 'public'
            UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
            UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
            UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname) FROM pg_trigger WHERE NOT tgisinternal""",
        "mysql": "SELECT CONCAT(trigger_name, ' ', event_object_table, ' ', action_statement)"
        " FROM information_schema.triggers WHERE trigger_schema = DATABASE()",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(ask)
        lines = {line for (line,) in cursor.fetchall()}
        if connection.vendor == "mysql":
            for table in connection.introspection.table_names(cursor):
                if table != resuming.TABLE:
                    cursor.execute(f"SHOW CREATE TABLE `{table}`")
                    words = re.sub(r" AUTO_INCREMENT=\d+", "", cursor.fetchone()[1])
                    lines |= {f"{table}: {line.strip().rstrip(',')}" for line in words.splitlines()}
    return lines


def migrate_until_it_is_done(killer: Killer) -> None:
    for _ in range(10_000):
        killer.is_dead = False
        try:
            with connection.execute_wrapper(killer):
                call_command("migrate", interactive=False, verbosity=0)
        except Killed:
            pass
        else:
            return
        finally:
            drop(connection)  # the server takes back what was not committed
    pytest.fail("it never gets to the end")


@pytest.mark.usefixtures("empty_database")
def test_a_migrate_that_was_killed_goes_on_and_leaves_the_same_tables(migrated):
    killer = Killer(1, None) if EVERY_STATEMENT else Killer(0.03, FEW)

    migrate_until_it_is_done(killer)

    assert killer.kills >= FEW
    killed, own = schema(), connection.settings_dict["NAME"]
    databases._turn_to(migrated)
    try:
        whole = schema()
    finally:
        databases._turn_to(own)
    assert killed == whole


@pytest.mark.skipif(connection.vendor != "mysql", reason="the others take a migration back whole")
@pytest.mark.usefixtures("empty_database")
def test_without_its_notes_mariadb_would_stay_where_it_was_killed(monkeypatch):
    """The control: what the notes are for."""
    monkeypatch.setattr(resuming, "is_done_already", lambda _error: False)

    with pytest.raises(resuming.DatabaseError, match="already exists"):
        migrate_until_it_is_done(Killer(0.03, FEW))


@pytest.mark.skipif(connection.vendor != "mysql", reason="the others take a migration back whole")
@pytest.mark.django_db(transaction=True)
def test_a_table_that_somebody_else_made_is_not_taken_for_ours():
    """Only a migration that left its note passes over what is there."""
    with (
        resuming.passing_over_what_is_done(connection) as passing,
        connection.schema_editor() as editor,
        pytest.raises(resuming.DatabaseError),
    ):
        assert not passing.resumes
        editor.execute("CREATE TABLE django_migrations (id INT)")
