"""`manage.py run_due`: do everything that the clock says is due, once or in a loop."""

import logging
import signal
import threading
import time
from types import FrameType

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections

from marketplace.common import clock
from site_config.sweeps import SWEEPS, Sweep

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Each sweep is on its own: one that fails is logged, the others still run.

    Any number of these may run at once, beside Celery and the admins' button: the sweeps themselves
    are safe, this command only calls them.
    """

    help = "Run the sweeps (sale prices, expired top-ups, old carts, …) that are due now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--loop", type=float, metavar="SECONDS", help="go on for ever, with this pause between rounds"
        )
        parser.add_argument(
            "--only",
            action="append",
            metavar="NAME",
            help=f"only this sweep (again for more): {', '.join(sweep.name for sweep in SWEEPS)}",
        )

    def handle(self, *, loop: float | None, only: list[str] | None, **options: object) -> None:
        known = {sweep.name for sweep in SWEEPS}
        if unknown := sorted(set(only or ()) - known):
            raise CommandError(
                f"There is no sweep {', '.join(unknown)}. There are: {', '.join(sorted(known))}."
            )
        sweeps = [sweep for sweep in SWEEPS if not only or sweep.name in only]
        if loop is None:
            failed = [sweep.name for sweep in sweeps if not self.run_one(sweep, tell_all=True)]
            if failed:
                raise CommandError(f"Failed (the log says why): {', '.join(failed)}.")
            return
        self.run_for_ever(sweeps, pause=loop)

    def run_for_ever(self, sweeps: list[Sweep], *, pause: float) -> None:
        """Rounds until SIGTERM or SIGINT; the sweep that is running then is finished first."""
        stop = threading.Event()

        def end(number: int, frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        next_run = dict.fromkeys((sweep.name for sweep in sweeps), 0.0)
        while not stop.is_set():
            close_old_connections()
            for sweep in sweeps:
                if stop.is_set() or time.monotonic() < next_run[sweep.name]:
                    continue
                next_run[sweep.name] = time.monotonic() + sweep.every
                self.run_one(sweep, tell_all=False)
            stop.wait(pause)

    def run_one(self, sweep: Sweep, *, tell_all: bool) -> bool:
        """Run one sweep; False if it failed. A loop only tells of those that did something."""
        try:
            done = sweep.run(clock.now())
        except Exception:
            logger.exception("the sweep %s failed", sweep.name)
            return False
        if done or tell_all:
            self.stdout.write(f"{sweep.name}: {done}")
        return True
