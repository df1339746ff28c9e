"""Every kind of statement that the tests make, and which tests make it.

A kind is a statement without its values, numbers and lengths of lists, with the lock that it asks for (SQLite leaves
it out of the text) and, where the database refuses it, with the words of the refusal. `--compare-statements` (make
test-units, on SQLite) fails where a kind is made only by tests that PostgreSQL and MariaDB are not asked.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest
from django.db import DatabaseError
from django.db.backends import utils
from django.db.models.sql.compiler import SQLCompiler

from site_config.testing.selection import LEFT_OUT, is_asked, left_out

# Of a statement: how many values it has, numbers in it, what a savepoint is called; and which columns an INSERT
# names, for those that are NULL are left out (marketplace.common.inserting).
VARIABLE = (
    (re.compile(r'^(INSERT (?:OR IGNORE |IGNORE )?INTO [`"]\w+[`"]) \([^()]*\)'), r"\1"),
    (re.compile(r"\(%s(?:, ?%s)+\)"), "(%s)"),
    (re.compile(r"\(%s\)(?:, ?\(%s\))+"), "(%s)"),
    (re.compile(r"( WHEN \([^()]*\) THEN %s)\1+"), r"\1"),
    (re.compile(r"\"?\bs\d+_x\d+\"?"), "savepoint"),
    (re.compile(r"\b\d+\b"), "0"),
)

WHOLE_TABLE = re.compile(r'SELECT [^()]+ FROM "\w+" ORDER BY "\w+"\."\w+" ASC')
SAID = re.compile(r" FOR UPDATE| REFUSED: ")  # what a kind says beside its statement


class Statements:
    """Every kind of statement, and the tests that make it: `EVERYWHERE` stands for all that the servers are asked."""

    EVERYWHERE = "everywhere"

    def __init__(self, *, one_by_one: bool = False) -> None:
        self.makers: dict[str, set[str]] = defaultdict(set)
        self.made: Counter[str] = Counter()  # how many statements a test made
        self.one_by_one = one_by_one  # whether each test stands under its own name
        self.test = ""  # which one is running
        self.kinds: dict[str, str] = {}
        self.locked = ""  # what has been put into SQL with a lock, and is about to be asked

    def note(self, sql: str, *, refused: str = "") -> None:
        said = sql
        if sql == self.locked:
            said += " FOR UPDATE"
        if refused:
            said += f" REFUSED: {refused}"
        kind = self.kinds.get(said)
        if kind is None:
            kind = said
            for pattern, constant in VARIABLE:
                kind = pattern.sub(constant, kind)
            self.kinds[said] = kind
        self.makers[kind].add(self.test)
        self.made[self.test] += 1

    def listen(self) -> None:
        """From now on all that is executed is noted, whatever thread and connection it comes from.

        In the innermost function of Django's, so that `owners`, who looks at who calls, sees the real caller.
        """
        for name in ("_execute", "_executemany"):
            setattr(utils.CursorWrapper, name, self._noting(getattr(utils.CursorWrapper, name)))
        SQLCompiler.as_sql = self._noting_locks(SQLCompiler.as_sql)

    def _noting(self, run):
        def execute(cursor, sql, *arguments):
            if not self.test:
                return run(cursor, sql, *arguments)
            self.note(str(sql))
            try:
                return run(cursor, sql, *arguments)
            except DatabaseError as error:
                self.note(str(sql), refused=f"{type(error).__name__} {error}")
                raise
            finally:
                self.locked = ""

        return execute

    def _noting_locks(self, as_sql):
        def compile_it(compiler, *arguments, **named):
            sql, parameters = as_sql(compiler, *arguments, **named)
            if compiler.query.select_for_update:
                self.locked = sql
            return sql, parameters

        return compile_it

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.test = item.nodeid if self.one_by_one or not is_asked(item) else self.EVERYWHERE
        try:
            return (yield)
        finally:
            self.test = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef) -> Iterator[None]:
        """The first test of a process is not the maker of its database."""
        test = self.test
        if fixturedef.scope == "session":
            self.test = ""
        try:
            return (yield)
        finally:
            self.test = test

    def add(self, told: dict) -> None:
        for kind, tests in told["makers"].items():
            self.makers[kind].update(told["tests"][number] for number in tests)
        self.made.update(told["made"])

    def told(self) -> dict:
        """All of it in plain lists, as a worker sends it."""
        tests = sorted({test for tests in self.makers.values() for test in tests})
        numbers = {test: number for number, test in enumerate(tests)}
        makers = {kind: [numbers[test] for test in sorted(tests)] for kind, tests in self.makers.items()}
        return {"tests": tests, "makers": makers, "made": dict(self.made)}

    def counted(self) -> Iterator[tuple[str, set[str]]]:
        """The kinds that a database could answer differently, with the tests that make them.

        Whole tables in the order of their keys are what tests compare, not what the store asks.
        """
        for kind, tests in sorted(self.makers.items()):
            if kind.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")) and not WHOLE_TABLE.fullmatch(kind):
                yield kind, tests

    def only_here(self, names: frozenset[str] = frozenset()) -> dict[str, list[str]]:
        """Statement → the tests that make it, of those that no test makes on every database.

        That it was made with a lock, or was refused, is asked of the tests `names` only: of those of the list.
        """
        return {
            kind: sorted(tests)
            for kind, tests in self.counted()
            if self.EVERYWHERE not in tests
            and (tests & names or self.EVERYWHERE not in self.makers.get(SAID.split(kind)[0], ()))
        }


_statements = pytest.StashKey[Statements]()


def statements_of(config: pytest.Config) -> Statements | None:
    return config.stash.get(_statements, None)


def pytest_configure(config: pytest.Config) -> None:
    one_by_one = config.getoption("write_left_out")
    if config.getoption("compare_statements") or one_by_one:
        statements = config.stash[_statements] = Statements(one_by_one=one_by_one)
        statements.listen()
        config.pluginmanager.register(statements, "statements")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error) -> None:
    """A worker of xdist ends: what it saw counts as if it had been seen here."""
    told = getattr(node, "workeroutput", {}).get("statements")
    if told and (statements := statements_of(node.config)):
        statements.add(told)


def left_only_here(config: pytest.Config) -> dict[str, list[str]]:
    statements = statements_of(config)
    return statements.only_here(left_out(config.rootpath)) if statements and not statements.one_by_one else {}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    statements = statements_of(session.config)
    is_worker = hasattr(session.config, "workeroutput")
    if statements and is_worker:
        session.config.workeroutput["statements"] = statements.told()
    result = yield
    if not is_worker and session.exitstatus == pytest.ExitCode.OK and left_only_here(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return result


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    if not (left := left_only_here(config)):
        return
    names = left_out(config.rootpath)
    terminalreporter.section("Statements that only SQLite would be asked", red=True)
    terminalreporter.line(
        f"Strike one test of each out of {LEFT_OUT}, or write it anew (make thin, docs/decisions/0022);"
    )
    terminalreporter.line(
        "where none stands there, mark one: @pytest.mark.every_database (docs/decisions/0006)."
    )
    for kind, tests in left.items():
        shown = kind if len(kind) < 800 else f"{kind[:200]} … {kind[-600:]}"  # what it asks stands at the end
        struck = [test for test in tests if test in names]
        where = f" (in {LEFT_OUT})" if struck else ""
        terminalreporter.line(f"{(struck or tests)[0]}{where}\n    {shown}")
