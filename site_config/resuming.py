"""A `migrate` that was killed goes on, on MariaDB, too, which commits every change of a table by itself.

PostgreSQL and SQLite take a migration that was cut back whole. On MariaDB its first statements stay, and the next
try fails at the first of them ("Table already exists"). So a migration leaves a note before its first statement and
takes it away after it was recorded; one that finds its note runs all of its statements again, and those whose work is
there already are passed over. What it says through the ORM (RunPython) has to bear being run twice, as
docs/reliability.md §3.2 wants of every migration.

One statement of MariaDB is there or it is not (its DDL is atomic since 10.6), so nothing is done by half.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "ecs_begun_migrations"
# What MariaDB answers where the work of a statement is there already. Only believed of a migration that left its note.
DONE = {
    1050: "table already exists",
    1051: "table to drop is unknown",
    1054: "column to rename is unknown",
    1060: "column exists",
    1061: "index exists",
    1068: "primary key exists",
    1091: "column or index to drop does not exist",
    1146: "table to rename does not exist",
    1359: "trigger exists",
    1360: "trigger to drop does not exist",
    1553: "index to drop is the one of that name that this migration made, and serves a foreign key",
    1826: "constraint exists",
}
GONE = "dropped_before"  # a name that no constraint has
DUPLICATE_FOREIGN_KEY = "errno: 121"  # of the error 1005


class Passing:
    """Whether the migration that runs now was begun before."""

    resumes = False


class Notes:
    """Which migrations were begun and not finished. On databases that undo a migration whole there are none."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.are_kept = connection.vendor == "mysql"

    def begin(self, app: str, name: str) -> bool:
        """Leave a note; whether there was one."""
        if not self.are_kept:
            return False
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS {TABLE} (app VARCHAR(80) NOT NULL, name VARCHAR(160) NOT NULL,"
                " PRIMARY KEY (app, name))"
            )
            cursor.execute(f"INSERT IGNORE INTO {TABLE} VALUES (%s, %s)", [app, name])  # noqa: S608  our own name
            return cursor.rowcount == 0

    def end(self, app: str, name: str) -> None:
        """Take the note away: the migration is recorded (or, backwards, no longer is)."""
        if self.are_kept:
            with self.connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {TABLE} WHERE app = %s AND name = %s", [app, name])  # noqa: S608


@contextmanager
def passing_over_what_is_done(connection: BaseDatabaseWrapper) -> Iterator[Passing]:
    """Within it, `resumes = True` on what it gives lets schema statements pass whose work is there already."""
    passing = Passing()
    editor = connection.SchemaEditorClass

    class Resuming(editor):  # type: ignore[misc, valid-type]
        def execute(self, sql: Any, params: Any = ()) -> None:
            try:
                super().execute(sql, params)
            except DatabaseError as error:
                if not (passing.resumes and is_done_already(error)):
                    raise

        def _constraint_names(self, *args: Any, foreign_key: bool | None = None, **kwargs: Any) -> list[str]:
            """Whoever asks for a foreign key makes it anew if there was one: that it is dropped already is no no."""
            names: list[str] = super()._constraint_names(*args, foreign_key=foreign_key, **kwargs)
            return names or [GONE] if foreign_key and passing.resumes else names

        def _delete_composed_index(self, *args: Any, **kwargs: Any) -> None:
            """Django looks for what it drops, and says so where there is none (unique_together)."""
            try:
                super()._delete_composed_index(*args, **kwargs)
            except ValueError:
                if not passing.resumes:
                    raise

    connection.SchemaEditorClass = Resuming
    try:
        yield passing
    finally:
        connection.SchemaEditorClass = editor


def is_done_already(error: DatabaseError) -> bool:
    """Whether a schema statement of MariaDB failed because its work is there."""
    code = error.args[0] if error.args else None
    return code in DONE or (code == 1005 and DUPLICATE_FOREIGN_KEY in str(error))
