"""Races: the same call from many threads at once, each with its own connection.

A race test is `@pytest.mark.django_db(transaction=True)` and has a control that removes the lock
and must then fail; marketplace/orders/tests/test_races.py has the shape. SQLite hides a missing lock (BEGIN IMMEDIATE
locks everything), so controls are skipped there: `locks_rows` tells.

A control shows that it *can* go wrong: on a busy machine the rivals may miss each other. So it has three tries to.
"""

import contextlib
import threading
from collections.abc import Callable, Iterable

import pytest
from django.db import connection, connections

from marketplace.common import locking


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Three tries for controls of races; what must never go wrong has one."""
    for item in items:
        is_control = item.name.startswith("test_control") or item.name.endswith("control]")
        if is_control and item.get_closest_marker("race"):
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture
def locks_rows(transactional_db) -> bool:
    """Whether this database locks rows, so that a control without locks can go wrong."""
    return connection.vendor != "sqlite"


@pytest.fixture
def race(transactional_db) -> Callable:
    """`race(call, rivals)`: call(rival) in one thread each, started together.

    Returns what each gave back, or the exception it raised, in the order of the rivals.
    """

    def run(call: Callable, rivals: Iterable) -> list:
        rivals = list(rivals)
        results: list = [None] * len(rivals)
        start = threading.Barrier(len(rivals))

        def one(index: int, rival: object) -> None:
            try:
                connection.ensure_connection()  # who is still connecting is not there when the other one reads
                start.wait(timeout=60)
                results[index] = call(rival)
            except Exception as error:
                results[index] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=one, args=pair, daemon=True) for pair in enumerate(rivals)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=90)
        assert not any(thread.is_alive() for thread in threads), "a rival never came back"
        return results

    return run


@pytest.fixture
def without_locks(monkeypatch) -> Callable:
    """The control: `without_locks()` takes `FOR UPDATE` away from every lock; an optional barrier makes
    that many rivals read before any of them writes."""

    def remove(rivals: int = 0) -> None:
        together = threading.Barrier(rivals) if rivals else None
        seen = threading.local()

        def plain(queryset):
            if together and not getattr(seen, "waited", False):
                rows = list(queryset)
                seen.waited = True
                with contextlib.suppress(threading.BrokenBarrierError):
                    together.wait(timeout=20)
                return _Loaded(queryset, rows)
            return queryset

        monkeypatch.setattr(locking, "for_update", plain)
        monkeypatch.setattr(locking, "for_update_if_free", plain)

    return remove


class _Loaded:
    """Rows that were read before the barrier, with the model that `lock_all` asks for."""

    def __init__(self, queryset, rows) -> None:
        self.model, self.rows = queryset.model, rows

    def __iter__(self):
        return iter(self.rows)
