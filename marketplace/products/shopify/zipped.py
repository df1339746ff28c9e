"""Pictures in a ZIP beside the table. Nothing is unpacked onto a disk, and no name in it is used as a path.

A ZIP is a stranger's: how much it lists is looked at before the list is read, and a picture is unpacked into memory no
further than a picture may be large.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from marketplace.common.cleaning import fold
from marketplace.common.errors import Invalid
from marketplace.products.pictures import MAX_BYTES

MAX_TABLE_BYTES = 50 * 1024 * 1024  # as in rows.py
MAX_ZIP_BYTES = 500 * 1024 * 1024
MAX_FILES = 10_000
_MAX_LIST_BYTES = 5 * 1024 * 1024
_MAX_RATIO = 50
"""Pictures are packed already; what shrinks to less than a fiftieth is none."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_END, _END_64, _END_SIZE = b"PK\x05\x06", b"PK\x06\x07", 22  # APPNOTE 4.3.15 and 4.3.16


class PictureZip:
    """The pictures of a ZIP by name, whatever folder they are in. Raises `Invalid` (field "pictures")."""

    def __init__(self, file: IO[bytes]) -> None:
        _check_size(file)
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, RuntimeError) as error:
            raise _unreadable() from error
        self._members: dict[str, list[zipfile.ZipInfo]] = {}
        for member in self._zip.infolist():
            for name in _names_of(member):
                self._members.setdefault(name, []).append(member)

    def get(self, ref: str) -> IO[bytes] | None:
        """The bytes of the picture that a table calls `ref` (a name, a path, an address); None if it is not here.

        Raises `Invalid` where it cannot be taken.
        """
        path, name = _asked_for(ref)
        members = self._members.get(path) or self._members.get(name) or []
        if len(members) > 1:
            raise Invalid(_("Several pictures in the ZIP are called “%(name)s”.") % {"name": name[:80]})
        return self._unpacked(members[0], most=MAX_BYTES) if members else None

    def table(self) -> IO[bytes]:
        """The one CSV file among them. Raises `Invalid`."""
        tables = {id(one): one for found in self._members.values() for one in found if _is_table(one)}
        if len(tables) != 1:
            raise Invalid(_("A ZIP must have exactly one CSV file in it, with the pictures beside it."))
        return self._unpacked(tables.popitem()[1], most=MAX_TABLE_BYTES)

    def _unpacked(self, member: zipfile.ZipInfo, most: int) -> IO[bytes]:
        if member.flag_bits & 1:
            raise Invalid(_("This picture in the ZIP is locked with a password."))
        too_small = member.file_size > _MAX_RATIO * max(member.compress_size, 1)
        if member.file_size > most or too_small or member.compress_type not in _METHODS:
            raise _too_large()
        try:
            with self._zip.open(member) as file:
                data = file.read(most + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise Invalid(_("This picture in the ZIP is damaged.")) from error
        if len(data) > most:
            raise _too_large()
        return io.BytesIO(data)


def is_zip(file: IO[bytes]) -> bool:
    """Whether it begins as a ZIP does; no table of products begins so."""
    file.seek(0)
    begins = file.read(4)
    file.seek(0)
    return begins == b"PK\x03\x04"


def table_in(file: IO[bytes]) -> IO[bytes]:
    """The one CSV file of a ZIP that brings its pictures along. Raises `Invalid` (field "table")."""
    try:
        return PictureZip(file).table()
    except Invalid as error:
        raise Invalid(error.message, field="table") from error


def _is_table(member: zipfile.ZipInfo) -> bool:
    return member.filename.lower().endswith(".csv")


def _names_of(member: zipfile.ZipInfo) -> Iterator[str]:
    """What a table may call it: its path, and its name alone."""
    parts = PurePosixPath(member.filename.replace("\\", "/")).parts
    if member.is_dir() or not parts or "__MACOSX" in parts or parts[-1].startswith("."):
        return
    yield from dict.fromkeys((fold("/".join(parts)), fold(parts[-1])))


def _asked_for(ref: str) -> tuple[str, str]:
    """The path and the name by which to look for `ref`."""
    if "://" in ref:
        try:
            ref = unquote(urlsplit(ref).path)
        except ValueError:
            return "", ""
    parts = [part for part in ref.replace("\\", "/").split("/") if part not in ("", ".")]
    return fold("/".join(parts)), fold(parts[-1]) if parts else ""


def _check_size(file: IO[bytes]) -> None:
    """Raise `Invalid` for a ZIP that is too large, or lists more than is read into memory."""
    file.seek(0, io.SEEK_END)
    size = file.tell()
    if size > MAX_ZIP_BYTES:
        raise Invalid(
            _("A ZIP may be %(number)d MB at most.") % {"number": MAX_ZIP_BYTES // (1024 * 1024)},
            field="pictures",
        )
    file.seek(max(0, size - 65_535 - _END_SIZE))
    tail = file.read()
    at = len(tail) - _END_SIZE
    if not (tail[at : at + 4] == _END and tail.endswith(b"\0\0")):  # with a comment behind it
        at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise _unreadable()
    files = int.from_bytes(tail[at + 10 : at + 12], "little")
    listed = int.from_bytes(tail[at + 12 : at + 16], "little")
    if _END_64 in tail[max(0, at - 20) : at] or files > MAX_FILES or listed > _MAX_LIST_BYTES:
        raise Invalid(_("A ZIP may have %(number)d files at most.") % {"number": MAX_FILES}, field="pictures")
    file.seek(0)


def _unreadable() -> Invalid:
    return Invalid(_("This is not a ZIP file that we can read."), field="pictures")


def _too_large() -> Invalid:
    return Invalid(_("A picture may be %(number)d MB at most.") % {"number": MAX_BYTES // (1024 * 1024)})
