"""The order of letters on a line that holds both directions: Arabic and Hebrew within Latin, numbers within either.

By the Unicode bidirectional algorithm (UAX #9). fpdf2 2.8.9 works out its levels right and then keeps only whether they
are odd: a number within Arabic came to stand where the next Latin word belongs. It also takes the direction of the
first line for every line of a text. So the runs of a line are made here, each with its level, and put in order again
once it is known where lines break.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TypeVar

from fpdf.bidi import BidiParagraph, auto_detect_base_direction
from fpdf.enums import TextDirection
from fpdf.line_break import Fragment, TextLine

T = TypeVar("T")

LEVEL = "level"
_NO_LETTERS = frozenset(("BN", "RLE", "LRE", "RLO", "LRO", "PDF"))

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


def isolated(text: str) -> str:
    """`text` with a direction of its own within a sentence, as `<bdi>` has it on a page."""
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"


def runs_of(text: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Each run of one level in `text`, as it is read, and what fpdf2's shaping is told of it; a line is a paragraph."""
    for paragraph in text.splitlines(keepends=True):
        direction = auto_detect_base_direction(paragraph)
        letters = BidiParagraph(text=paragraph, base_direction=direction, preserve_bn_chars=True).characters
        levels: list[int] = []
        for letter in letters:
            follows = levels and letter.original_bidi_class in _NO_LETTERS
            levels.append(levels[-1] if follows else letter.embedding_level)
        for level, run in groupby(zip(levels, letters, strict=True), key=lambda pair: pair[0]):
            yield (
                "".join(letter.character for _level, letter in run),
                {
                    "paragraph_direction": direction,
                    "fragment_direction": TextDirection.RTL if level % 2 else TextDirection.LTR,
                    LEVEL: level,
                },
            )


class OrderedLine(TextLine):
    """A line whose fragments are drawn from the left to the right by their levels."""

    def get_ordered_fragments(self) -> list[Fragment]:
        return in_order((fragment, _level_of(fragment)) for fragment in self.fragments)


def in_order(leveled: Iterable[tuple[T, int]]) -> list[T]:
    """What of a line has these levels, from the left to the right.

    Rule L2: from the highest level down to 1, each stretch of that level or a higher one is turned round.
    """
    pairs = list(leveled)
    for least in range(max((level for _what, level in pairs), default=0), 0, -1):
        stretches = [(high, list(some)) for high, some in groupby(pairs, key=lambda pair: pair[1] >= least)]
        pairs = [pair for high, some in stretches for pair in (reversed(some) if high else some)]
    return [what for what, _level in pairs]


def _level_of(fragment: Fragment) -> int:
    level = (fragment.text_shaping_parameters or {}).get(LEVEL, 0)
    assert isinstance(level, int)
    return level
