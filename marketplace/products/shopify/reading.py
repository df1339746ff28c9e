"""From rows to products: a product is its handle, over as many rows as it takes.

- The rows of a product stand together. Where a handle comes again further down, all its rows are refused: a table
  that was sorted has lost which row came first, and with it the order of pictures and options.
- A row that cannot be told to be of another product counts as one of the product above.
- A product is all or nothing (`assembling`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from django.utils.translation import gettext as _

from marketplace.common.cleaning import clean_identifier, clean_line

from .assembling import assemble
from .drafts import ProductDraft, RefusedProduct, Remark
from .rows import Row, Table

_HANDLE = re.compile(r"\w[\w.\-]{0,254}")


@dataclass
class _Group:
    """The rows of one product, with what is wrong about them so far."""

    handle: str
    rows: list[Row] = field(default_factory=list)
    reasons: list[Remark] = field(default_factory=list)


class ProductFile:
    """A product file of Shopify's. It is gone through twice, and one product at a time is in memory.

    Raises `Invalid` (field "file") where it is not one.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.table = Table(file)
        self.rows_count = 0
        self.products_count = 0
        self._scattered = self._find_scattered()

    @property
    def unknown_columns(self) -> tuple[str, ...]:
        """Columns that nothing is taken from, for the seller to know."""
        return self.table.columns.unknown

    def _find_scattered(self) -> dict[str, list[int]]:
        """The handles whose rows stand in several places, and the lines where they begin anew."""
        begins: dict[str, int] = {}
        scattered: dict[str, list[int]] = {}
        before = ""
        for row in self.table.rows():
            self.rows_count += 1
            handle = _handle_of(row)
            if not handle or handle == before:
                continue
            before = handle
            if handle in begins:
                scattered.setdefault(handle, [begins[handle]]).append(row.line)
            else:
                begins[handle] = row.line
        self.products_count = len(begins)
        return scattered

    def products(self) -> Iterator[ProductDraft | RefusedProduct]:
        """Every product in the order of the file, each handle once."""
        skus: dict[str, int] = {}
        told: set[str] = set()
        for group in self._groups():
            if places := self._scattered.get(group.handle):
                if group.handle in told:
                    continue
                told.add(group.handle)
                group.reasons.append(_stands_apart(group.rows[0], places))
            yield assemble(group.handle, group.rows, group.reasons, skus)

    def _groups(self) -> Iterator[_Group]:
        group: _Group | None = None
        is_torn = False  # what follows may be the rest of a text whose quotes do not match
        for row in self.table.rows():
            handle = _handle_of(row)
            if not handle and is_torn:
                continue
            may_be_rest = is_torn and row.is_short()
            is_torn = bool(row.problem) or may_be_rest
            if group is not None and handle and handle != group.handle:
                yield group
                group = None
            if not handle:
                reason = _no_handle(row, follows=group is not None)
            elif row.problem:
                reason = Remark(row.line, row.number, "", row.problem)
            elif may_be_rest:
                why = _("It may be the rest of a row further up, whose quotes do not match.")
                reason = Remark(row.line, row.number, "", why)
            else:
                reason = None
            group = group or _Group(handle)
            group.rows.append(row)
            if reason:
                group.reasons.append(reason)
        if group is not None:
            yield group


def _handle_of(row: Row) -> str:
    """What a row is known by; "" for none."""
    handle = clean_identifier(row.get("handle")).lower()
    return handle if _HANDLE.fullmatch(handle) else ""


def _no_handle(row: Row, *, follows: bool) -> Remark:
    text = clean_line(row.get("handle"))[:40]
    why = row.problem or (
        _("“%(text)s” is no handle: it has letters, digits and hyphens only.") % {"text": text}
        if text
        else _("This row has no handle.")
    )
    if follows:
        why += " " + _("It may belong to the product above, so that is left out, too.")
    return Remark(row.line, row.number, row.columns.labels["handle"], why)


def _stands_apart(row: Row, places: list[int]) -> Remark:
    why = _("Its rows stand in several places (lines %(lines)s). Put them together, the first one first.")
    lines = ", ".join(str(place) for place in places[:10])
    return Remark(row.line, row.number, row.columns.labels["handle"], why % {"lines": lines})
