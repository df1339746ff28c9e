"""`manage.py run_due`: do everything that the clock says is due, once or in a loop."""

import signal
import threading
import time
from types import FrameType

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections

from marketplace.common.models import SweepRun
from marketplace.common.sweeping import Sweep
from marketplace.web.clockwork import SWEEPS, Ran, run_sweep
from site_config import watchdog


class Command(BaseCommand):
    """Each sweep is on its own: one that fails is logged, the others still run.

    Any number of these may run at once, beside Celery and the admins' button: the sweeps themselves
    are safe, this command only calls them.
    """

    help = "Run the sweeps (sale prices, sellers to be paid, old carts, …) that are due now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--loop", type=float, metavar="SECONDS", help="go on for ever, with this pause between rounds"
        )
        parser.add_argument(
            "--confirm-clock",
            action="store_true",
            help="the clock is right: run what moves money for once, although it looks wrong",
        )
        parser.add_argument(
            "--only",
            action="append",
            metavar="NAME",
            help=f"only this sweep (again for more): {', '.join(sweep.name for sweep in SWEEPS)}",
        )

    def handle(
        self, *, loop: float | None, only: list[str] | None, confirm_clock: bool, **options: object
    ) -> None:
        known = {sweep.name for sweep in SWEEPS}
        if unknown := sorted(set(only or ()) - known):
            raise CommandError(
                f"There is no sweep {', '.join(unknown)}. There are: {', '.join(sorted(known))}."
            )
        sweeps = [sweep for sweep in SWEEPS if not only or sweep.name in only]
        if loop is not None:
            self.run_for_ever(sweeps, pause=loop, confirm_clock=confirm_clock)
            return
        ended = {sweep.name: self.run_one(sweep, tell_all=True, confirm=confirm_clock) for sweep in sweeps}
        if failed := [name for name, ran in ended.items() if ran.error]:
            raise CommandError(f"Failed (the log says why): {', '.join(failed)}.")
        if stopped := [name for name, ran in ended.items() if ran.stopped]:
            raise CommandError(
                f"Stopped: {', '.join(stopped)}. If the clock is right:  manage.py run_due --confirm-clock"
            )

    def run_for_ever(self, sweeps: list[Sweep], *, pause: float, confirm_clock: bool) -> None:
        """Rounds until SIGTERM or SIGINT; the sweep that is running then is finished first.

        `confirm_clock` counts for the first round only: nobody knows what the clock will do later.
        """
        stop = threading.Event()

        def end(number: int, frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        next_run = dict.fromkeys((sweep.name for sweep in sweeps), 0.0)
        watchdog.tell("READY=1")
        while not stop.is_set():
            close_old_connections()
            for sweep in sweeps:
                if stop.is_set() or time.monotonic() < next_run[sweep.name]:
                    continue
                next_run[sweep.name] = time.monotonic() + sweep.every
                self.run_one(sweep, tell_all=False, confirm=confirm_clock)
                watchdog.alive()
            confirm_clock = False
            watchdog.alive()
            stop.wait(pause)

    def run_one(self, sweep: Sweep, *, tell_all: bool, confirm: bool) -> Ran:
        """Run one sweep. A loop only tells of those that did something."""
        ran = run_sweep(sweep, confirm_clock=confirm)
        if ran.stopped and tell_all:
            self.stdout.write(f"{sweep.name}: stopped. {SweepRun.Stopped(ran.stopped).label}.")
        elif ran.went_well and (ran.done or ran.failed or tell_all):
            failed = f" ({ran.failed} failed)" if ran.failed else ""
            self.stdout.write(f"{sweep.name}: {ran.done}{failed}")
        return ran
