"""Where a courier is, as far as they let us know: their phone's place for a while, else their profile's."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.http import HttpRequest

from marketplace.common import clock
from marketplace.common.places import Place
from marketplace.delivery.areas import area_of

# About 100 m: enough to sort parcels by, too little to follow somebody.
DECIMALS = 3
GOOD_FOR = timedelta(hours=2)
_KEY = "courier_place"


@dataclass(frozen=True)
class Whereabouts:
    """A place and its area; `is_live` tells a phone's from the profile's, None is neither."""

    place: Place | None
    is_live: bool

    @property
    def area(self) -> str:
        return area_of(self.place)


def whereabouts(request: HttpRequest) -> Whereabouts:
    """Where distances are counted from. No query."""
    if place := _live(request):
        return Whereabouts(place, True)
    return Whereabouts(request.user.profile.place, False)


def remember(request: HttpRequest, place: Place | None) -> None:
    """Keep a phone's place in the session, rounded; None forgets it."""
    if place is None:
        request.session.pop(_KEY, None)
        return
    rounded = [str(round(degrees, DECIMALS)) for degrees in (place.lat, place.lng)]
    request.session[_KEY] = [*rounded, round(clock.now().timestamp())]


def _live(request: HttpRequest) -> Place | None:
    match request.session.get(_KEY):
        case [str(lat), str(lng), int(at)] if clock.now().timestamp() - at < GOOD_FOR.total_seconds():
            return Place(Decimal(lat), Decimal(lng))
    return None
