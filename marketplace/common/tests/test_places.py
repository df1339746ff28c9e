"""Places on Earth, and the metres between them."""

from decimal import Decimal

import pytest

from marketplace.common.errors import Invalid
from marketplace.common.places import Place, distance_m

BERLIN = Place(Decimal("52.520008"), Decimal("13.404954"))


def test_a_place_is_kept_to_six_decimals():
    place = Place.parse("52.52000812", "-13.4049541", "12.2")

    assert (str(place.lat), str(place.lng), place.accuracy_m) == ("52.520008", "-13.404954", 13)


@pytest.mark.parametrize(
    ("lat", "lng"),
    [
        ("91", "0"),
        ("0", "180.1"),
        ("0", ""),
        ("nan", "0"),
        ("1e1", "0"),
        ("1_0", "0"),
        ("٥٢", "0"),
        ("52,5", "13"),
        ("+5", "0"),
        ("5" * 400, "0"),
        ("52\n", "x"),
        ("52;drop", "13"),
    ],
)
def test_what_is_no_place_is_refused_or_left_out(lat, lng):
    with pytest.raises(Invalid) as refusal:
        Place.parse(lat, lng)

    assert refusal.value.field == "place"
    assert Place.if_any(lat, lng) is None


def test_whoever_says_nothing_has_no_place():
    assert Place.parse("", " ", "") is None


@pytest.mark.parametrize("accuracy", ["", "-5", "NaN", "1e3", "9999999", "9" * 500])
def test_an_accuracy_that_says_nothing_is_left_out(accuracy):
    assert Place.parse("1", "2", accuracy).accuracy_m is None


@pytest.mark.parametrize("given", [("NaN", "0"), ("Infinity", "0"), ("0", "181")])
def test_there_is_no_place_off_the_earth(given):
    with pytest.raises(ValueError):
        Place(Decimal(given[0]), Decimal(given[1]))


@pytest.mark.parametrize(
    ("other", "metres", "within"),
    [
        (BERLIN, 0, 0),
        (Place(Decimal("48.137154"), Decimal("11.576124")), 504_000, 1_500),  # Munich
        (Place(Decimal("52.520908"), Decimal("13.404954")), 100, 1),
        (Place(Decimal("-52.520008"), Decimal("-166.595046")), 20_015_000, 1_000),  # the other side
    ],
)
def test_the_distance_is_that_along_the_ground(other, metres, within):
    assert abs(distance_m(BERLIN, other) - metres) <= within


def test_the_line_of_the_date_is_no_distance():
    east, west = Place(Decimal(0), Decimal("179.999")), Place(Decimal(0), Decimal("-179.999"))

    assert distance_m(east, west) == 222
