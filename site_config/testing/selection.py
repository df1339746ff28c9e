"""Which tests a database that is not SQLite is asked: those that it could answer differently.

`--where-databases-differ` (make test-postgres, make test-mariadb) leaves out the tests that ask no database
at all, and the faces': what a page says is the same on each. Not left out are those marked `every_database`:
they make a statement that no other test makes, or send what a database may refuse. Who must be marked is
not for people to remember: `--compare-statements` (make test-units, on SQLite) fails and names the tests
whose SQL would be asked of SQLite alone. Nightly, `make soak` leaves nothing out anywhere.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest
from django.db.backends import utils

FACES = (
    *("shop/", "courier/", "backoffice/", "marketplace/seller_dashboard/", "marketplace/web/"),
    # These ask the pages of all faces; the demo and Celery are another way to the same services.
    *(f"site_config/tests/test_{name}.py" for name in ("permissions", "offers", "demo", "celery")),
)
OPENS = {"db", "transactional_db", "live_server"}
# Of a statement: how many values it has, numbers in it, what a savepoint is called.
VARIABLE = (
    (re.compile(r"\(%s(?:, ?%s)+\)"), "(%s)"),
    (re.compile(r"\(%s\)(?:, ?\(%s\))+"), "(%s)"),
    (re.compile(r"( WHEN \([^()]*\) THEN %s)\1+"), r"\1"),
    (re.compile(r"\"?\bs\d+_x\d+\"?"), "savepoint"),
    (re.compile(r"\b\d+\b"), "0"),
)

WHOLE_TABLE = re.compile(r'SELECT [^()]+ FROM "\w+" ORDER BY "\w+"\."\w+" ASC')


def asks_a_database(item: pytest.Item) -> bool:
    """Django lets a test near the database by this mark or by these fixtures only."""
    return item.get_closest_marker("django_db") is not None or not OPENS.isdisjoint(
        getattr(item, "fixturenames", ())
    )


def runs_everywhere(item: pytest.Item) -> bool:
    if item.get_closest_marker("every_database"):
        return True
    return asks_a_database(item) and not item.nodeid.startswith(FACES)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("where_databases_differ"):
        config.hook.pytest_deselected(items=[item for item in items if not runs_everywhere(item)])
        items[:] = filter(runs_everywhere, items)


# --- the statements that SQLite alone is asked --------------------------------------------------


class Statements:
    """Every kind of statement, and the tests that make it: all of the core's under one name."""

    EVERYWHERE = "everywhere"

    def __init__(self) -> None:
        self.makers: dict[str, set[str]] = defaultdict(set)
        self.test = ""  # which one is running
        self.kinds: dict[str, str] = {}

    def note(self, sql: str) -> None:
        kind = self.kinds.get(sql)
        if kind is None:
            kind = sql
            for pattern, constant in VARIABLE:
                kind = pattern.sub(constant, kind)
            self.kinds[sql] = kind
        self.makers[kind].add(self.test)

    def listen(self) -> None:
        """From now on all that is executed is noted, whatever thread and connection it comes from.

        In the innermost function of Django's, so that `owners`, who looks at who calls, sees the real caller.
        """
        for name in ("_execute", "_executemany"):
            setattr(utils.CursorWrapper, name, self._noting(getattr(utils.CursorWrapper, name)))

    def _noting(self, run):
        def execute(cursor, sql, *arguments):
            if self.test:
                self.note(str(sql))
            return run(cursor, sql, *arguments)

        return execute

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.test = self.EVERYWHERE if runs_everywhere(item) else item.nodeid
        try:
            return (yield)
        finally:
            self.test = ""

    def add(self, makers: dict[str, list[str]]) -> None:
        for kind, tests in makers.items():
            self.makers[kind].update(tests)

    def told(self) -> dict[str, list[str]]:
        return {
            kind: [self.EVERYWHERE] if self.EVERYWHERE in tests else sorted(tests)[:3]
            for kind, tests in self.makers.items()
        }

    def only_here(self) -> dict[str, str]:
        """Statement → a test that makes it, of those that no test makes on every database.

        Whole tables in the order of their keys are what tests compare, not what the store asks.
        """
        return {
            kind: min(tests)
            for kind, tests in sorted(self.makers.items())
            if self.EVERYWHERE not in tests and kind.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))
            if not WHOLE_TABLE.fullmatch(kind)
        }


_statements = pytest.StashKey[Statements]()


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("compare_statements"):
        statements = config.stash[_statements] = Statements()
        statements.listen()
        config.pluginmanager.register(statements, "statements")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error) -> None:
    """A worker of xdist ends: what it saw counts as if it had been seen here."""
    if statements := node.config.stash.get(_statements, None):
        statements.add(getattr(node, "workeroutput", {}).get("statements", {}))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    statements = session.config.stash.get(_statements, None)
    is_worker = hasattr(session.config, "workeroutput")
    if statements and is_worker:
        session.config.workeroutput["statements"] = statements.told()
    result = yield
    if statements and not is_worker and statements.only_here() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return result


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    statements = config.stash.get(_statements, None)
    if statements is None or not (left := statements.only_here()):
        return
    terminalreporter.section("Statements that only SQLite would be asked", red=True)
    terminalreporter.line("Mark one test of each: @pytest.mark.every_database (docs/decisions/0006).")
    for kind, test in left.items():
        shown = kind if len(kind) < 800 else f"{kind[:200]} … {kind[-600:]}"  # what it asks stands at the end
        terminalreporter.line(f"{test}\n    {shown}")
