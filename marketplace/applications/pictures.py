"""A shop's logo and banner: drawn anew by the pictures' pipeline, cut to their shape, in the public storage (I42).

The accounts keep the name of the file only: they stand below the pipeline (docs/decisions/0018).
"""

import io
from datetime import datetime
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageOps

from marketplace.accounts.models import SellerProfile
from marketplace.common.files import remove_orphans, stored_whole
from marketplace.products.pictures import rebuild

# Where each is shown and its size in pixels: twice what a page shows.
SIZES = {"logo": (256, 256), "banner": (1600, 400)}


def folder_of(place: str) -> str:
    return f"shops/{place}"


def store(place: str, file: IO[bytes]) -> str:
    """Draw `file` anew as a shop's `place`, store it and return its name. Not to be called in a transaction.

    Raises `Invalid` (field "file"), `Busy`, and `CannotSave` where it cannot be kept; nothing is left of it then.
    """
    content = _cut(place, rebuild(file))
    name = f"{folder_of(place)}/{content.name}"
    with stored_whole(forget, name):
        return default_storage.save(name, content)


def forget(name: str) -> None:
    """Remove a picture that no shop shows; "" is none."""
    if name:
        default_storage.delete(name)


def forget_orphan_shop_pictures(now: datetime) -> int:
    """Sweep: remove logos and banners that no shop has named for a day. Returns how many."""
    return sum(_forget_in(place, now) for place in SIZES)


def _forget_in(place: str, now: datetime) -> int:
    shops = SellerProfile.objects.exclude(**{place: ""})
    try:
        _folders, files = default_storage.listdir(folder_of(place))
    except FileNotFoundError:
        return 0
    names = [f"{folder_of(place)}/{name}" for name in files]
    if not shops.exists():
        return 0  # an empty database beside a full folder is a restore under way, or a wrong setting
    return remove_orphans(names, place, shops, storage=default_storage, now=now)


def _cut(place: str, drawn: "ContentFile[bytes]") -> "ContentFile[bytes]":
    with Image.open(io.BytesIO(drawn.read())) as image:
        whole = ImageOps.fit(image, SIZES[place], Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    whole.save(buffer, format="WEBP", quality=86, method=4)
    return ContentFile(buffer.getvalue(), name=drawn.name)
