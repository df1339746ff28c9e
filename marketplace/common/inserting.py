"""INSERTs that a person waits for: the columns are known, so the statement is put together once.

`bulk_create` takes the model and the statement apart each time anew, at nearly twice the processor
time (docs/performance.md); an order has eight of them. What is written is the same.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.constants import OnConflict

Row = TypeVar("Row", bound=models.Model)


def insert(rows: Iterable[Row], *, ignore_conflicts: bool = False) -> list[Row]:
    """Write new `rows` of one model in one INSERT and return them, with their keys where the database tells.

    One INSERT more for each time that the database's limit of parameters is reached. Rows that these
    point at have been saved, and none has a key where the database counts them. `ignore_conflicts`
    leaves out what is there already, and tells no keys.
    """
    rows = list(rows)
    if not rows:
        return rows
    tells_keys = connection.features.can_return_rows_from_bulk_insert and not ignore_conflicts
    every = _fields(type(rows[0]))
    values = [
        [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in every] for row in rows
    ]
    unnamed = _unnamed(every, values)
    fields, begin, marks, end = _statement(
        type(rows[0]), connection.vendor, ignore_conflicts, tells_keys, unnamed
    )
    batch = connection.ops.bulk_batch_size(fields, rows)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), batch):
            part = values[start : start + batch]
            cursor.execute(
                f"{begin}{', '.join([marks] * len(part))}{end}",
                [value for line in part for place, value in enumerate(line) if place not in unnamed],
            )
            if tells_keys:
                for row, (key,) in zip(rows[start : start + batch], cursor.fetchall(), strict=True):
                    row.pk = key
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    return rows


@cache
def _fields(model: type[models.Model]) -> list["models.Field[Any, Any]"]:
    return [field for field in model._meta.concrete_fields if field.get_internal_type() != "BigAutoField"]


def _unnamed(fields: list["models.Field[Any, Any]"], values: list[list[Any]]) -> frozenset[int]:
    """The places of the columns that are NULL in every row: left unnamed, they are NULL, too."""
    return frozenset(
        place
        for place, field in enumerate(fields)
        if field.null and not field.has_db_default() and all(line[place] is None for line in values)
    )


@cache
def _statement(
    model: type[models.Model], vendor: str, ignore_conflicts: bool, tells_keys: bool, unnamed: frozenset[int]
) -> tuple[list["models.Field[Any, Any]"], str, str, str]:
    """The columns that are written, what comes before them, for each row, and after them.

    Those in the places `unnamed` are left to the database. Psycopg takes a statement with more than fifty values apart
    anew each time: an order's two shipments had 76, half of them NULL.
    """
    quote, ops, key = connection.ops.quote_name, connection.ops, model._meta.pk
    on_conflict = OnConflict.IGNORE if ignore_conflicts else None
    fields = [field for place, field in enumerate(_fields(model)) if place not in unnamed]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    begin = (
        f"{ops.insert_statement(on_conflict=on_conflict)} {quote(model._meta.db_table)} ({columns}) VALUES "
    )
    values = f"({', '.join(['%s'] * len(fields))})"
    end = ops.on_conflict_suffix_sql(fields, on_conflict, (), ())
    if tells_keys:
        end = f"RETURNING {quote(str(key.column))}"
    return fields, begin, values, f" {end}" if end else ""
