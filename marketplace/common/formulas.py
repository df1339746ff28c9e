"""Texts of people in files that spreadsheets open: none of them is a formula (OWASP: CSV injection).

`defuse` puts an apostrophe before whatever could begin one: in the cell, and after any other sign that a reader may
split at, for a reader that splits at another sign than we wrote ignores our quotes. `restore` takes exactly these
apostrophes away again, so that what was written is what is read.
"""

import re
import unicodedata
from functools import lru_cache

_STARTS_FORMULA = frozenset("=+-@")
_SPLITS = ",;\t|\r\n"


def defuse(text: str, separator: str = ",") -> str:
    """`text` as a cell of a file with `separator` between its cells. `restore` is its inverse."""
    return "".join(f"'{piece}" if _is_formula(piece) else piece for piece in _pieces(text, separator))


def restore(text: str, separator: str = ",") -> str:
    """The text that `defuse` wrote, where the file was written with `separator`; any other as it is."""
    if "'" not in text:
        return text
    return "".join(
        piece[1:] if piece.startswith("'") and _is_formula(piece) else piece
        for piece in _pieces(text, separator)
    )


@lru_cache(maxsize=8)
def _splitter(separator: str) -> re.Pattern[str]:
    return re.compile(f"([{re.escape(_SPLITS.replace(separator, ''))}])")


def _pieces(text: str, separator: str) -> list[str]:
    return _splitter(separator).split(text)


def _is_formula(piece: str) -> bool:
    """Whether it begins a formula, however many apostrophes stand before it: each `defuse` puts one more."""
    return begins_formula(piece.lstrip("'"))


def begins_formula(text: str) -> bool:
    """Whether the first sign that can be seen, quotes aside, is one of a formula, in any width (＝, ＋, －, ＠)."""
    for sign in text:
        if sign != '"' and unicodedata.category(sign)[0] not in "CZ":
            return bool(_STARTS_FORMULA & set(unicodedata.normalize("NFKC", sign).replace("−", "-")[:1]))
    return False
