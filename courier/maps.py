"""What the read-only map of static/src/js/pages/route-map.js is given."""

import json
from dataclasses import dataclass

from django.conf import settings

from courier.presenters import doors
from marketplace.common.places import Place
from marketplace.delivery.selectors.job_page import JobView
from marketplace.delivery.selectors.rounds import JobsPage


@dataclass(frozen=True)
class RouteMap:
    """Its pins as JSON (`lat`, `lng`, `sign` on the pin, `kind`) and where its tiles come from, if anywhere."""

    pins: str
    tiles: str
    attribution: str

    def __bool__(self) -> bool:
        return self.pins != "[]"


def of_job(view: JobView, here: Place | None) -> RouteMap:
    """The courier, and the doors that are still to come."""
    return _map(here, [(shown.sign, shown.kind, shown.door.place) for shown in doors(view)])


def of_round(page: JobsPage, here: Place | None) -> RouteMap:
    """The courier, and all stops of their round in their order."""
    return _map(
        here,
        [(str(stop.number), "from" if stop.is_pick_up else "to", stop.stop.place) for stop in page.stops],
    )


def _map(here: Place | None, pins: list[tuple[str, str, Place | None]]) -> RouteMap:
    known = [pin for pin in pins if pin[2]]
    if here and known:
        known.insert(0, ("", "me", here))
    told = [
        {"lat": float(place.lat), "lng": float(place.lng), "sign": sign, "kind": kind}
        for sign, kind, place in known
    ]
    return RouteMap(json.dumps(told), settings.MAP_TILE_URL, settings.MAP_TILE_ATTRIBUTION)
