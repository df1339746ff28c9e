"""Photos of doors and parcels: rebuilt pixels in the private storage, read through a view that asks who (I42).

A file is stored before its row is written, so a crash between leaves at most a file; the sweep takes it away.
"""

import logging
from datetime import datetime, timedelta
from typing import IO

from django.core.files.storage import Storage

from marketplace.common.errors import Invalid
from marketplace.products.pictures import rebuild

from .models import Attempt, Proof, private_storage

logger = logging.getLogger(__name__)

ATTEMPTS, PROOFS = Attempt._meta.get_field("photo").upload_to, Proof._meta.get_field("photo").upload_to
MODELS = {ATTEMPTS: Attempt, PROOFS: Proof}
GRACE = timedelta(hours=24)  # its row follows within seconds
FEW = 20  # more than these and than a tenth are no accident: the folder belongs to another database too
REMOVED = 200  # files that one run removes at most


def store_photo(file: IO[bytes], folder: str) -> str:
    """Draw `file` anew (no EXIF, no place, nothing appended), store it and return its name.

    `folder` is ATTEMPTS or PROOFS. Not to be called inside a transaction. Raises `Invalid` (field "photo").
    """
    try:
        content = rebuild(file)
    except Invalid as error:
        raise Invalid(error.message, field="photo") from error
    return private_storage().save(f"{folder}/{content.name}", content)


def forget_photo(name: str) -> None:
    """Remove a photo that no row names; "" is none."""
    if name:
        private_storage().delete(name)


def rows_without_photos(limit: int) -> list[tuple[str, int, str]]:
    """Of the newest `limit` rows with a photo, those whose file is missing: (folder, pk, name)."""
    storage = private_storage()
    return [
        (folder, pk, name)
        for folder, model in MODELS.items()
        for pk, name in model.objects.exclude(photo="").order_by("-pk").values_list("pk", "photo")[:limit]
        if not storage.exists(name)
    ]


def forget_orphan_photos(now: datetime) -> int:
    """Sweep: remove photos that no row has named for a day. Returns how many."""
    storage = private_storage()
    return sum(_forget_in(storage, folder, now) for folder in MODELS)


def _forget_in(storage: Storage, folder: str, now: datetime) -> int:
    rows = MODELS[folder].objects.exclude(photo="")
    try:
        _folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return 0
    names = {f"{folder}/{name}" for name in files}
    for start in range(0, len(ordered := sorted(names)), 500):
        names -= set(rows.filter(photo__in=ordered[start : start + 500]).values_list("photo", flat=True))
    if len(names) > max(FEW, len(files) // 10):
        logger.error(
            "%d photos in %s are in no row: is the folder another store's too? None is removed.",
            len(names),
            folder,
        )
        return 0
    old = [name for name in sorted(names)[:REMOVED] if storage.get_modified_time(name) < now - GRACE]
    for name in old:
        storage.delete(name)
    return len(old)
