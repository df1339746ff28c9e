"""Geocoders by the shape of their answers: Photon's and Nominatim's, which other services copy.

Whatever they say is somebody else's text: it is cleaned and cut, and what is no place is left out.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings

from marketplace.common.cleaning import clean_line
from marketplace.common.places import Place

from .answers import Exactness, Found
from .asking import NoAnswer, ask

LONGEST_LABEL = 200


def photon(text: str, most: int) -> list[Found]:
    """https://photon.komoot.io/ and its kind: GeoJSON."""
    lat, lng = settings.STORE_PLACE
    answer = ask("/api/", {"q": text, "limit": str(most), "lat": str(lat), "lon": str(lng)})
    return _found(_photon_rows(answer))


def nominatim(text: str, most: int) -> list[Found]:
    """https://nominatim.org/ and its kind: a list of places."""
    countries = ",".join(code.lower() for code in settings.STORE_COUNTRIES)
    answer = ask(
        "/search",
        {"q": text, "limit": str(most), "format": "jsonv2", "addressdetails": "1", "countrycodes": countries},
    )
    return _found(_nominatim_rows(answer))


PROVIDERS: dict[str, Callable[[str, int], list[Found]]] = {"photon": photon, "nominatim": nominatim}

Row = tuple[str, object, object, Exactness]


def _photon_rows(answer: Any) -> Iterator[Row]:
    for feature in _list(_dict(answer).get("features")):
        said = _dict(_dict(feature).get("properties"))
        lng, lat = [*_list(_dict(_dict(feature).get("geometry")).get("coordinates")), None, None][:2]
        if said.get("countrycode") and str(said["countrycode"]).upper() not in settings.STORE_COUNTRIES:
            continue
        street = _join(" ", said.get("street"), said.get("housenumber"))
        town = _join(" ", said.get("postcode"), said.get("city") or said.get("district"))
        name = said.get("name") if said.get("name") not in (said.get("street"), said.get("city")) else ""
        label = _join(", ", name, street, town, said.get("country"))
        exactness = (
            Exactness.DOOR if said.get("housenumber") else Exactness.STREET if street else Exactness.TOWN
        )
        yield label or str(said.get("name", "")), lat, lng, exactness


def _nominatim_rows(answer: Any) -> Iterator[Row]:
    for entry in map(_dict, _list(answer)):
        said = _dict(entry.get("address"))
        exactness = (
            Exactness.DOOR
            if said.get("house_number")
            else Exactness.STREET
            if said.get("road")
            else Exactness.TOWN
        )
        yield str(entry.get("display_name", "")), entry.get("lat"), entry.get("lon"), exactness


def _found(rows: Iterator[Row]) -> list[Found]:
    answers: list[Found] = []
    for label, lat, lng, exactness in rows:
        try:
            place = Place(Decimal(str(lat)), Decimal(str(lng)))
        except (InvalidOperation, ValueError):
            continue
        if words := clean_line(label)[:LONGEST_LABEL].strip():
            answers.append(Found(words, place, exactness))
    return answers


def _join(between: str, *parts: object) -> str:
    return between.join(str(part) for part in parts if isinstance(part, str) and part)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


__all__ = ["PROVIDERS", "NoAnswer"]
