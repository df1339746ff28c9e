"""A request's frames fit into one piece of memory; without room a loop pays for where the interpreter's stack ends."""

import resource
import sys

import pytest

from site_config.room import with_room

LOOPS = 300
DEPTHS = range(200)


def _leaf() -> None:
    first = second = third = fourth = fifth = sixth = seventh = eighth = None
    del first, second, third, fourth, fifth, sixth, seventh, eighth


def _faults_at(depth: int) -> int:
    """How many pages the system hands out while something is called again and again so deep."""
    if depth:
        return _faults_at(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _turn in range(LOOPS):
        _leaf()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def _worst() -> int:
    return max(_faults_at(depth) for depth in DEPTHS)


def test_nothing_is_taken_from_the_system_turn_by_turn():
    assert with_room(_worst)() < LOOPS / 2


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the interpreter that this was measured with")
def test_without_room_it_is():
    """The control: somewhere in so many depths a piece of memory ends."""
    assert _worst() >= LOOPS


def test_it_hands_on_what_it_is_given():
    assert with_room(lambda *args, **kwargs: (args, kwargs))(1, two=2) == ((1,), {"two": 2})
