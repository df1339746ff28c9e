"""The order of stops against every order that there is."""

from decimal import Decimal
from itertools import permutations
from time import perf_counter

from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.common.places import Place, distance_m
from marketplace.common.tests.examples import examples
from marketplace.delivery.routes import Errand, Stop, StopKind, best_route, length_m

degrees = st.integers(min_value=-2000, max_value=2000)
places = st.builds(
    lambda lat, lng: Place(Decimal(52_000 + lat) / 1000, Decimal(13_000 + lng) / 1000), degrees, degrees
)
errand_lists = st.lists(st.tuples(places, places, st.booleans()), max_size=3).map(
    lambda rows: [
        Errand(f"job{index}", drop=drop, pick_up=pick_up, is_carried=carried)
        for index, (pick_up, drop, carried) in enumerate(rows)
    ]
)


def every_way(errands: list[Errand], in_order: bool = False) -> list[list[tuple[StopKind, str, Place]]]:
    """All orders of the stops in which each parcel is picked up before it is brought."""
    stops = [(StopKind.DROP, errand.number, errand.drop) for errand in errands]
    stops += [
        (StopKind.PICK_UP, errand.number, errand.pick_up) for errand in errands if not errand.is_carried
    ]
    ways = []
    for way in permutations(stops):
        kinds = [(kind, number) for kind, number, _place in way]
        drops = [number for kind, number in kinds if kind == StopKind.DROP]
        if in_order and drops != [errand.number for errand in errands]:
            continue
        if all(
            errand.is_carried
            or kinds.index((StopKind.PICK_UP, errand.number)) < kinds.index((StopKind.DROP, errand.number))
            for errand in errands
        ):
            ways.append(list(way))
    return ways


def metres(start: Place | None, way: list[tuple[StopKind, str, Place]]) -> int:
    total, here = 0, start
    for _kind, _number, place in way:
        total += distance_m(here, place) if here else 0
        here = place
    return total


def told(route: list[Stop]) -> list[tuple[StopKind, str, Place]]:
    return [(stop.kind, stop.number, stop.place) for stop in route]


@settings(max_examples=examples(60))
@given(start=st.none() | places, errands=errand_lists, in_order=st.booleans())
def test_no_order_of_the_stops_is_shorter(start, errands, in_order):
    route = best_route(start, errands, in_order=in_order)

    ways = every_way(errands, in_order)
    assert told(route) in ways
    assert length_m(route) == metres(start, told(route)) == min(metres(start, way) for way in ways)


def test_of_equally_short_ways_the_earlier_errand_goes_first():
    door = Place(Decimal(52), Decimal(13))
    errands = [Errand(str(number), drop=door, pick_up=door) for number in range(3)]

    route = best_route(door, errands)

    assert [(stop.kind, stop.number) for stop in route] == [
        (kind, str(number)) for number in range(3) for kind in (StopKind.PICK_UP, StopKind.DROP)
    ]


def test_a_place_that_nobody_knows_costs_no_way_and_is_still_a_stop():
    here, door = Place(Decimal(52), Decimal(13)), Place(Decimal("52.1"), Decimal(13))

    route = best_route(here, [Errand("a", drop=door, pick_up=None), Errand("b", drop=None, is_carried=True)])

    assert sorted((stop.number, stop.kind) for stop in route) == [
        ("a", "drop"),
        ("a", "pick_up"),
        ("b", "drop"),
    ]
    assert {stop.leg_m for stop in route if stop.place is None} == {None}


def test_nothing_to_carry_is_no_way():
    assert best_route(None, []) == []


def test_five_parcels_are_worked_out_while_nobody_waits():
    errands = [
        Errand(
            str(number),
            drop=Place(Decimal(52) + Decimal(number * 37 % 11) / 100, Decimal(13) + Decimal(number) / 100),
            pick_up=Place(Decimal(52) - Decimal(number) / 100, Decimal(13) + Decimal(number * 53 % 7) / 100),
        )
        for number in range(5)
    ]
    began = perf_counter()

    route = best_route(None, errands)

    assert len(route) == 10
    assert perf_counter() - began < 1
