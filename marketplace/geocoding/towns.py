"""Towns and postcodes that the store has with it, for a store that names no geocoder.

Towns of more than 1,000 people and postcodes of STORE_COUNTRIES (`.ci/geodata.py` writes them); where `manage.py
load_postcodes` has put newer ones of a country into POSTCODES_DIR, those. All GeoNames, CC BY 4.0. A country is read
once a process, when somebody first asks.
"""

import gzip
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from marketplace.common.places import Place

from .answers import Exactness, Found

TOWNS = Path(__file__).with_name("towns")
CODES = Path(__file__).with_name("codes")
LONGEST_NAME = 4  # words
SHORTEST_WORD = 3
_WORD = re.compile(r"[^\W_]+")
_CODE = re.compile(r"(?=.*[0-9])[0-9a-z]{3,8}\Z")


@dataclass(frozen=True)
class Town:
    """A town of a country, or the place of a postcode."""

    name: str
    country: str
    lat: float
    lng: float
    people: int = 0
    code: str = ""

    @property
    def found(self) -> Found:
        """As an answer."""
        named = f"{self.code} {self.name}".strip()
        place = Place(lat=_degrees(self.lat), lng=_degrees(self.lng))
        return Found(f"{named}, {self.country}", place, Exactness.TOWN)


def words_of(text: str) -> list[str]:
    """The words of a text as names are compared: small letters without marks, in their order."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))


def locate(text: str) -> Found | None:
    """The town or postcode that a typed address names; None where nothing is known of it.

    A postcode is better than a name; of several names the one behind a postcode, then the last one, for an address
    ends with its town. Of towns that share a name the largest.
    """
    words = words_of(text)[:60]
    by_name = _named(words)
    for code in _codes(words):
        places = [town for country in _countries() for town in country.codes.get(code, ())]
        if places:
            names = set(words)
            return max(places, key=lambda place: len(names & set(words_of(place.name)))).found
    return by_name.found if by_name else None


def begin_with(text: str, *, most: int) -> list[Found]:
    """Towns whose names begin so and postcodes that do, the largest towns first."""
    key = " ".join(words_of(text))
    if len(key) < SHORTEST_WORD:
        return []
    towns: dict[tuple[str, str, float], Town] = {}
    for country in _countries():
        for town in country.beginning(key):
            towns.setdefault((town.code, town.name, town.lat), town)
    return [town.found for town in sorted(towns.values(), key=lambda town: -town.people)[:most]]


def _named(words: list[str]) -> Town | None:
    best: tuple[tuple[bool, int, int, int], Town] | None = None
    for start in range(len(words)):
        for length in range(1, min(LONGEST_NAME, len(words) - start) + 1):
            name = " ".join(words[start : start + length])
            if len(name) < SHORTEST_WORD or name.isdigit():
                continue
            after_code = start > 0 and bool(_CODE.match(words[start - 1])) and len(words[start - 1]) >= 4
            for town in (town for country in _countries() for town in country.names.get(name, ())):
                rank = (after_code, start + length, length, town.people)
                if best is None or rank > best[0]:
                    best = (rank, town)
    return best[1] if best else None


def _codes(words: list[str]) -> Iterator[str]:
    """What of an address may be its postcode, from the end on: "10119", "SW1A 1AA", "1012 AB"."""
    for at in reversed(range(len(words))):
        if at and _CODE.match(pair := words[at - 1] + words[at]):
            yield pair
        if _CODE.match(words[at]):
            yield words[at]


class _Country:
    """The towns and postcodes of one country, by what they are found by."""

    def __init__(self, towns: list[tuple[Town, list[str]]], codes: list[Town]) -> None:
        self.names: dict[str, list[Town]] = {}
        for town, names in towns:
            for key in {" ".join(words_of(name)) for name in names}:
                self.names.setdefault(key, []).append(town)
        self.codes: dict[str, list[Town]] = {}
        for place in codes:
            self.codes.setdefault("".join(words_of(place.code)), []).append(place)
        self.keys = sorted([*self.names, *self.codes])

    def beginning(self, key: str) -> Iterator[Town]:
        for at in range(bisect_left(self.keys, key), len(self.keys)):
            if not self.keys[at].startswith(key):
                return
            yield from self.names.get(self.keys[at], ())
            yield from self.codes.get(self.keys[at], ())


def _countries() -> list[_Country]:
    return [_country(code, settings.POSTCODES_DIR) for code in settings.STORE_COUNTRIES]


@lru_cache(maxsize=64)
def _country(code: str, postcodes: str) -> _Country:
    towns = []
    for lat, lng, people, names in _lines(TOWNS / f"{code}.tsv.gz"):
        known_as = names.split("|")
        towns.append((Town(known_as[0], code, float(lat), float(lng), int(people)), known_as))
    bundled, own = CODES / f"{code}.tsv.gz", Path(postcodes) / f"{code}.tsv.gz"
    codes = [
        Town(name, code, float(lat), float(lng), code=post)
        for post, name, lat, lng in _lines(own if postcodes and own.is_file() else bundled)
    ]
    return _Country(towns, codes)


def _lines(path: Path) -> Iterator[list[str]]:
    if path.is_file():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield line.rstrip("\n").split("\t")


def _degrees(value: float) -> Decimal:
    return Decimal(str(value))
