"""The columns of where a phone was."""

from decimal import Decimal

from marketplace.common.places import Place
from marketplace.delivery.places import place_fields

BERLIN = Place(Decimal("52.520008"), Decimal("13.404954"))


def test_whoever_says_nothing_was_nowhere():
    assert place_fields(None, BERLIN) == {}


def test_the_columns_of_a_place_have_the_distance_to_the_goal():
    here = Place(Decimal("52.520908"), Decimal("13.404954"), 8)

    assert place_fields(here, BERLIN) == {
        "lat": here.lat,
        "lng": here.lng,
        "accuracy_m": 8,
        "distance_m": 100,
    }
    assert place_fields(here, None)["distance_m"] is None
