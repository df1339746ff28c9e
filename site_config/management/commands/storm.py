"""`manage.py storm` (`make storm`): kill, cut, freeze and fill what the store runs on, and count what is left."""

import signal
import sys
from collections import Counter

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from site_config.storm import report
from site_config.storm.run import Row, Storm
from site_config.storm.servers import MariaDB, Postgres
from site_config.storm.troubles import TROUBLES

DATABASES = {"postgres": Postgres, "mariadb": MariaDB}


class Command(BaseCommand):
    help = (
        "Kill, cut, freeze and fill real servers under load; count what was acknowledged and what is there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", nargs="+", choices=DATABASES, default=list(DATABASES))
        parser.add_argument("--only", nargs="+", choices=[trouble.name for trouble in TROUBLES], default=[])
        parser.add_argument("--clients", type=int, default=8, help="each is a buyer and a courier")
        parser.add_argument("--seconds", type=float, default=8, help="how long a trouble lasts")
        parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")

    def handle(self, **options: object) -> None:
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))  # what was started is ended
        wanted = [trouble for trouble in TROUBLES if not options["only"] or trouble.name in options["only"]]
        rows: list[Row] = []
        for name in options["database"]:
            storm = Storm(
                DATABASES[name],
                clients=options["clients"],
                seconds=options["seconds"],
                say=self.stdout.write,
            )
            with storm.set_up():
                for turn, trouble in enumerate(wanted):
                    if trouble.needs_disk and not storm.stage.database.has_own_disk:
                        self.stdout.write(f"{trouble.title}: left out, only root can give a disk")
                        continue
                    rows.append(storm.weather(trouble, turn))
                    self.tell(rows[-1])
        text = report.table(rows)
        self.stdout.write(text)
        if options["write"]:
            report.write(settings.BASE_DIR / "docs" / "reliability.md", text)
        if faults := sum(len(row.faults) for row in rows):
            raise CommandError(f"{faults} fault(s).")

    def tell(self, row: Row) -> None:
        self.stdout.write(report.line(row))
        for note, number in Counter(row.notes).most_common(8):
            self.stdout.write(f"    {number} × {note}")
        for fault in row.faults[:20]:
            self.stdout.write(self.style.ERROR(f"    FAULT {fault}"))
