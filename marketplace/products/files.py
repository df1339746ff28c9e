"""Pictures' rows and files belong together (I42): rows without their file, files without their row.

A crash between a file and its row leaves at most a file; the sweep takes it away. A store has its
media folder (or bucket) for itself: what no row of this database names counts as left over.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from django.core.files.storage import Storage

from .models import ProductImage

logger = logging.getLogger(__name__)

FIELD = ProductImage._meta.get_field("picture")
GRACE = timedelta(hours=24)  # an upload stores its file first and its row within seconds
LOOKED_AT = 5_000  # names a run of the sweep looks at; the next day's run goes on from there
FEW = 20  # more than these and than a tenth are no accident: the folder belongs to another database too
REMOVED = 200  # pictures a run removes at most


def rows_without_files(limit: int) -> list[tuple[int, str]]:
    """Of the newest `limit` rows those whose picture, or a size of it that pages show, is missing."""
    missing = []
    for image in ProductImage.objects.order_by("-pk")[:limit]:
        names = [image.picture.name, *(size.name for size in image.picture.get_picture_files_list())]
        missing += [(image.pk, name) for name in names if not FIELD.storage.exists(name)]
    return missing


def forget_orphans(now: datetime) -> int:
    """Sweep: remove pictures, with their sizes, that no row has named for a day. Returns how many."""
    storage, folder = FIELD.storage, FIELD.upload_to
    if not ProductImage.objects.exists():
        return 0  # an empty database beside a full folder is a restore under way, or a wrong setting
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return 0
    stems = sorted({*folders, *(PurePosixPath(name).stem for name in files if name.endswith(".webp"))})
    rounds = -(-len(stems) // LOOKED_AT) or 1
    start = (now.toordinal() % rounds) * LOOKED_AT
    names = {f"{folder}/{stem}.webp" for stem in stems[start : start + LOOKED_AT]}
    for known in _batches(sorted(names)):
        names -= set(ProductImage.objects.filter(picture__in=known).values_list("picture", flat=True))
    if len(names) > max(FEW, len(stems[start : start + LOOKED_AT]) // 10):
        logger.error(
            "%d pictures in %s are in no row: is the folder another store's too? None is removed.",
            len(names),
            folder,
        )
        return 0
    removed = 0
    for name in sorted(names):
        paths = list(_files_of(storage, name))
        if removed < REMOVED and all(storage.get_modified_time(path) < now - GRACE for path in paths):
            _remove(storage, name, paths)
            removed += 1
    return removed


def _batches(names: list[str], size: int = 500) -> Iterator[list[str]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]


def _files_of(storage: Storage, name: str) -> Iterator[str]:
    """The picture and its sizes, as far as they are there."""
    if storage.exists(name):
        yield name
    yield from _files_in(storage, name.removesuffix(".webp"))


def _files_in(storage: Storage, folder: str) -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    yield from (f"{folder}/{name}" for name in files)
    for inner in folders:
        yield from _files_in(storage, f"{folder}/{inner}")


def _remove(storage: Storage, name: str, paths: list[str]) -> None:
    for path in paths:
        storage.delete(path)
    # A file system keeps the empty folders, an object store has none.
    top = PurePosixPath(name.removesuffix(".webp"))
    folders = {
        parent for path in paths for parent in PurePosixPath(path).parents if top in (parent, *parent.parents)
    }
    for folder in sorted({top, *folders}, key=lambda path: len(path.parts), reverse=True):
        storage.delete(str(folder))
