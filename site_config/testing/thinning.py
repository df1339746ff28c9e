"""Which of the core's tests the servers need not be asked, because others make all that they make.

`--write-left-out` (make thin, on SQLite) runs what the servers are asked, notes the kinds of statement of each test
(`statements`) and writes `.ci/left-out.txt`: the tests whose every kind is made by at least `MAKERS` tests that stay.
What two rivals, a lock or a table's own rules decide is asked always, and so is every test that is in no list: a new
one, a renamed one. docs/decisions/0022 says what this promises and what not.
"""

import inspect
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from site_config.testing.selection import LEFT_OUT
from site_config.testing.statements import statements_of

MAKERS = 2
# What a test costs beside its statements, in statements: its own rows, the audit of the books.
EACH = 40
# The tests of how the store asks a database, and of code that asks each one differently.
ALWAYS = re.compile(
    r"^(?!marketplace/)|^marketplace/common/|/test_(search|listing|limits)\w*\.py"
    r"|/test_\w*(race|lock|migration|invariant|propert|garbage|fields|lookalike)\w*\.py"
)
# A test whose own words say that it sends what a database may read in its own way: letters of other scripts or
# written as numbers, numbers with many digits, letters' case; or that it knows which database it asks.
BY_VALUE = re.compile(
    r"[^\W\d_a-zA-Z]|\\[uxN0]|\d[\d_]{9,}|\d ?\*\* ?\d"
    r"|vendor|features\.|SQLite|PostgreSQL|MariaDB|IntegrityError|iexact|collat|letter|accent|capital"
)
HEAD = """\
# Written by `make thin` (docs/decisions/0022): PostgreSQL and MariaDB are not asked these in CI, as every kind of
# statement that they make is made by two tests that are. Nightly (make soak) they are asked. A line may be struck out.
"""


def stays(item: pytest.Item) -> bool:
    """Whether the servers are asked it whatever it does."""
    if ALWAYS.search(item.nodeid) or any(map(item.get_closest_marker, ("every_database", "race", "costly"))):
        return True
    mark = item.get_closest_marker("django_db")
    is_transactional = (mark and mark.kwargs.get("transaction")) or {"transactional_db", "live_server"} & set(
        item.fixturenames
    )
    function = item.function
    draws = hasattr(function, "hypothesis")
    return bool(is_transactional or draws or BY_VALUE.search(inspect.getsource(function)))


def choose(makers: dict[str, set[str]], weights: Counter[str], may_go: set[str]) -> list[str]:
    """The tests of `may_go` that can go: every kind keeps `MAKERS` of its makers, or all where it has fewer.

    Greedy, the same for the same input: the next test that stays is the one that makes most of what is
    still wanted for its weight; then what has become needless goes, the dearest first.
    """
    kinds_of: dict[str, set[str]] = {test: set() for test in may_go}
    wanted: Counter[str] = Counter()
    for kind, tests in makers.items():
        wanted[kind] = min(MAKERS, len(tests)) - len(tests - may_go)
        for test in tests & may_go:
            kinds_of[test].add(kind)
    wanted = +wanted
    kept: list[str] = []
    left = dict(kinds_of)
    while wanted:
        worth = {test: len(kinds & wanted.keys()) for test, kinds in left.items()}
        left = {test: kinds for test, kinds in left.items() if worth[test]}
        best = min(left, key=lambda test: (-worth[test] / (weights[test] + EACH), test))
        kept.append(best)
        wanted -= Counter(left.pop(best))
    asked = {kind: len(tests - may_go) + len(tests & set(kept)) for kind, tests in makers.items()}
    for test in sorted(kept, key=lambda test: (-weights[test], test)):
        if all(asked[kind] > min(MAKERS, len(makers[kind])) for kind in kinds_of[test]):
            kept.remove(test)
            for kind in kinds_of[test]:
                asked[kind] -= 1
    return sorted(may_go - set(kept))


class Thinning:
    """Writes the list when the run ends. A test that did not pass neither goes nor stands in for others."""

    def __init__(self) -> None:
        self.may_go: set[str] = set()
        self.passed: set[str] = set()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.may_go = {item.nodeid for item in items if not stays(item)}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.passed.add(report.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node, error) -> None:
        self.may_go.update(getattr(node, "workeroutput", {}).get("may_go", ()))

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        is_worker = hasattr(session.config, "workeroutput")
        if is_worker:
            session.config.workeroutput["may_go"] = sorted(self.may_go)
        result = yield
        if not is_worker and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            self.write(session.config)
        return result

    def write(self, config: pytest.Config) -> None:
        statements = statements_of(config)
        makers = {kind: tests & self.passed for kind, tests in statements.counted()}
        may_go = self.may_go & self.passed & set().union(*makers.values())
        names = choose(makers, statements.made, may_go)
        file = config.rootpath / LEFT_OUT
        file.parent.mkdir(exist_ok=True)
        file.write_text(HEAD + "".join(f"{name}\n" for name in names))
        print(f"\n{LEFT_OUT}: {len(names)} of {len(self.passed)} tests are left out on the servers.")  # noqa: T201


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("write_left_out"):
        config.pluginmanager.register(Thinning(), "writes the list")
