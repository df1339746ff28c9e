"""In which order to go to the doors: the shortest way over all stops, each parcel picked up before it is brought.

The way is as the crow flies. With five parcels there are ten stops and 113,400 orders; going through the
states instead (each parcel waiting, carried or brought; where the courier stands) leaves some thousand steps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from marketplace.common.places import Place, distance_m


class StopKind(StrEnum):
    PICK_UP = "pick_up"
    DROP = "drop"


@dataclass(frozen=True)
class Errand:
    """A parcel to bring to `drop`, from `pick_up` first unless the courier has it. An unknown place costs no way."""

    number: str
    drop: Place | None
    pick_up: Place | None = None
    is_carried: bool = False


@dataclass(frozen=True)
class Stop:
    """A door on the way; `leg_m` is how far it is from the stop before, None where nobody knows."""

    kind: StopKind
    number: str
    place: Place | None
    leg_m: int | None = None


# What is left to do (the stage of each errand), and the stop where the courier is (None: the start).
State = tuple[tuple[int, ...], int | None]
WAITING, CARRIED, BROUGHT = range(3)


def best_route(start: Place | None, errands: Sequence[Errand], *, in_order: bool = False) -> list[Stop]:
    """The stops of the shortest way from `start` over all `errands`; it ends at the last one.

    `in_order`: parcels are brought in the order of `errands`, and only the pick-ups find their best place.
    Of equally short ways the one that keeps closer to the order of `errands`.
    """
    stops, table = _stops(errands), _Distances(start)
    first = tuple(CARRIED if errand.is_carried else WAITING for errand in errands)
    # The shortest way to each state, all states of as many stops at a time.
    ways: dict[State, tuple[int, list[int]]] = {(first, None): (0, [])}
    for _step in range(sum(BROUGHT - stage for stage in first)):
        further: dict[State, tuple[int, list[int]]] = {}
        for (stages, at), (metres, way) in ways.items():
            for index in _next(stages, in_order):
                to = 2 * index + stages[index]
                state = ((*stages[:index], stages[index] + 1, *stages[index + 1 :]), to)
                candidate = (metres + table.between(stops, at, to), [*way, to])
                if state not in further or candidate < further[state]:
                    further[state] = candidate
        ways = further
    _metres, way = min(ways.values(), default=(0, []))
    return _with_legs(start, [stops[to] for to in way])


def length_m(route: Sequence[Stop]) -> int:
    """How long a route is, in metres, as far as its places are known."""
    return sum(stop.leg_m or 0 for stop in route)


def _stops(errands: Sequence[Errand]) -> list[Stop]:
    """Errand i is picked up at stop 2i and brought to stop 2i + 1."""
    return [
        stop
        for errand in errands
        for stop in (
            Stop(StopKind.PICK_UP, errand.number, errand.pick_up),
            Stop(StopKind.DROP, errand.number, errand.drop),
        )
    ]


def _next(stages: tuple[int, ...], in_order: bool) -> Iterator[int]:
    """The errands that can go a step further."""
    is_first = True
    for index, stage in enumerate(stages):
        if stage == BROUGHT:
            continue
        if stage == WAITING or is_first or not in_order:
            yield index
        is_first = False


class _Distances:
    """Each distance is worked out once."""

    def __init__(self, start: Place | None) -> None:
        self.start = start
        self.known: dict[tuple[int | None, int], int] = {}

    def between(self, stops: Sequence[Stop], at: int | None, to: int) -> int:
        if (at, to) not in self.known:
            here = self.start if at is None else stops[at].place
            self.known[at, to] = _leg(here, stops[to].place) or 0
        return self.known[at, to]


def _leg(here: Place | None, there: Place | None) -> int | None:
    return distance_m(here, there) if here and there else None


def _with_legs(start: Place | None, route: list[Stop]) -> list[Stop]:
    here, told = start, []
    for stop in route:
        told.append(Stop(stop.kind, stop.number, stop.place, _leg(here, stop.place)))
        here = stop.place
    return told
