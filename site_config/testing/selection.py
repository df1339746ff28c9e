"""Which tests a database that is not SQLite is asked: those that it could answer differently.

`--where-databases-differ` (make test-postgres, make test-mariadb) leaves out the tests that ask no database
at all, and the faces': what a page says is the same on each. Not left out are those marked `every_database`:
they make a statement that no other test makes, or send what a database may refuse. Left out, too, are the
core's tests that `.ci/left-out.txt` names: others make all that they make (`thinning`, docs/decisions/0022).
What must be asked is not for people to remember: `--compare-statements` (make test-units, on SQLite) fails and
names the tests whose SQL would be asked of SQLite alone. Nightly, `make soak` leaves nothing out anywhere.
"""

import functools
from pathlib import Path

import pytest

FACES = (
    *("shop/", "courier/", "backoffice/", "marketplace/seller_dashboard/", "marketplace/web/"),
    # These ask the pages of all faces; the demo and Celery are another way to the same services.
    *(f"site_config/tests/test_{name}.py" for name in ("permissions", "offers", "demo", "celery")),
)
OPENS = {"db", "transactional_db", "live_server"}
LEFT_OUT = ".ci/left-out.txt"  # a test a line; "#" begins a comment


def asks_a_database(item: pytest.Item) -> bool:
    """Django lets a test near the database by this mark or by these fixtures only."""
    return item.get_closest_marker("django_db") is not None or not OPENS.isdisjoint(
        getattr(item, "fixturenames", ())
    )


def runs_everywhere(item: pytest.Item) -> bool:
    if item.get_closest_marker("every_database"):
        return True
    return asks_a_database(item) and not item.nodeid.startswith(FACES)


@functools.cache
def left_out(root: Path) -> frozenset[str]:
    """The tests that the servers are not asked as others ask the same; a name without a test counts for nothing."""
    file = root / LEFT_OUT
    lines = file.read_text().splitlines() if file.exists() else []
    return frozenset(line for line in lines if line and not line.startswith("#"))


def is_asked(item: pytest.Item) -> bool:
    """Whether PostgreSQL and MariaDB are asked this test, too."""
    return runs_everywhere(item) and item.nodeid not in left_out(item.config.rootpath)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("where_databases_differ"):
        chosen = runs_everywhere if config.getoption("write_left_out") else is_asked
        config.hook.pytest_deselected(items=[item for item in items if not chosen(item)])
        items[:] = filter(chosen, items)
