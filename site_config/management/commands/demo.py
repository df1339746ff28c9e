"""`manage.py demo`: a stocked store with people in it, built by calling the services."""

import os

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from site_config.demo import world
from site_config.demo.people import accounts_to_show

__all__ = ["Command", "accounts_to_show"]

TWICE = 2


class Command(BaseCommand):
    help = "Stock an empty store with demo goods, people and orders. Running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--products",
            type=int,
            default=0,
            metavar="N",
            help="go on until the store has N products (100000 takes some minutes)",
        )
        parser.add_argument(
            "--processes",
            type=int,
            default=os.cpu_count() or 1,
            metavar="N",
            help="how many processes draw pictures",
        )

        parser.add_argument(
            "--really",
            action="count",
            default=0,
            help="said twice: even where DEBUG is off or the store has admins of its own",
        )

    def handle(self, *, products: int, processes: int, really: int, **options: object) -> None:
        reasons = world.reasons_against()
        if reasons and really < TWICE:
            raise CommandError(
                f"Nothing was done: {' and '.join(reasons)}. The demo's people, a superadmin among them, have a "
                "password that everybody can read. If this store is only for show, say so twice: "
                "manage.py demo --really --really"
            )
        quiet = options["verbosity"] == 0
        if world.is_complete():
            self.stdout.write("The demo store is there already; nothing was changed.")
        else:
            with tqdm(total=world.steps(), unit="", leave=False, disable=quiet) as progress:
                world.build(progress=progress, processes=processes)
            self.stdout.write("The demo store is ready.")
        if products:
            self.enlarge(products, quiet)
        if not quiet:
            for line in accounts_to_show():
                self.stdout.write(line)

    def enlarge(self, products: int, quiet: bool) -> None:
        """Import made-up goods until there are `products`."""
        from site_config.demo import crowd

        missing = crowd.missing(products)
        if not missing:
            self.stdout.write(f"There are {products} products or more already.")
            return
        with tqdm(total=missing, unit=" products", leave=False, disable=quiet) as progress:
            crowd.fill(missing, progress=progress)
        self.stdout.write(f"The store has {products} products now.")
