"""A single test takes 20 seconds of processor time at most, or says why it takes more.

Counted is the time of this process (all its threads) and of the children that it waited for, while the
test and its own fixtures run; not what is made once for a whole run. Time of the clock would tell how busy
the machine is. `@pytest.mark.costly("why", seconds=60)` is the exception, with its reason.

Processor time, too, grows where a machine is busy or slow (threefold has been seen). So a test that took more is set
beside a loop that is timed then: the seconds are those of a machine that runs it in `LOOP_SECONDS`.
"""

import gc
import os
import time
from collections.abc import Iterator

import pytest

from marketplace.common.tests.examples import IS_NIGHTLY

MOST_SECONDS = 20
LOOP_SECONDS = 0.04
_shared = pytest.StashKey[float]()
_used = pytest.StashKey[float]()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported stays for good: the collector need not look through it again in every test."""
    gc.collect()
    gc.freeze()


def slowness() -> float:
    """How many times longer than on the machine of the limits a piece of work takes here and now; 1 at least."""
    took = []
    for _turn in range(3):
        before = time.thread_time()
        total = 0
        for number in range(500_000):
            total += number * number
        took.append(time.thread_time() - before)
    return max(1.0, min(took) / LOOP_SECONDS)


def processor_time() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef, request: pytest.FixtureRequest) -> Iterator[None]:
    """What is made once for the whole run is nobody's."""
    before = processor_time()
    try:
        return (yield)
    finally:
        if fixturedef.scope == "session":
            stash = request.session.stash
            stash[_shared] = stash.get(_shared, 0.0) + processor_time() - before


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    shared, before = item.session.stash.get(_shared, 0.0), processor_time()
    try:
        return (yield)
    finally:
        made_for_all = item.session.stash.get(_shared, 0.0) - shared
        item.stash[_used] = processor_time() - before - made_for_all


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    before = processor_time()
    result = yield
    used = item.stash[_used] + processor_time() - before
    marker = item.get_closest_marker("costly")
    most = marker.kwargs["seconds"] if marker else MOST_SECONDS
    measured = item.config.getoption("cov_source", None)  # coverage takes half as much again
    if used > most and not IS_NIGHTLY and not measured and used > most * (slow := slowness()):
        pytest.fail(
            f"It took {used:.0f} s of processor time; a test takes {most * slow:.0f} s at most here"
            " (site_config/testing/cost.py says what to do).",
            pytrace=False,
        )
    return result
