"""Where about a place is."""

import gzip
from decimal import Decimal
from math import cos, radians

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.common.places import Place
from marketplace.common.tests.examples import examples
from marketplace.delivery.areas import FARTHEST, TOWNS, area_of

with gzip.open(TOWNS, "rt", encoding="utf-8") as lines:
    EVERY_TOWN = [
        (float(lat), float(lng), name) for lat, lng, name in (line.rstrip("\n").split("\t") for line in lines)
    ]


@pytest.mark.parametrize(
    ("lat", "lng", "name"),
    [
        ("52.520008", "13.404954", "Mitte"),
        ("52.4990", "13.4180", "Kreuzberg"),
        ("-54.8", "-68.3", "Ushuaia"),
        ("-16.43", "-179.99", "Labasa"),  # on the other side of the date line
        ("78.22", "15.65", "Longyearbyen"),
    ],
)
def test_a_place_is_named_after_the_nearest_town(lat, lng, name):
    assert area_of(Place(Decimal(lat), Decimal(lng))) == name


@pytest.mark.parametrize(
    "place",
    [None, *(Place(Decimal(lat), Decimal(lng)) for lat, lng in (("0", "-30"), ("-89.9", "0"), ("90", "0")))],
)
def test_where_there_is_no_town_there_is_no_name(place):
    assert area_of(place) == ""


@settings(max_examples=examples(40))
@given(
    near=st.sampled_from(EVERY_TOWN),
    north=st.integers(min_value=-250, max_value=250),
    east=st.integers(min_value=-250, max_value=250),
)
def test_no_other_town_is_nearer(near, north, east):
    lat, lng = round(near[0] + north / 100, 2), round((near[1] + east / 100 + 180) % 360 - 180, 2)
    narrow = max(0.01, cos(radians(lat)))

    def squared(town: tuple[float, float, str]) -> float:
        across = abs(town[1] - lng)
        return (town[0] - lat) ** 2 + (min(across, 360 - across) * narrow) ** 2

    best = min(map(squared, EVERY_TOWN))
    nearest = {town[2] for town in EVERY_TOWN if squared(town) <= best + 1e-9}

    assert area_of(Place(Decimal(str(lat)), Decimal(str(lng)))) in (nearest if best < FARTHEST**2 else {""})


def test_neighbours_have_the_same_name_so_that_it_says_nothing_of_the_door():
    one, other = (
        Place(Decimal(lat), Decimal(lng)) for lat, lng in (("52.5161", "13.4021"), ("52.5239", "13.3951"))
    )

    assert area_of(one) == area_of(other)
