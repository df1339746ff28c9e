"""Files and the rows that name them (I42).

A file is stored before its row is written, so a crash between the two leaves at most a file: a sweep takes it
away. A store has its folder (or bucket) for itself: what no row of this database names counts as left over.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import Storage
from django.db.models import QuerySet

from .errors import Busy
from .failures import cannot_save, is_storage_away

logger = logging.getLogger(__name__)

GRACE = timedelta(hours=24)  # its row follows within seconds
FEW = 20  # more than these and than a tenth are no accident: the folder belongs to another database too
REMOVED = 200  # files that one run removes at most
BATCH = 500


@contextmanager
def stored_whole(forget: Callable[[str], object], name: str) -> Iterator[None]:
    """Within the block a file is stored under `name`, which nothing else has; if that fails, no part of it is left.

    Raises `CannotSave` where the folder is full, read-only, missing or forbidden, or the bucket away.
    """
    try:
        yield
    except Exception as error:
        _forget(forget, name)
        if not is_storage_away(error):
            raise
        logger.error("the file %s cannot be stored: %s", name, error)
        raise cannot_save() from error


@contextmanager
def forgotten_on_failure(forget: Callable[[str], object], name: str) -> Iterator[None]:
    """Within the block the row of a stored file is written; if that fails, the file is forgotten again.

    Not where it was `Busy`: nobody can tell whether it happened, and the sweep decides about the file.
    """
    try:
        yield
    except Busy:
        raise
    except BaseException:
        _forget(forget, name)
        raise


def _forget(forget: Callable[[str], object], name: str) -> None:
    """As far as that can be done now: what failed before is what people are told, and the sweep comes again."""
    try:
        forget(name)
    except Exception as error:
        logger.warning("the file %s of a failed upload could not be removed: %s", name, error)


def remove_orphans(
    names: Collection[str],
    column: str,
    *named_by: QuerySet[Any],
    storage: Storage,
    now: datetime,
    paths_of: Callable[[str], Iterable[str]] = lambda name: (name,),
    remove: Callable[[str], object] | None = None,
) -> int:
    """Remove what of `names` no `column` of the rows `named_by` has named for a day. Returns how many.

    `paths_of` a name are its files, and `remove` (the storage's own way, unless given) takes them away. Where
    so many are in no row that it is no accident, none is removed and the log says so.
    """
    left = set(names)
    ordered = sorted(names)
    for start in range(0, len(ordered), BATCH):
        for rows in named_by:
            known = rows.filter(**{f"{column}__in": ordered[start : start + BATCH]})
            left -= set(known.values_list(column, flat=True))
    if len(left) > max(FEW, len(names) // 10):
        folder = ordered[0].rpartition("/")[0]
        logger.error(
            "%d files in %s are in no row: is the folder another store's too? None is removed.",
            len(left),
            folder,
        )
        return 0
    removed = 0
    for name in sorted(left):
        is_old = all(storage.get_modified_time(path) < now - GRACE for path in paths_of(name))
        if is_old and removed < REMOVED:
            (remove or storage.delete)(name)
            removed += 1
    return removed
