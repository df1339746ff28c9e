"""Seats are this machine's: another process's count, and one that is killed leaves none taken."""

import os
import signal
import subprocess
import sys

import pytest

from marketplace.common.seats import Seats

HOLDER = """
import sys, time
from pathlib import Path
from marketplace.common.seats import Seats
assert Seats(Path(sys.argv[1]), int(sys.argv[2])).acquire()
print("sits", flush=True)
time.sleep(60)
"""


@pytest.fixture
def sitting(tmp_path):
    """A process that has taken a seat."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path, "1"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "sits\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_seat_that_another_process_has_is_taken_until_that_dies(tmp_path, sitting):
    seats = Seats(tmp_path, 1)
    assert not seats.acquire()

    os.kill(sitting.pid, signal.SIGKILL)
    sitting.wait()

    assert seats.acquire()
    seats.release()


def test_there_are_so_many(tmp_path):
    seats = [Seats(tmp_path, 2) for _turn in range(3)]

    assert [each.acquire() for each in seats] == [True, True, False]
    seats[0].release()
    assert seats[2].acquire()
    for each in seats[1:]:
        each.release()


def test_where_no_file_can_be_written_the_process_has_its_own(tmp_path):
    (tmp_path / "file").touch()
    seats = Seats(tmp_path / "file" / "below", 1)

    assert seats.acquire()
    assert not seats.acquire()
    seats.release()
