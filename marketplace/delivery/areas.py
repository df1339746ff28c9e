"""Where about a place is: its square of a kilometre, and the nearest town, never anything that somebody typed."""

import gzip
from decimal import Decimal
from functools import cache, lru_cache
from math import cos, floor, radians
from pathlib import Path

from marketplace.common.places import Place

TOWNS = Path(__file__).with_name("towns") / "towns.tsv.gz"
# Two decimals are a kilometre: this says where about, never which door.
DECIMALS = 2
FARTHEST = 3  # degrees of latitude; beyond, on the sea or in the ice, there is no name

Town = tuple[float, float, str]


def area_of(place: Place | None) -> str:
    """The town or city district that is nearest to a place; "" without a place or a town near it."""
    if place is None:
        return ""
    return _nearest(round(float(place.lat), DECIMALS), round(float(place.lng), DECIMALS))


def roughly(place: Place) -> Place:
    """The place that stands for all within half a kilometre or so; what is told of it tells no door."""
    lat, lng = (Decimal(str(round(float(degree), DECIMALS))) for degree in (place.lat, place.lng))
    return Place(lat, lng)


@lru_cache(maxsize=4096)
def _nearest(lat: float, lng: float) -> str:
    """Look at the cells of a degree around the place, ring by ring, until no farther one can be nearer."""
    cells, narrow = _cells(), max(0.01, cos(radians(lat)))
    best, name = float(FARTHEST) ** 2, ""
    row, column = floor(lat), floor(lng)
    for ring in range(FARTHEST + 1):
        # A degree of longitude is shorter up north, so a ring is as many cells wider.
        wide = min(180, floor((ring + 1) / narrow))
        for r in range(row - ring, row + ring + 1):
            for c in range(column - wide, column + wide + 1):
                for town_lat, town_lng, town in cells.get((r, (c + 180) % 360 - 180), ()):
                    east = abs(town_lng - lng)
                    east = min(east, 360 - east) * narrow
                    far = (town_lat - lat) ** 2 + east**2
                    if far < best:
                        best, name = far, town
        if best <= ring**2:
            break
    return name


@cache
def _cells() -> dict[tuple[int, int], list[Town]]:
    """The towns by the cell of a degree in which they are; read once a process, when the first name is asked."""
    cells: dict[tuple[int, int], list[Town]] = {}
    with gzip.open(TOWNS, "rt", encoding="utf-8") as lines:
        for line in lines:
            lat, lng, name = line.rstrip("\n").split("\t")
            cells.setdefault((floor(float(lat)), floor(float(lng))), []).append(
                (float(lat), float(lng), name)
            )
    return cells
