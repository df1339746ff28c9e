"""What the other tests stand on: emptied databases, the limit of time, what runs on which database."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections

from marketplace.accounts.models import User
from marketplace.wallet.models import Transaction
from site_config.testing import databases
from site_config.testing.statements import Statements
from site_config.tests.running import run_pytest

# --- databases ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_transactional_test_finds_nothing_of_the_one_before(turn, person, fund):
    """Each leaves an account and a ledger that nobody may delete from; the other one finds neither."""
    assert databases.filled_tables() == []

    fund(person(), 500)

    assert {User._meta.db_table, Transaction._meta.db_table} <= set(databases.filled_tables())


@pytest.mark.django_db(transaction=True)
def test_what_the_migrations_wrote_stays(person):
    person()
    types = ContentType.objects.count()
    databases.empty_what_was_filled()

    assert (ContentType.objects.count(), User.objects.count()) == (types, 0)
    assert types > 20


@pytest.mark.django_db(transaction=True)
def test_foreign_keys_are_asked_again_afterwards(person):
    person()
    databases.empty_what_was_filled()

    with connection.cursor() as cursor:
        question = {
            "sqlite": "PRAGMA foreign_keys",
            "mysql": "SELECT @@foreign_key_checks",
            "postgresql": "SELECT 1",
        }
        cursor.execute(question[connection.vendor])
        assert cursor.fetchone()[0] == 1


@pytest.mark.django_db
def test_the_copy_has_all_that_the_migrations_made():
    """Tables, columns, indexes, checks, triggers: as in the pattern that they made themselves."""
    pattern = connections.create_connection("default")
    pattern.settings_dict = {
        **pattern.settings_dict,
        "NAME": databases.pattern_name(pattern.settings_dict["NAME"]),
    }
    try:
        made = structure(pattern)
    finally:
        pattern.close()

    assert structure(connection) == made
    assert len(made) > 100


def structure(connection) -> list[tuple]:
    """Everything that the database says about its tables."""
    questions = {
        "sqlite": ["SELECT type, name, tbl_name, sql FROM sqlite_master"],
        "postgresql": [
            "SELECT 'column', table_name, column_name, data_type, is_nullable FROM information_schema.columns"
            " WHERE table_schema = 'public'",
            "SELECT 'index', indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'public'",
            "SELECT 'check', conname, pg_get_constraintdef(oid), '', '' FROM pg_constraint",
            "SELECT 'trigger', tgname, '', '', '' FROM pg_trigger WHERE NOT tgisinternal",
        ],
        "mysql": [
            "SELECT 'column', table_name, column_name, column_type, is_nullable"
            " FROM information_schema.columns WHERE table_schema = DATABASE()",
            "SELECT 'index', table_name, index_name, column_name, non_unique"
            " FROM information_schema.statistics WHERE table_schema = DATABASE()",
            "SELECT 'check', table_name, constraint_name, check_clause, ''"
            " FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()",
            "SELECT 'key', table_name, constraint_name, constraint_type, ''"
            " FROM information_schema.table_constraints WHERE table_schema = DATABASE()",
            "SELECT 'trigger', trigger_name, event_object_table, action_statement, action_timing"
            " FROM information_schema.triggers WHERE trigger_schema = DATABASE()",
        ],
    }
    rows = []
    with connection.cursor() as cursor:
        for question in questions[connection.vendor]:
            cursor.execute(question)
            rows += cursor.fetchall()
    return sorted(rows, key=str)


# --- time and databases of the tests ------------------------------------------------------------


BUSY = """
import time
import pytest

@pytest.fixture
def busy():
    spin()

def spin():
    end = time.process_time() + 0.4
    while time.process_time() < end:
        pass

def test_that_works_itself():
    spin()

def test_whose_fixture_does(busy):
    pass

def test_that_sleeps():
    time.sleep(0.6)

@pytest.mark.costly("because it shows the exception", seconds=60)
def test_that_says_why():
    spin()
"""


def test_a_test_that_takes_too_much_processor_time_fails(tmp_path):
    limit = "import site_config.testing.cost as cost\ncost.MOST_SECONDS, cost.slowness = 0.3, lambda: 1.0\n"

    answer = run_pytest(tmp_path, limit + BUSY)

    assert "2 failed, 2 passed" in answer.stdout, answer.stdout + answer.stderr
    assert answer.stdout.count("s of processor time") >= 2


PAGE = """
import pytest

@pytest.mark.every_database
def test_marked(): pass

def test_not_marked(db): pass

def test_without_a_database(): pass
"""


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("shop/tests/test_it.py", "1 passed, 2 deselected"),
        ("marketplace/orders/test_it.py", "2 passed, 1 deselected"),
    ],
)
def test_a_face_is_asked_on_one_database_unless_it_is_marked(tmp_path, place, said, migrated):
    answer = run_pytest(tmp_path, PAGE, "--where-databases-differ", place=place, migrated=migrated)

    assert said in answer.stdout, answer.stdout + answer.stderr


def test_a_statement_that_only_a_face_makes_is_found():
    statements = Statements()
    for statements.test, sql in (
        (Statements.EVERYWHERE, 'SELECT "id" FROM "thing" WHERE "id" IN (%s, %s, %s) LIMIT 21'),
        ("shop/tests/test_it.py::test_the_same", 'SELECT "id" FROM "thing" WHERE "id" IN (%s, %s) LIMIT 4'),
        (Statements.EVERYWHERE, 'INSERT INTO "thing" ("a", "b") VALUES (%s, %s), (%s, %s) RETURNING "id"'),
        ("shop/tests/test_it.py::test_more", 'INSERT INTO "thing" ("a", "b") VALUES (%s, %s) RETURNING "id"'),
        ("shop/tests/test_it.py::test_null", 'INSERT INTO "thing" ("a") VALUES (%s) RETURNING "id"'),
        ("shop/tests/test_it.py::test_another", 'SELECT "name" FROM "thing"'),
        ("shop/tests/test_it.py::test_all", 'SELECT "thing"."id" FROM "thing" ORDER BY "thing"."id" ASC'),
    ):
        statements.note(sql)

    assert statements.only_here() == {'SELECT "name" FROM "thing"': ["shop/tests/test_it.py::test_another"]}


def test_a_refusal_that_only_a_face_meets_is_asked_of_the_tests_of_the_list_alone():
    statements = Statements()
    sql = 'UPDATE "thing" SET "a" = %s'
    statements.test = Statements.EVERYWHERE
    statements.note(sql)
    statements.test = "shop/tests/test_it.py::test_that_is_refused"
    statements.note(sql, refused="IntegrityError")

    assert statements.only_here() == {}
    assert statements.only_here(frozenset({statements.test})) == {
        f"{sql} REFUSED: IntegrityError": [statements.test]
    }
