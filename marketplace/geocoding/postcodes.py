"""GeoNames' files of postcodes (https://download.geonames.org/export/zip/, CC BY 4.0), made small for the search."""

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path


class NotPostcodes(ValueError):
    """A file that is none of GeoNames' postcodes."""


def read_postcodes(lines: Iterable[str]) -> Iterator[tuple[str, str, str, str, str]]:
    """Country, postcode, place, latitude, longitude of each line. Raises `NotPostcodes` with the line's number."""
    for number, line in enumerate(lines, 1):
        parts = line.rstrip("\n").split("\t")
        if not line.strip():
            continue
        try:
            country, code, name, lat, lng = parts[0], parts[1], parts[2], float(parts[9]), float(parts[10])
        except (IndexError, ValueError) as error:
            raise NotPostcodes(f"line {number} is none of GeoNames' postcodes") from error
        if len(country) != 2 or not country.isalpha() or abs(lat) > 90 or abs(lng) > 180:
            raise NotPostcodes(f"line {number} names no place of a country")
        yield country.upper(), code, name, f"{lat:.4f}", f"{lng:.4f}"


def write_postcodes(rows: Iterable[tuple[str, str, str, str, str]], target: Path) -> dict[str, int]:
    """Write a file a country into `target`; returns how many postcodes each has. It is there whole or not at all."""
    countries: dict[str, list[str]] = {}
    for country, *place in rows:
        countries.setdefault(country, []).append("\t".join(place) + "\n")
    target.mkdir(parents=True, exist_ok=True)
    for country, lines in countries.items():
        unfinished = target / f"{country}.tsv.gz.new"
        unfinished.write_bytes(gzip.compress("".join(lines).encode(), 9, mtime=0))
        unfinished.replace(target / f"{country}.tsv.gz")
    return {country: len(lines) for country, lines in countries.items()}
