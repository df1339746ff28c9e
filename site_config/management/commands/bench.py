"""`manage.py bench` (`make bench`): how fast the store is, beside the least that Django needs."""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from site_config.bench import databases, report
from site_config.bench.processes import server
from site_config.bench.run import PAGES, Bench, Target, prepare_for_plain_orders

PLAIN_CARTS = 2400
BUYERS = 300


class Command(BaseCommand):
    help = "Measure the store's pages and checkout on PostgreSQL, and write docs/performance.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--products", type=int, nargs="+", default=[1_000, 100_000])
        parser.add_argument("--rounds", type=int, default=3)
        parser.add_argument(
            "--seconds", type=float, default=4, help="how long each row is measured in a round"
        )
        parser.add_argument("--connections", type=int, default=8)
        parser.add_argument("--only", nargs="+", default=[], choices=[*PAGES, "cart", "order"])
        parser.add_argument("--port", type=int, default=8107, help="the first of the ports to use")
        parser.add_argument("--keep", action="store_true", help="leave the databases for the next run")
        parser.add_argument("--no-write", action="store_true", help="leave docs/performance.md as it is")

    def handle(self, **options: object) -> None:
        postgres = os.environ.get("DATABASE_URL", "")  # the settings of the bench see to one
        if not postgres.startswith("postgres"):
            raise CommandError(
                "The bench needs PostgreSQL: DATABASE_URL=postgres://…, or one on this machine."
            )
        if settings.DEBUG:
            raise CommandError(
                "Run it as `make bench`, or with DJANGO_SETTINGS_MODULE=site_config.bench.settings DEBUG=false."
            )
        try:
            text, failed = self.measure(postgres, options)
        finally:
            if not options["keep"]:
                for name in [
                    *(f"{databases.PREFIX}_{size}" for size in options["products"]),
                    f"{databases.PREFIX}_plain",
                ]:
                    databases.drop(postgres, name)
        self.stdout.write(text)
        if not options["no_write"]:
            report.write(settings.BASE_DIR / "docs" / "performance.md", text)
        if failed:
            raise CommandError(f"{failed} bar(s) not cleared.")

    def measure(self, postgres: str, options: dict) -> tuple[str, int]:
        call_command("collectstatic", interactive=False, verbosity=0)
        sizes = sorted(options["products"])
        filled = []
        for size in sizes:
            self.stdout.write(f"Filling a database with {size:,} products …")
            filled.append(databases.fill(postgres, products=size, buyers=BUYERS))
        base = filled[0]
        plain = databases.copy(postgres, base, f"{databases.PREFIX}_plain")
        content_type = prepare_for_plain_orders(plain, PLAIN_CARTS)
        with base.connect() as connection:
            about = "PostgreSQL " + connection.info.parameter_status("server_version").split()[0]
        said = report.conditions(
            rounds=options["rounds"],
            seconds=options["seconds"],
            connections=options["connections"],
            postgres=about,
        )
        bench = Bench(
            server=postgres,
            seconds=options["seconds"],
            connections=options["connections"],
            say=self.stdout.write,
        )
        with ExitStack() as stack:
            reference, *targets = self.start(stack, options["port"], base, filled)
            only = options["only"] or [*PAGES, "cart", "order"]
            pages = tuple(name for name in PAGES if name in only)
            self.warm_up(bench, reference, targets, pages)
            for turn in range(options["rounds"]):
                self.stdout.write(f"Round {turn + 1}")
                bench.pages(reference, targets, pages)
                for target in targets:
                    if "cart" in only:
                        bench.adding(target, turn)
                if "order" in only:
                    bench.plain_ordering(plain, carts=PLAIN_CARTS, content_type=content_type)
                    for target in targets:
                        bench.ordering(target, turn)
        self.audit(filled)
        text = report.table(bench.cells, sizes=sizes, conditions=said)
        cleared = report.bars(bench.cells, sizes=sizes)
        text += "\n| bar of issue 2 | measured | bar | |\n|---|--:|--:|---|\n" + "".join(
            f"| {what} | {share:.2f} | {bar:.2f} | {'cleared' if is_cleared else '**not cleared**'} |\n"
            for what, share, bar, is_cleared in cleared
        )
        return text, sum(not entry[-1] for entry in cleared)

    def start(self, stack: ExitStack, port: int, base, filled) -> list[Target]:
        """The reference over the smallest database, and the store over each."""
        log = Path(settings.VAR_DIR)
        wanted = [("site_config.bench.reference_settings", base)]
        wanted += [("site_config.bench.settings", database) for database in filled]
        targets = []
        for number, (module, database) in enumerate(wanted):
            process = stack.enter_context(
                server(
                    port=port + number,
                    settings_module=module,
                    database_url=database.url,
                    log=log / f"bench-{number}.log",
                )
            )
            targets.append(Target(port + number, process.pid, database))
        return targets

    def warm_up(self, bench: Bench, reference: Target, targets: list[Target], pages: tuple[str, ...]) -> None:
        """Every worker has seen every page before anything is measured."""
        measured, bench.cells = bench.cells, {}
        seconds, bench.seconds = bench.seconds, 1.0
        bench.pages(reference, targets, pages)
        bench.cells, bench.seconds = measured, seconds

    def audit(self, filled) -> None:
        """After the load the books must balance: what was fast was also right."""
        for database in filled:
            environ = {**os.environ, "DATABASE_URL": database.url}
            command = [sys.executable, "manage.py", "audit_books"]
            done = subprocess.run(  # noqa: S603  our own program
                command, cwd=settings.BASE_DIR, env=environ, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise CommandError(
                    f"After the load the books of {database.name} do not balance:\n{done.stdout}"
                )
