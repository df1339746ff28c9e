"""What the clock does, for the admins' page. The list belongs to the house (site_config/sweeps.py), above us."""

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from django.conf import settings
from django.db.models import Count

from marketplace.common.models import SweepRun, SweepTrouble


@dataclass(frozen=True)
class SweepLine:
    """A sweep with its last run (None: it never ran) and how many rows it could not do."""

    name: str
    every: int
    moves_money: bool
    run: SweepRun | None
    in_trouble: int


def _house() -> ModuleType:
    return import_module(settings.SWEEPS_MODULE)


def sweep_lines() -> list[SweepLine]:
    """All sweeps in the order in which they run: two queries."""
    runs = {run.name: run for run in SweepRun.objects.all()}
    troubles = dict(SweepTrouble.objects.order_by().values_list("sweep").annotate(Count("pk")))
    return [
        SweepLine(
            sweep.name, sweep.every, sweep.moves_money, runs.get(sweep.name), troubles.get(sweep.name, 0)
        )
        for sweep in _house().SWEEPS
    ]


def sweep_troubles(limit: int = 100) -> list[SweepTrouble]:
    """The rows that sweeps could not do, the most often tried first."""
    return list(SweepTrouble.objects.order_by("-errors", "pk")[:limit])


def run_sweep(name: str, *, confirm_clock: bool = False):
    """Run a sweep now, as `manage.py run_due` does; never raises but KeyError for an unknown name.

    Returns its `done`, `failed`, `error`, `stopped` and `went_well`. `confirm_clock`: the clock is right,
    although a sweep that moves money is stopped. Not inside a service: its rows are transactions.
    """
    return _house().run_by_name(name, confirm_clock=confirm_clock)
