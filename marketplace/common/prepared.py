"""Queries that the ORM puts into SQL once a process, for pages that ask the same one at every visit.

To build a query with joins takes Django longer than it takes PostgreSQL to answer it: of a product's page it was a
third (docs/performance.md). What the ORM made of it is kept: the SQL, and how columns become values.

PostgreSQL keeps its plan, too, a connection: to plan a query of twelve tables takes it longer than to answer it.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connections
from django.db.models import QuerySet

from marketplace.common import plans

Row = dict[str, Any]
Hole = int | str

_FIRST_MARK = 1_900_000_000
"""From here on numbers stand for what a query is asked with; no query of ours holds such a number itself."""


class Prepared:
    """A `.values()` query with holes, asked as often as one likes; each time is one statement.

    `build` gets a stand-in for every hole and returns the query; that happens once a process. So the query must not
    depend on the moment, the person or the language, and a hole is only compared with a column of its kind.

    `keeps_plan`: whether PostgreSQL may use one plan whatever is in the holes. Not where a hole finds a few rows
    of one seller and half of the store's of another, and the plan has to know which.
    """

    def __init__(
        self,
        build: Callable[..., QuerySet[Any, Any]],
        *,
        keeps_plan: bool = True,
        **holes: type[int] | type[str],
    ) -> None:
        self._build, self._keeps_plan = build, keeps_plan
        self._marks = {name: kind(_FIRST_MARK + place) for place, (name, kind) in enumerate(holes.items())}
        self._written: _Written | None = None

    def __call__(self, **given: Hole) -> list[Row]:
        """The rows of the query with these values in its holes."""
        if self._written is None:
            self._written = _Written(self._build(**self._marks), self._marks, self._keeps_plan)
        return self._written.ask(given)


class PreparedByIds:
    """As `Prepared`, for the rows with some primary keys: one statement, written for 1, 2, 4, 8 … of them.

    `build` gets the list of stand-ins, for its `IN`. Where fewer are asked for, the last one is said more than once.
    """

    def __init__(self, build: Callable[[list[int]], QuerySet[Any, Any]]) -> None:
        self._build = build
        self._by_size: dict[int, Prepared] = {}

    def __call__(self, ids: Iterable[int]) -> list[Row]:
        """The rows with these keys, in the query's order; of no key, without a statement, none."""
        wanted = sorted(set(ids))
        if not wanted:
            return []
        wanted = plans.as_many(wanted)
        size = len(wanted)
        if size not in self._by_size:
            self._by_size[size] = self._of(size)
        return self._by_size[size](**{f"id{place}": pk for place, pk in enumerate(wanted)})

    def _of(self, size: int) -> Prepared:
        holes: dict[str, Any] = {f"id{place}": int for place in range(size)}
        return Prepared(lambda **marks: self._build(list(marks.values())), **holes)


class _Written:
    """A query as SQL, with the names of the holes among its parameters."""

    def __init__(self, queryset: QuerySet[Any, Any], marks: dict[str, Hole], keeps_plan: bool) -> None:
        self._using = queryset.db
        self._compiler = queryset.query.get_compiler(self._using)
        self._sql, params = self._compiler.as_sql()
        holes = {mark: name for name, mark in marks.items()}
        # A hole by its name, anything else as it is.
        self._params = [
            (holes.get(value) if isinstance(value, int | str) else None, value) for value in params
        ]
        missing = set(marks) - {name for name, _value in self._params}
        if missing:
            raise ValueError(f"The query never asks for {', '.join(sorted(missing))}.")
        query = queryset.query
        self._names = list(query.selected or (*query.values_select, *query.annotation_select))
        columns = [selected[0] for selected in self._compiler.select[: self._compiler.col_count]]
        self._converters = self._compiler.get_converters(columns)
        self._keeps_plan = keeps_plan and plans.are_kept(connections[self._using])
        if self._keeps_plan:
            self._write_in_what_never_changes()

    def _write_in_what_never_changes(self) -> None:
        """Leave only the holes as parameters: the plan knows the rest, and its type."""
        rest = iter(self._params)
        with connections[self._using].cursor() as cursor:

            def written(found: re.Match[str]) -> str:
                if found[0] == "%%":
                    return "%%"
                name, value = next(rest)
                return "%s" if name else cursor.mogrify("%s", [value]).replace("%", "%%")

            self._sql = re.sub("%s|%%", written, self._sql)
        self._params = [(name, value) for name, value in self._params if name]

    def ask(self, given: dict[str, Hole]) -> list[Row]:
        params = [value if name is None else given[name] for name, value in self._params]
        with connections[self._using].cursor() as cursor:
            if self._keeps_plan:
                plans.execute(cursor, self._sql, params)
            else:
                cursor.execute(self._sql, params)
            rows: Iterable[Iterable[Any]] = cursor.fetchall()
        if self._converters:
            rows = self._compiler.apply_converters(rows, self._converters)
        return [dict(zip(self._names, row, strict=True)) for row in rows]
