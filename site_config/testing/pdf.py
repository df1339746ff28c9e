"""What stands on a PDF that the store drew, read back from its glyphs: in the order in which an eye meets them."""

import re
import zlib
from collections import defaultdict
from collections.abc import Callable

import pytest

BETWEEN = " | "
"""Stands between what was drawn apart on one line: the cells of a table."""

_OBJECT = re.compile(rb"\n(\d+) 0 obj\n(.*?)\nendobj", re.S)
_STREAM = re.compile(rb"stream\n(.*)\nendstream", re.S)
_MAPPED = re.compile(rb"^<([0-9A-F]+)> <([0-9A-F]+)>$", re.M)
_NUMBER = rb"(-?[\d.]+)"
_DRAWN = re.compile(
    rb"(?P<begin>\bBT\b)|(?P<save>\bq\b)|(?P<restore>\bQ\b)|/F(?P<font>\d+) [\d.]+ Tf"
    rb"|" + _NUMBER + rb" " + _NUMBER + rb" Td"
    rb"|1 0 0 1 " + _NUMBER + rb" " + _NUMBER + rb" Tm"
    rb"|\((?P<text>(?:\\.|[^\\()])*)\) Tj",
    re.S,
)
_ESCAPED = {b"r": b"\r", b"n": b"\n"}


@pytest.fixture
def read_pdf() -> Callable[[bytes], list[str]]:
    """`lines_of`, for the core's tests."""
    return lines_of


@pytest.fixture
def read_pages() -> Callable[[bytes], list[list[str]]]:
    """`pages_of`, for the core's tests."""
    return pages_of


def lines_of(document: bytes) -> list[str]:
    """Each line of a document from the top to the bottom, its letters from the left to the right.

    Arabic and Hebrew are therefore read from their end. What no letter stands for is left out.
    """
    return [line for page in pages_of(document) for line in page]


def pages_of(document: bytes) -> list[list[str]]:
    """The lines of each page."""
    objects = {int(number): body for number, body in _OBJECT.findall(document)}
    fonts = {
        int(name): _letters(objects, int(number))
        for body in objects.values()
        if body.startswith(b"<<\n/Font <<")
        for name, number in re.findall(rb"/F(\d+) (\d+) 0 R", body)
    }
    contents = [re.search(rb"/Contents (\d+) 0 R", body) for body in objects.values()]
    return [_lines(_stream(objects[int(found[1])]), fonts) for found in contents if found]


def _lines(page: bytes, fonts: dict[int, dict[int, str]]) -> list[str]:
    """Cells by their height on the page, each with its letters by their place."""
    heights: dict[float, list[list[tuple[float, str]]]] = defaultdict(list)
    cell: list[tuple[float, str]] = []
    font, saved, x = 0, [], 0.0
    for found in _DRAWN.finditer(page):
        if found["begin"]:
            cell = []
        elif found["save"]:
            saved.append(font)
        elif found["restore"]:
            font = saved.pop()
        elif found["font"]:
            font = int(found["font"])
        elif found["text"] is None:
            numbers = [float(number) for number in found.groups() if number]
            x = numbers[0]
            if not cell:
                heights[numbers[1]].append(cell)
        else:
            codes = re.sub(rb"\\(.)", lambda part: _ESCAPED.get(part[1], part[1]), found["text"], flags=re.S)
            for at in range(0, len(codes), 2):
                cell.append((x, fonts[font].get(int.from_bytes(codes[at : at + 2]), "")))
    return [
        BETWEEN.join(filter(None, (_read(cell) for cell in sorted(cells, key=lambda cell: cell[:1]))))
        for _height, cells in sorted(heights.items(), reverse=True)
        if any(_read(cell) for cell in cells)
    ]


def _read(cell: list[tuple[float, str]]) -> str:
    return "".join(letter for _place, letter in sorted(cell, key=lambda glyph: glyph[0])).strip()


def _letters(objects: dict[int, bytes], font: int) -> dict[int, str]:
    """Code → what it is read as, by the font's own table."""
    table = re.search(rb"/ToUnicode (\d+) 0 R", objects[font])
    assert table, "a font without its letters"
    return {
        int(code, 16): bytes.fromhex(letters.decode()).decode("utf-16-be")
        for code, letters in _MAPPED.findall(_stream(objects[int(table[1])]).partition(b"beginbfchar")[2])
    }


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found, "an object without a stream"
    return zlib.decompress(found[1]) if b"/FlateDecode" in body else found[1]
