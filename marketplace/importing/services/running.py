"""The background's part: looking a file through, and making what it says, a product a transaction.

Whoever works on an import (the loop, Celery, several at once) reads its `place`, and moves it under its lock together
with what they did: what somebody else has done meanwhile is not done again, and a worker that is killed leaves the
next one where it was.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.errors import Busy, CannotSave, DomainError
from marketplace.common.locking import lock_row
from marketplace.common.sweeping import Swept, sweep_rows
from marketplace.common.transactions import service
from marketplace.importing.models import ImportLine, ImportRun
from marketplace.importing.plans import plan
from marketplace.importing.states import WORKED_ON, ImportStatus, Outcome
from marketplace.products.shopify import ProductDraft, ProductFile, RefusedProduct, Remark

from .making import make
from .moving import advance
from .picturing import hand_in, picture_next

SECONDS = 15.0
"""How long one import is worked on before the others have their turn."""
BATCH = 100  # products of a preview a transaction


def run_imports(now: datetime) -> Swept:
    """Sweep: go on with every import that is looked through or under way, the one that waited longest first."""
    due = ImportRun.objects.filter(status__in=WORKED_ON).order_by("touched_at", "pk")
    return sweep_rows("run_imports", due, _go_on, now=now)


def _go_on(run_id: int) -> bool:
    run = ImportRun.objects.select_related("seller").filter(pk=run_id, status__in=WORKED_ON).first()
    if run is None:
        return False
    try:
        if run.status == ImportStatus.UPLOADED:
            _look_through(run)
        elif _make_products(run):
            ends_at = time.monotonic() + SECONDS
            if picture_next(run, ends_at) and hand_in(run, ends_at):
                _finish(run_id=run.pk)
    except (Busy, CannotSave):
        raise
    except (DomainError, PermissionDenied, FileNotFoundError) as error:
        _fail(run_id=run.pk, why=_why(error))
    return True


def _why(error: Exception) -> str:
    if isinstance(error, PermissionDenied):
        return _("You may not list goods at the moment.")
    if isinstance(error, FileNotFoundError):
        return _("The file is no longer here. Please upload it again.")
    return str(error)


def _look_through(run: ImportRun) -> None:
    """The preview: what would become of each product."""
    with run.table.open("rb") as table:
        file = ProductFile(table)
        outcomes, place = islice(file.products(), run.place, None), run.place
        batch = list(islice(outcomes, BATCH))
        # Counted from here: the way to where it was is long in a long file.
        ends_at = time.monotonic() + SECONDS
        while batch:
            lines = [_line(run, place + number, outcome) for number, outcome in enumerate(batch)]
            if not _note_lines(run_id=run.pk, place=place, lines=lines):
                return
            place += len(batch)
            if time.monotonic() > ends_at:
                return
            batch = list(islice(outcomes, BATCH))
        _checked(run_id=run.pk, products=place, unknown=", ".join(file.unknown_columns)[:2000])


def _line(run: ImportRun, place: int, outcome: ProductDraft | RefusedProduct) -> ImportLine:
    line = ImportLine(
        run=run, place=place, handle=outcome.handle, title=outcome.title[:140], outcome=Outcome.REFUSED
    )
    if isinstance(outcome, RefusedProduct):
        line.remarks = _told(outcome.reasons)
        return line
    found = plan(outcome, run)
    line.outcome, line.words = found.outcome, found.words
    line.remarks = _told(outcome.remarks) + about(outcome, [found.refusal, *found.remarks])
    return line


def _told(remarks: Sequence[Remark]) -> list[list[object]]:
    return [[remark.line, remark.row, remark.column, remark.why] for remark in remarks]


def about(draft: ProductDraft, sentences: Sequence[str]) -> list[list[object]]:
    """Sentences about a product as remarks: they stand at its first line."""
    return [[draft.lines[0], 0, "", sentence] for sentence in sentences if sentence]


@service
def _note_lines(*, run_id: int, place: int, lines: list[ImportLine]) -> bool:
    """Keep the next part of a preview; False where somebody else has, or the import was stopped."""
    run = lock_row(ImportRun, run_id)
    if run.status != ImportStatus.UPLOADED or run.place != place:
        return False
    for line in lines:
        line.pk = None  # another try after a deadlock inserts again
    ImportLine.objects.bulk_create(lines, batch_size=BATCH)
    _move_place(run, place + len(lines))
    return True


def _move_place(run: ImportRun, place: int) -> None:
    run.place, run.touched_at = place, clock.now()
    run.save(update_fields=["place", "touched_at"])


@service
def _checked(*, run_id: int, products: int, unknown: str) -> None:
    run = lock_row(ImportRun, run_id)
    if run.status == ImportStatus.UPLOADED and run.place == products:
        advance(run, ImportStatus.CHECKED, products=products, unknown_columns=unknown)


@service
def _fail(*, run_id: int, why: str) -> None:
    run = lock_row(ImportRun, run_id)
    if run.status in WORKED_ON:
        advance(run, ImportStatus.FAILED, problem=why[:300])


@service
def _finish(*, run_id: int) -> None:
    run = lock_row(ImportRun, run_id)
    if run.status == ImportStatus.RUNNING:
        advance(run, ImportStatus.DONE)


def _make_products(run: ImportRun) -> bool:
    """Make the next products of the file; whether all of them are."""
    place = run.place
    if place >= run.products:
        return True
    ends_at = 0.0
    with run.table.open("rb") as table:
        for outcome in islice(ProductFile(table).products(), place, None):
            ends_at = ends_at or time.monotonic() + SECONDS  # as above
            if not _one(run, place, outcome):
                return False
            place += 1
            if time.monotonic() > ends_at:
                return place >= run.products
    return True


def _one(run: ImportRun, place: int, outcome: ProductDraft | RefusedProduct) -> bool:
    """What becomes of one product; False where the import is no longer at `place`."""
    if isinstance(outcome, RefusedProduct):
        return _pass_over(run_id=run.pk, place=place)
    try:
        return _take(run_id=run.pk, place=place, draft=outcome)
    except (Busy, CannotSave):
        raise
    except DomainError as error:
        remarks = about(outcome, [str(error)])
        return _pass_over(run_id=run.pk, place=place, remarks=remarks)


@service
def _take(*, run_id: int, place: int, draft: ProductDraft) -> bool:
    run = _still_at(run_id, place)
    if run is None:
        return False
    line = ImportLine.objects.get(run=run, place=place)
    found = plan(draft, run)
    line.outcome, line.words = found.outcome, found.words
    line.remarks = _told(draft.remarks) + about(draft, [found.refusal, *found.remarks])
    make(run, line, draft, found)
    line.save(update_fields=["outcome", "words", "remarks", "product", "hands_in"])
    _move_place(run, place + 1)
    return True


@service
def _pass_over(*, run_id: int, place: int, remarks: list[list[object]] | None = None) -> bool:
    run = _still_at(run_id, place)
    if run is None:
        return False
    if remarks is not None:
        mine = ImportLine.objects.filter(run=run, place=place)
        mine.update(outcome=Outcome.REFUSED, words=[], remarks=remarks, product=None, hands_in=False)
    _move_place(run, place + 1)
    return True


def _still_at(run_id: int, place: int) -> ImportRun | None:
    run = lock_row(ImportRun, run_id)
    return run if run.status == ImportStatus.RUNNING and run.place == place else None
