"""The test databases: migrated once, copied for every worker, and emptied of what a test wrote.

The migrations make one database, the pattern, which stays until a migration, the list of the apps or
Django is another one. Every worker works on a copy of it. After a transactional test only the tables that
hold something are emptied; what the migrations wrote (content types, permissions) stays. Django's own
flush empties every table and writes those rows again, which takes longer than most tests.
"""

import contextlib
import fcntl
import functools
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.test import TransactionTestCase

# What the migrations wrote, and no test changes.
KEPT = ("django_migrations", "django_content_type", "auth_permission")
# The key of the first variant: far from every product's, so that none passes for the other.
FIRST_VARIANT = 700_001


@pytest.fixture(scope="session")
def django_db_setup(request, django_test_environment, django_db_blocker, django_db_modify_db_settings):
    """In place of pytest-django's: a copy of the pattern under the worker's own name."""
    store, own = connection.settings_dict["NAME"], connection.settings_dict["TEST"].get("NAME")
    own = str(own or f"test_{store}")
    with django_db_blocker.unblock():
        with _one_process_at_a_time():
            pattern = _pattern_of(own, make_anew=request.config.getvalue("create_db"))
            _remove(own)
            _copy(pattern, own)
        _turn_to(own)
    yield
    with django_db_blocker.unblock():
        _turn_to(store)
        _remove(own)


@pytest.fixture(scope="session")
def migrated(django_db_setup) -> str:
    """SQLite's pattern: the file that a process with a store of its own gets a copy of."""
    return pattern_name(connection.settings_dict["NAME"])


@contextlib.contextmanager
def _one_process_at_a_time() -> Iterator[None]:
    settings.VAR_DIR.mkdir(exist_ok=True)
    with Path(settings.VAR_DIR, "pattern.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _turn_to(name: str) -> None:
    """From now on every connection is one to this database."""
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name


# --- the pattern --------------------------------------------------------------------------------


def fingerprint() -> str:
    """What decides the schema: every migration, the list of the apps, Django."""
    digest = hashlib.sha256(repr((django.VERSION, settings.INSTALLED_APPS, FIRST_VARIANT, KEPT)).encode())
    for app in apps.get_app_configs():
        for path in sorted(Path(app.path, "migrations").glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def pattern_name(own: str) -> str:
    return own.partition("_gw")[0] + "_pattern"


def _pattern_of(own: str, *, make_anew: bool) -> str:
    """The name of the migrated database that `own` is a copy of; makes it unless there is one that fits."""
    name, wanted = pattern_name(own), fingerprint()
    if make_anew or _fingerprint_in(name) != wanted:
        _remove(name)
        connection.settings_dict["TEST"]["NAME"] = name
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        empty_what_was_filled()  # `migrate` wrote the books' currency; no other test than the first would find it
        number_variants_apart()
        MigrationRecorder(connection).record_applied("pattern", wanted)  # last: it is whole
    connection.close()
    return name


def number_variants_apart() -> None:
    """Let the keys of variants begin at `FIRST_VARIANT`."""
    statements = {
        "sqlite": (
            "DELETE FROM sqlite_sequence WHERE name = 'products_variant'",
            f"INSERT INTO sqlite_sequence (name, seq) VALUES ('products_variant', {FIRST_VARIANT - 1})",  # noqa: S608
        ),
        "postgresql": (f"ALTER SEQUENCE products_variant_id_seq RESTART WITH {FIRST_VARIANT}",),
        "mysql": (f"ALTER TABLE products_variant AUTO_INCREMENT = {FIRST_VARIANT}",),
    }
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)


@pytest.fixture
def variants_apart():
    """`variants_apart()` after a test that made the tables anew."""
    return number_variants_apart


def _fingerprint_in(name: str) -> str | None:
    """What the pattern of this name was made from; None where there is none, or a part of one."""
    _turn_to(name)
    try:
        return MigrationRecorder(connection).migration_qs.filter(app="pattern").values_list("name").get()[0]
    except (DatabaseError, MigrationRecorder.Migration.DoesNotExist):
        return None


def _remove(name: str) -> None:
    if connection.vendor == "sqlite":
        for end in ("", "-wal", "-shm"):
            Path(name + end).unlink(missing_ok=True)
        return
    force = " WITH (FORCE)" if connection.vendor == "postgresql" else ""
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)}{force}")


def _copy(pattern: str, name: str) -> None:
    quote = connection.ops.quote_name
    if connection.vendor == "sqlite":
        shutil.copyfile(pattern, name)
    elif connection.vendor == "postgresql":
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {quote(name)} TEMPLATE {quote(pattern)}")
    else:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {quote(name)} {connection.creation.sql_table_creation_suffix()}")
        _turn_to(name)
        _copy_tables(quote(pattern))


def _copy_tables(pattern: str) -> None:
    """MariaDB copies no database: its tables, the rows that the migrations wrote, its triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SET foreign_key_checks = 0")
        cursor.execute(f"SHOW TABLES FROM {pattern}")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SHOW CREATE TABLE {pattern}.`{table}`")
            cursor.execute(cursor.fetchone()[1])
        for table in KEPT:
            cursor.execute(f"INSERT INTO `{table}` SELECT * FROM {pattern}.`{table}`")  # noqa: S608
        cursor.execute(f"SHOW TRIGGERS FROM {pattern}")
        for name, event, table, statement, timing, *_rest in cursor.fetchall():
            cursor.execute(f"CREATE TRIGGER `{name}` {timing} {event} ON `{table}` FOR EACH ROW {statement}")
        cursor.execute("SET foreign_key_checks = 1")


# --- after a transactional test -----------------------------------------------------------------


@functools.cache
def _tables() -> list[str]:
    """Every table that a test may write into."""
    return sorted(set(connection.introspection.django_table_names(only_existing=True)) - set(KEPT))


def filled_tables() -> list[str]:
    """The tables that hold a row now, in one statement."""
    quoted = map(connection.ops.quote_name, _tables())
    columns = ", ".join(f"EXISTS (SELECT 1 FROM {table})" for table in quoted)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}")
        return [table for table, is_filled in zip(_tables(), cursor.fetchone(), strict=True) if is_filled]


def empty_what_was_filled(_test_case: TransactionTestCase | None = None) -> None:
    """Leave the database as the migrations left it."""
    tables = [connection.ops.quote_name(table) for table in filled_tables()]
    if not tables:
        return
    off, on = {
        "sqlite": ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
        "mysql": ("SET foreign_key_checks = 0", "SET foreign_key_checks = 1"),
        "postgresql": (None, None),
    }[connection.vendor]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")  # which asks no trigger of a row
            return
        cursor.execute(off)
        with transaction.atomic():
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608
        cursor.execute(on)


TransactionTestCase._fixture_teardown = empty_what_was_filled


def database_url() -> str:
    """The database of this test, for other processes."""
    of = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{of['NAME']}"
    scheme = {"postgresql": "postgres", "mysql": "mysql"}[connection.vendor]
    password = f":{of['PASSWORD']}" if of["PASSWORD"] else ""
    return f"{scheme}://{of['USER']}{password}@{of['HOST']}:{of['PORT']}/{of['NAME']}"


@pytest.fixture
def database_address(transactional_db) -> str:
    """Where a process of its own finds the database of this test."""
    return database_url()
