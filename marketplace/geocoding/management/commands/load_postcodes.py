"""Put GeoNames' postcodes where the address search finds them."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.geocoding.postcodes import NotPostcodes, read_postcodes, write_postcodes


class Command(BaseCommand):
    help = "Put GeoNames' postcodes (DE.txt of https://download.geonames.org/export/zip/) into POSTCODES_DIR."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.POSTCODES_DIR:
            raise CommandError("Name a folder in POSTCODES_DIR first.")
        for file in options["files"]:
            try:
                with file.open(encoding="utf-8") as lines:
                    counts = write_postcodes(read_postcodes(lines), Path(settings.POSTCODES_DIR))
            except (OSError, UnicodeDecodeError, NotPostcodes) as error:
                raise CommandError(f"{file}: {error}") from error
            for country, count in counts.items():
                self.stdout.write(f"{country}: {count} postcodes")
