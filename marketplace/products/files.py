"""Pictures' rows and files belong together (I42): rows without their file, files without their row.

What is between them after a crash, the sweep takes away (marketplace/common/files.py).
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath

from django.core.files.storage import Storage
from django.db.models import Model
from pictures.models import PictureField, PictureFieldFile

from marketplace.common.files import remove_orphans

from .models import ProductImage, StagedPicture, VersionPicture

FIELD: PictureField = ProductImage._meta.get_field("picture")
NAMING: tuple[type[Model], ...] = (ProductImage, StagedPicture, VersionPicture)
"""What names pictures; an older version's are shown by its orders."""
LOOKED_AT = 5_000  # names a run of the sweep looks at; the next day's run goes on from there


def is_named(name: str) -> bool:
    """Whether a row still has this picture: a listing's (copies share files), an edit's, or that of what was."""
    return any(model._default_manager.filter(picture=name).exists() for model in NAMING)


def rows_without_files(limit: int) -> list[tuple[int, str]]:
    """Of the newest `limit` rows of each sort those whose picture, or a size of it that pages show, is missing."""
    missing = []
    for model in NAMING:
        rows = model._default_manager.order_by("-pk").values_list("pk", "picture", "width", "height")
        for pk, name, width, height in rows[:limit]:
            missing += [
                (pk, each) for each in _names_of(name, width, height) if not FIELD.storage.exists(each)
            ]
    return missing


def _names_of(name: str, width: int, height: int) -> Iterator[str]:
    """The picture's own file and those of its sizes, as they should be there."""
    yield name
    ratios = PictureFieldFile.get_picture_files(
        file_name=name, img_width=width, img_height=height, storage=FIELD.storage, field=FIELD
    )
    for sizes in ratios.values():
        for by_width in sizes.values():
            yield from (size.name for size in by_width.values())


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
        "picture",
        *(model._default_manager.all() for model in NAMING),
        storage=storage,
        now=now,
        paths_of=partial(_files_of, storage),
        remove=remove_files,
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


def remove_files(name: str) -> None:
    """Remove the picture of this name with its sizes, as far as they are there."""
    storage = FIELD.storage
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
