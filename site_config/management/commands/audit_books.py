from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.common import currency
from marketplace.common.invariants import find_breaches
from marketplace.delivery.photos import rows_without_photos
from marketplace.products.files import rows_without_files
from site_config.books import all_invariants, snapshot


class Command(BaseCommand):
    help = "Recompute money, stock, points and states from their rows; exit 1 if anything does not add up."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--media",
            type=int,
            nargs="?",
            const=1000,
            default=0,
            metavar="NEWEST",
            help="look for the files of the newest pictures too (1000 unless told)",
        )

    def handle(self, *args, **options) -> None:
        broken = 0
        with snapshot():
            for invariant in all_invariants():
                breaches = find_breaches([invariant])
                broken += self._tell(invariant.name, breaches[0].rows if breaches else [])
        said = currency.differs()
        broken += self._tell("STORE_CURRENCY is the one that the amounts are in", [(said,)] if said else [])
        if options["media"]:
            broken += self._tell("I42 every picture has its files", rows_without_files(options["media"]))
            broken += self._tell("I42 every photo has its file", rows_without_photos(options["media"]))
        if broken:
            raise CommandError(f"{broken} invariant(s) do not hold.", returncode=1)
        self.stdout.write("The books balance.")

    def _tell(self, name: str, rows: list[tuple]) -> bool:
        """Write a line for what was asked, and the rows that show its break; whether it is broken."""
        self.stdout.write(f"{self.style.ERROR('BROKEN') if rows else self.style.SUCCESS('ok    ')}  {name}")
        for row in rows[:20]:
            self.stdout.write(f"        {row}")
        return bool(rows)
