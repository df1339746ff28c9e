"""Everything that the clock does, in all domains, and the one way to run it.

Each domain declares its sweeps in `sweeps.py`. `manage.py run_due`, the admins' button and Celery all call
`run_sweep`, which notes how it went (`SweepRun`); rows that are worth a transaction each are run by
marketplace/common/sweeping.py.
"""

import logging
import time
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F

from marketplace.accounts.selectors import active_admins
from marketplace.common import clock, database_clock
from marketplace.common.connections import drop_stuck
from marketplace.common.discovery import by_name, declared
from marketplace.common.failures import is_unavailable
from marketplace.common.models import SweepRun, SweepTrouble
from marketplace.common.sweeping import Sweep, Swept, clock_drift, record_run, troubles_to_tell
from marketplace.common.transactions import service
from marketplace.notifications.services import Notice, notify_many

from .notices import SWEEP_TROUBLE

logger = logging.getLogger(__name__)

# Between runs a clock may be set. What pays, ends or deletes by it stops, until somebody says that the clock is
# right: a jump forward must not pay everybody, nor forget form keys that are still good (docs/reliability.md §3.4).
LONGEST_GAP = timedelta(hours=48)

# In the order of a round, and of the admins' page.
SWEEPS: list[Sweep] = sorted(declared("sweeps", "SWEEPS"), key=lambda sweep: sweep.turn)


@dataclass(frozen=True)
class Ran:
    """How a run went: what it did, the kind of error that ended it early, or why it did not start."""

    done: int = 0
    failed: int = 0
    error: str = ""
    stopped: str = ""

    @property
    def went_well(self) -> bool:
        """Whether it ran to its end; rows that failed are tried again and told by themselves."""
        return not (self.error or self.stopped)


@dataclass(frozen=True)
class SweepLine:
    """A sweep with its last run (None: it never ran) and how many rows it could not do."""

    sweep: Sweep
    run: SweepRun | None
    in_trouble: int


def sweep_named(name: str) -> Sweep:
    """The sweep of that name. Raises KeyError."""
    return by_name(SWEEPS)[name]


def label_of(name: str) -> str:
    """What the sweep of that name does, for people; one that is no more goes by its name."""
    return next((str(sweep.label) for sweep in SWEEPS if sweep.name == name), name)


def sweep_lines() -> list[SweepLine]:
    """All sweeps in the order in which they run: two queries."""
    runs = {run.name: run for run in SweepRun.objects.all()}
    troubles = dict(SweepTrouble.objects.order_by().values_list("sweep").annotate(Count("pk")))
    return [SweepLine(sweep, runs.get(sweep.name), troubles.get(sweep.name, 0)) for sweep in SWEEPS]


def sweep_troubles(limit: int = 100) -> list[SweepTrouble]:
    """The rows that sweeps could not do, the most often tried first."""
    return list(SweepTrouble.objects.order_by("-errors", "pk")[:limit])


def run_sweep(sweep: Sweep, *, confirm_clock: bool = False) -> Ran:
    """Run one sweep now and note how it went; never raises. Not inside a service: its rows are transactions.

    Only a sweep that goes `by_any_clock` runs while our clock and the database's differ by more than a
    minute, or when its last run was two days ago (`SweepRun.stopped`; the admins are told of what moves
    money), unless somebody says with `confirm_clock` that the clock is right. Rows that failed five times
    are told to the admins once.
    """
    database_clock.keep()
    began, started = clock.now(), time.monotonic()
    try:
        if not confirm_clock and (why := _why_stopped(sweep)):
            _stop(sweep, why)
            return Ran(stopped=why)
        with clock.believed() if confirm_clock else nullcontext():
            began = clock.now()
            result, error = sweep.run(began), ""
    except Exception as raised:
        _log(raised, "the sweep %s failed", sweep.name)
        drop_stuck()
        result, error = 0, type(raised).__name__
    swept = result if isinstance(result, Swept) else Swept(result)
    try:
        record_run(
            sweep.name,
            started_at=began,
            finished_at=clock.now(),
            took_ms=round(1000 * (time.monotonic() - started)),
            done=swept.done,
            failed=swept.failed,
            error=error,
            runs=F("runs") + 1,
            stopped="",
        )
        _tell_of_trouble(sweep.name)
    except Exception as raised:
        _log(raised, "how the sweep %s went could not be noted", sweep.name)
    finally:
        drop_stuck()
    return Ran(swept.done, swept.failed, error)


def _log(error: Exception, words: str, name: str) -> None:
    """A traceback is for a bug; a database that is away or busy is a line, told so often (site_config/logs.py)."""
    if getattr(error, "status", None) == 503 or is_unavailable(error):
        logger.warning(words, name, extra={"unavailable": error})
    else:
        logger.error(words, name, exc_info=error)


def run_by_name(name: str, *, confirm_clock: bool = False) -> Ran:
    """`run_sweep` of the sweep of that name, for Celery and the admins' button. Raises KeyError."""
    return run_sweep(sweep_named(name), confirm_clock=confirm_clock)


def _why_stopped(sweep: Sweep) -> str:
    if sweep.by_any_clock:
        return ""
    if clock_drift() > database_clock.MOST_DRIFT:
        return SweepRun.Stopped.DRIFT
    last = SweepRun.objects.filter(name=sweep.name).values_list("finished_at", flat=True).first()
    return SweepRun.Stopped.GAP if last and clock.now() - last > LONGEST_GAP else ""


@service
def _stop(sweep: Sweep, why: str) -> None:
    """Say once that a sweep does not run: to the log, on its page, and of what moves money to the admins."""
    before = SweepRun.objects.filter(name=sweep.name).first()
    if before and before.stopped == why:
        return
    logger.error("the sweep %s is stopped (%s): is the clock right?", sweep.name, why)
    record_run(sweep.name, stopped=why)
    if not sweep.moves_money:
        return  # all stop for one reason: one word of it is enough
    run = SweepRun.objects.get(name=sweep.name)
    # One event a stop: after the next run it is another one.
    event_key = f"sweep:{sweep.name}:stopped:{why}:{run.runs}"
    _tell_admins(run, event_key, {"sweep": sweep.name, "stopped": why})


@service
def _tell_of_trouble(name: str) -> None:
    """Tell the admins of rows that failed again and again. About the sweep: a row's note goes once it works."""
    for trouble in troubles_to_tell(name):
        extra = {"sweep": name, "object_id": trouble.object_id, "errors": trouble.errors}
        run = SweepRun.objects.get(name=name)
        _tell_admins(run, f"sweep:{name}:trouble:{trouble.pk}", extra)


def _tell_admins(run: SweepRun, event_key: str, extra: dict[str, object]) -> None:
    notify_many([Notice(admin.pk, SWEEP_TROUBLE, run, event_key, extra) for admin in active_admins()])
