"""Photos of doors and parcels: rebuilt pixels in the private storage, read through a view that asks who (I42).

A file is stored before its row is written, so a crash between leaves at most a file; the sweep takes it away
(marketplace/common/files.py).
"""

from datetime import datetime
from typing import IO

from marketplace.common.errors import Invalid
from marketplace.common.files import remove_orphans, stored_whole
from marketplace.products.pictures import rebuild

from .models import Attempt, Proof, private_storage

ATTEMPTS, PROOFS = (str(model._meta.get_field("photo").upload_to) for model in (Attempt, Proof))
MODELS: dict[str, type[Attempt | Proof]] = {ATTEMPTS: Attempt, PROOFS: Proof}


def store_photo(file: IO[bytes], folder: str) -> str:
    """Draw `file` anew (no EXIF, no place, nothing appended), store it and return its name.

    `folder` is ATTEMPTS or PROOFS. Not to be called inside a transaction. Raises `Invalid` (field "photo"),
    and `CannotSave` where it cannot be kept; nothing is left of it then.
    """
    try:
        content = rebuild(file)
    except Invalid as error:
        raise Invalid(error.message, field="photo") from error
    name = f"{folder}/{content.name}"
    with stored_whole(forget_photo, name):
        return private_storage().save(name, content)


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
    return sum(_forget_in(folder, now) for folder in MODELS)


def _forget_in(folder: str, now: datetime) -> int:
    storage = private_storage()
    try:
        _folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return 0
    names = [f"{folder}/{name}" for name in files]
    return remove_orphans(names, "photo", MODELS[folder].objects.exclude(photo=""), storage=storage, now=now)
