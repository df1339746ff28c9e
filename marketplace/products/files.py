"""Pictures' rows and files belong together (I42): rows without their file, files without their row.

What is between them after a crash, the sweep takes away (marketplace/common/files.py).
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath

from django.core.files.storage import Storage
from pictures.models import PictureField

from marketplace.common.files import remove_orphans

from .models import ProductImage

FIELD: PictureField = ProductImage._meta.get_field("picture")
LOOKED_AT = 5_000  # names a run of the sweep looks at; the next day's run goes on from there


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
    return remove_orphans(
        [f"{folder}/{stem}.webp" for stem in stems[start : start + LOOKED_AT]],
        ProductImage.objects.all(),
        "picture",
        storage=storage,
        now=now,
        paths_of=partial(_files_of, storage),
        remove=partial(_remove, storage),
    )


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


def _remove(storage: Storage, name: str) -> None:
    paths = list(_files_of(storage, name))
    for path in paths:
        storage.delete(path)
    # A file system keeps the empty folders, an object store has none.
    top = PurePosixPath(name.removesuffix(".webp"))
    folders = {
        parent for path in paths for parent in PurePosixPath(path).parents if top in (parent, *parent.parents)
    }
    for folder in sorted({top, *folders}, key=lambda path: len(path.parts), reverse=True):
        storage.delete(str(folder))
