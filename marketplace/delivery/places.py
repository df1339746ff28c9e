"""Where a phone says that it is, and how far that is from where it should be."""

from marketplace.common.places import Place, Point, distance_m


def place_fields(place: Place | None, goal: Point | None) -> dict[str, object]:
    """The columns of `models.AtPlace` for a phone at `place` that should be at `goal`; {} if nobody said where."""
    if place is None:
        return {}
    return {
        "lat": place.lat,
        "lng": place.lng,
        "accuracy_m": place.accuracy_m,
        "distance_m": distance_m(place, goal) if goal else None,
    }
