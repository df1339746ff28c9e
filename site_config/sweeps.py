"""Everything that the clock does, and the one way to run it.

A sweep is a function of `now`: it does what is due and says how many things it did. It is safe to run
twice and from many workers at once: it locks what it changes, or changes it with one conditional UPDATE
(rows that are worth a transaction each: marketplace/common/sweeping.py). `manage.py run_due`, the admins'
button and Celery all call `run_sweep`, which notes how it went (`SweepRun`).
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from marketplace.accounts.models import STAFF_ROLES, User
from marketplace.accounts.sessions import forget_old_sessions
from marketplace.common import clock
from marketplace.common.idempotency import forget_old_keys
from marketplace.common.limits import forget_old_windows
from marketplace.common.models import SweepRun, SweepTrouble
from marketplace.common.sweeping import Swept, clock_drift, record_run, troubles_to_tell
from marketplace.common.transactions import service
from marketplace.delivery.photos import forget_orphan_photos
from marketplace.delivery.services import cancel_overdue
from marketplace.notifications.models import Kind
from marketplace.notifications.services import Notice, notify_many
from marketplace.orders.services import complete_due, remind_of_completion
from marketplace.orders.services.cart import forget_old_carts
from marketplace.products.files import forget_orphans
from marketplace.products.services import refresh_popularity, refresh_prices
from marketplace.wallet.payments.desk import expire_top_ups

logger = logging.getLogger(__name__)

# Between runs a clock may be set. What pays by it stops, until somebody says that the clock is right:
# a jump forward must not pay everybody (docs/reliability.md §3.4).
MOST_DRIFT = timedelta(seconds=60)
LONGEST_GAP = timedelta(hours=48)


@dataclass(frozen=True)
class Sweep:
    """One entry of the list: what it is called, how often it is worth running, and the function."""

    name: str
    run: Callable[[datetime], int | Swept]
    every: int = 0
    """Seconds between two runs in a loop; 0 is every round."""
    moves_money: bool = False
    """Stops where the clock looks wrong."""


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


SWEEPS: list[Sweep] = [
    Sweep("refresh_prices", refresh_prices),
    Sweep("complete_due", complete_due, every=10, moves_money=True),
    Sweep("remind_of_completion", remind_of_completion, every=600),
    Sweep("cancel_overdue", cancel_overdue, every=600, moves_money=True),
    Sweep("expire_top_ups", expire_top_ups, every=60),
    Sweep("forget_old_carts", forget_old_carts, every=3600),
    Sweep("forget_old_keys", forget_old_keys, every=3600),
    Sweep("refresh_popularity", refresh_popularity, every=600),
    Sweep("forget_orphans", forget_orphans, every=86_400),
    Sweep("forget_orphan_photos", forget_orphan_photos, every=86_400),
    Sweep("forget_old_windows", forget_old_windows, every=600),
    Sweep("forget_old_sessions", forget_old_sessions, every=3600),
]


def sweep_named(name: str) -> Sweep:
    """The sweep of that name. Raises KeyError."""
    return {sweep.name: sweep for sweep in SWEEPS}[name]


def run_sweep(sweep: Sweep, *, confirm_clock: bool = False) -> Ran:
    """Run one sweep now and note how it went; never raises.

    One that moves money does not run while our clock and the database's differ by more than a minute,
    or when its last run was two days ago (`SweepRun.stopped`, and the admins are told), unless somebody
    says with `confirm_clock` that the clock is right. Rows that failed five times are told to the
    admins once.
    """
    began, started = clock.now(), time.monotonic()
    try:
        if not confirm_clock and (why := _why_stopped(sweep)):
            _stop(sweep, why)
            return Ran(stopped=why)
        result, error = sweep.run(began), ""
    except Exception as raised:
        logger.exception("the sweep %s failed", sweep.name)
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
    except Exception:
        logger.exception("how the sweep %s went could not be noted", sweep.name)
    return Ran(swept.done, swept.failed, error)


def run_by_name(name: str, *, confirm_clock: bool = False) -> Ran:
    """`run_sweep` of the sweep of that name, for Celery and the admins' button. Raises KeyError."""
    return run_sweep(sweep_named(name), confirm_clock=confirm_clock)


def _why_stopped(sweep: Sweep) -> str:
    if not sweep.moves_money:
        return ""
    if clock_drift() > MOST_DRIFT:
        return SweepRun.Stopped.DRIFT
    last = SweepRun.objects.filter(name=sweep.name).values_list("finished_at", flat=True).first()
    return SweepRun.Stopped.GAP if last and clock.now() - last > LONGEST_GAP else ""


@service
def _stop(sweep: Sweep, why: str) -> None:
    """Say once that a sweep does not run: to the log, on its page, to the admins."""
    before = SweepRun.objects.filter(name=sweep.name).first()
    if before and before.stopped == why:
        return
    logger.error("the sweep %s is stopped (%s): is the clock right?", sweep.name, why)
    record_run(sweep.name, stopped=why)
    run = SweepRun.objects.get(name=sweep.name)
    # One event a stop: after the next run it is another one.
    event_key = f"sweep:{sweep.name}:stopped:{why}:{run.runs}"
    _tell_admins(run, event_key, {"sweep": sweep.name, "stopped": why})


@service
def _tell_of_trouble(name: str) -> None:
    for trouble in troubles_to_tell(name):
        extra = {"sweep": name, "object_id": trouble.object_id, "errors": trouble.errors}
        _tell_admins(trouble, f"sweep:{name}:trouble:{trouble.pk}", extra)


def _tell_admins(subject: SweepRun | SweepTrouble, event_key: str, extra: dict[str, object]) -> None:
    admins = User.objects.filter(role__in=STAFF_ROLES, is_active=True).order_by("pk")
    notify_many(
        [
            Notice(pk, Kind.SWEEP_TROUBLE, subject, event_key, extra)
            for pk in admins.values_list("pk", flat=True)
        ]
    )
