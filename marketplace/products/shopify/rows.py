"""From the bytes of a file to its rows: whatever a shop, an editor or a spreadsheet made of them.

UTF-8 with or without its mark, UTF-16 with it, else Windows-1252. Commas, semicolons or tabs. Lines end as the first
one does, so that a bare carriage return in a cell is part of its text. A row keeps the line that it begins in, as an
editor counts them.

Nothing is guessed where quotes do not match: the row is kept as one that cannot be read, and the lines that an open
quote would have swallowed are read again, each on its own.
"""

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from marketplace.common.errors import Invalid
from marketplace.common.formulas import restore

from .columns import Columns, find_columns

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 50_000
_SAMPLE = 64 * 1024
_SEPARATORS = ",;\t"
_BREAK = "\u2028"
"""Stands for a bare carriage return while the csv module, which would refuse it, splits a line."""


@dataclass(frozen=True)
class Row:
    """The cells of one row."""

    line: int
    """Where it begins in the file, from 1; the header is there, too."""
    number: int
    """Which row it is in a spreadsheet, from 1; the header is there, too."""
    cells: list[str]
    columns: Columns
    problem: str = ""
    """A sentence where it could not be read for sure; then the cells are what they may have been."""

    def get(self, field: str) -> str:
        """The text of a field, without the spaces around it; "" if there is none."""
        for place in self.columns.places.get(field, ()):
            if place < len(self.cells) and (text := self.cells[place].strip()):
                return _text(text)
        return ""

    def is_short(self) -> bool:
        """Whether it has fewer cells than there are columns; those that it lacks are empty."""
        return len(self.cells) < self.columns.width

    def is_empty(self) -> bool:
        return not self.problem and not any(cell.strip() for cell in self.cells)


def _text(cell: str) -> str:
    if "\r" in cell or _BREAK in cell:
        cell = cell.replace("\r\n", "\n").replace("\r", "\n").replace(_BREAK, "\n")
    return restore(cell).strip()


class Table:
    """A file of rows beneath a header. It can be read as often as one likes, a row at a time.

    Raises `Invalid` (field "file") where it is no text, is too large, or has no columns that make a product.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.encoding = _encoding_of(file)
        sample = self._sample()
        self._newline = _line_end(sample)
        skipped = 1 if sample[:4].casefold() == "sep=" else 0  # Excel's own way to say what separates
        self._skipped = skipped
        header = sample.split(self._newline, skipped + 1)[skipped] if sample else ""
        found = [(find_columns(next(csv.reader([header], delimiter=sign), [])), sign) for sign in _SEPARATORS]
        columns, self.separator = max(found, key=lambda pair: len(pair[0].places))
        self.columns: Columns = columns
        if columns.missing:
            raise _refused(
                _("This is not a product file of Shopify: it has no column %(names)s.")
                % {"names": ", ".join(f"“{name}”" for name in columns.missing)}
            )

    def _sample(self) -> str:
        self._file.seek(0)
        decode = codecs.getincrementaldecoder(self.encoding)(errors="strict").decode
        return decode(self._file.read(_SAMPLE))

    def rows(self) -> Iterator[Row]:
        """Every row that has anything in it. Raises `Invalid` past `MAX_ROWS`."""
        self._file.seek(0)
        text = io.TextIOWrapper(
            self._file, encoding=self.encoding, newline="\r" if self._newline == "\r" else "\n"
        )
        try:
            lines = _Lines(text)
            for _skip in range(self._skipped):
                next(lines, "")
            lines.forget()
            for row in self._records(lines):
                if row.number > MAX_ROWS + 1:
                    raise _refused(
                        _("A file may have %(number)d rows at most. Please split it.") % {"number": MAX_ROWS}
                    )
                if row.number > 1 and not row.is_empty():
                    yield row
        finally:
            text.detach()

    def _records(self, lines: "_Lines") -> Iterator[Row]:
        reader = csv.reader(lines, delimiter=self.separator, strict=True)
        number = 0
        while True:
            number += 1
            problem = ""
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                problem = _("The quotes of this row do not match.")
            else:
                problem = self._problem_of(cells, several=len(lines.taken) > 1)
            if not problem:
                yield Row(lines.line, number, cells, self.columns)
                lines.forget()
                continue
            begins_at = lines.line
            yield Row(begins_at, number, self._loosely(lines.taken[0]), self.columns, problem)
            lines.give_back()

    def _problem_of(self, cells: list[str], *, several: bool) -> str:
        """What speaks against a row: an open quote in it swallows lines, and then its cells are not as many."""
        if len(cells) == self.columns.width or not cells:
            return ""
        if several:
            return _("The quotes of this row do not match.")
        if any(cell.strip() for cell in cells[self.columns.width :]):
            return _(
                "This row has more cells than there are columns: a text with a “%(sign)s” needs quotes around it."
            ) % {"sign": self.separator}
        return ""

    def _loosely(self, line: str) -> list[str]:
        try:
            return next(csv.reader([line], delimiter=self.separator), [])
        except csv.Error:
            return []


class _Lines:
    """The lines of a file for the csv module. Those of a row that it could not read can be given back."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._given_back: deque[str] = deque()
        self.line = 1
        """The first line of what was taken since `forget`."""
        self.taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._given_back.popleft() if self._given_back else self._next()
        self.taken.append(line)
        return line

    def _next(self) -> str:
        line = next(self._text)
        for end in ("\r\n", "\n", "\r"):
            if line.endswith(end):
                return line[: -len(end)].replace("\r", _BREAK) + "\n"
        return line.replace("\r", _BREAK)

    def forget(self) -> None:
        """What was taken is a row of its own."""
        self.line += len(self.taken)
        self.taken = []

    def give_back(self) -> None:
        """Only the first line that was taken is a row; the others are read again."""
        self._given_back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]
        self.forget()


def _encoding_of(file: IO[bytes]) -> str:
    """How the text is written. The whole file is looked at, a piece at a time."""
    file.seek(0)
    start = file.read(4)
    if not start:
        raise _refused(_("This file is empty."))
    for encoding in ("utf-16", "utf-8-sig", "cp1252"):
        has_mark = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        if has_mark == (encoding == "utf-16") and _is_written_in(encoding, file):
            return encoding
    raise _refused(_("This is not a text file. Save it as CSV (UTF-8) and try again."))


def _is_written_in(encoding: str, file: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    file.seek(0)
    size = 0
    try:
        while chunk := file.read(_SAMPLE):
            size += len(chunk)
            if size > MAX_BYTES:
                raise _refused(
                    _("A file may be %(number)d MB at most. Please split it.")
                    % {"number": MAX_BYTES // (1024 * 1024)}
                )
            if "\0" in decoder.decode(chunk):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _line_end(sample: str) -> str:
    """What ends the first line: "\\n" (also after a carriage return), or a bare "\\r"."""
    quoted = False
    for place, sign in enumerate(sample):
        if sign == '"':
            quoted = not quoted
        elif sign == "\n" and not quoted:
            return "\n"
        elif sign == "\r" and not quoted:
            return "\n" if sample[place + 1 : place + 2] == "\n" else "\r"
    return "\n"


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, field="file")
