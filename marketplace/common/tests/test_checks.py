import pytest

from marketplace.common.checks import databases_are_safe

GOOD = {
    "sqlite": {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {"transaction_mode": "IMMEDIATE"}},
    "mysql": {"ENGINE": "django.db.backends.mysql", "OPTIONS": {"isolation_level": "read committed"}},
}


@pytest.fixture
def told(settings, monkeypatch):
    """`told(vendor, **changes)`: the ids of the errors for a database like that."""

    class Connection:
        def __init__(self, vendor: str) -> None:
            self.vendor = vendor

    def ask(vendor: str, *, options: dict | None = None, **changes: object) -> list[str]:
        config = {**GOOD.get(vendor, {"OPTIONS": {}}), **changes}
        if options is not None:
            config["OPTIONS"] = options
        monkeypatch.setattr("marketplace.common.checks.settings.DATABASES", {"default": config})
        monkeypatch.setattr("marketplace.common.checks.connections", {"default": Connection(vendor)})
        return [error.id for error in databases_are_safe(None)]

    return ask


@pytest.mark.parametrize("vendor", ["sqlite", "mysql", "postgresql"])
def test_a_database_in_the_right_mode_is_accepted(told, vendor):
    assert told(vendor) == []


@pytest.mark.parametrize("options", [{}, {"transaction_mode": "DEFERRED"}, {"transaction_mode": None}])
def test_sqlite_that_does_not_begin_immediate_is_refused(told, options):
    assert told("sqlite", options=options) == ["common.E001"]


@pytest.mark.parametrize("level", ["repeatable read", "REPEATABLE READ", "serializable"])
def test_mariadb_on_another_isolation_level_is_refused(told, level):
    assert told("mysql", options={"isolation_level": level}) == ["common.E002"]


@pytest.mark.parametrize("vendor", ["sqlite", "mysql", "postgresql"])
def test_a_transaction_around_every_request_is_refused(told, vendor):
    assert told(vendor, ATOMIC_REQUESTS=True) == ["common.E003"]


def test_the_databases_of_this_run_are_safe():
    assert databases_are_safe(None) == []
