"""A whole shop in one ZIP, its table and the pictures beside it, written while it is sent."""

import zipfile
from collections.abc import Iterator
from typing import cast

from marketplace.products.models import ProductImage
from marketplace.products.shopify import csv_lines
from marketplace.products.states import ListingStatus

from .selectors import shop_drafts

TABLE, FOLDER = "products.csv", "pictures"
_PIECE = 256 * 1024
_SPOOLED = 64 * 1024


def zipped_shop(seller_id: int) -> Iterator[bytes]:
    """Everything that a seller lists, as the import takes it back: no picture has to be fetched.

    One picture at a time is in memory. A picture whose file is gone is left out; the table names it all the same.
    """
    sent = _Sent()
    # The signs of what is written are its type's: `ZipFile` asks a stream for no more than `write` and `flush`.
    with zipfile.ZipFile(cast("str", sent), "w", zipfile.ZIP_STORED) as archive:
        with archive.open(TABLE, "w") as table:
            for line in csv_lines(shop_drafts(seller_id)):
                table.write(line.encode())
                if sent.size > _SPOOLED:
                    yield sent.take()
        for name, image in _pictures(seller_id):
            try:
                file = image.picture.open("rb")
            except FileNotFoundError:
                continue
            with file, archive.open(f"{FOLDER}/{name}", "w") as member:
                while piece := file.read(_PIECE):
                    member.write(piece)
                    yield sent.take()
    yield sent.take()


def _pictures(seller_id: int) -> Iterator[tuple[str, ProductImage]]:
    """Each file once, under the last part of its name, by which the import looks for it."""
    mine = ProductImage.objects.filter(product__seller_id=seller_id).exclude(
        product__status=ListingStatus.ARCHIVED
    )
    names: set[str] = set()
    for image in mine.order_by("pk").iterator(chunk_size=200):
        name = image.picture.name.rsplit("/", 1)[-1]
        if name not in names:
            names.add(name)
            yield name, image


class _Sent:
    """What the archive has written and nobody has taken yet. It cannot be wound back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None: ...

    def take(self) -> bytes:
        whole = b"".join(self._parts)
        self._parts, self.size = [], 0
        return whole
