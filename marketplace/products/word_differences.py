"""Two texts, or two lists, side by side: what of each the other does not have at this place."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

MOST_AT_ONCE = 20_000
"""Pairs of words: two passages without a word in common that stands in each once, and larger than that, are as good
as new. It bounds the work, whatever somebody writes."""

# A line's end; a character of a script that writes no blanks; a word; a sign. Blanks go with what is before them.
_NO_BLANKS = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORDS = re.compile(
    rf"[^\S\n]*\n\s*|[{_NO_BLANKS}][^\S\n]*|(?:(?![{_NO_BLANKS}])[\w'’-])+[^\S\n]*|[^\w\s][^\S\n]*|\s+"
)


@dataclass(frozen=True)
class Piece:
    """Some words of one side; `is_changed` where the other side does not have them here."""

    text: str
    is_changed: bool

    @property
    def shown(self) -> str:
        """As it is drawn: a line's end that came or went is seen, too."""
        return self.text if self.text.strip() or not self.is_changed else f"¶{self.text}"


@dataclass(frozen=True)
class Sides:
    """A text as it is and as it would be, each in its pieces."""

    before: list[Piece]
    after: list[Piece]


def words(before: str, after: str) -> Sides:
    """Two texts in pieces; all pieces of a side are that side's text."""
    olds, news = _WORDS.findall(before), _WORDS.findall(after)
    return Sides(*_pieces(olds, news, [_compared(one) for one in olds], [_compared(one) for one in news]))


def _compared(word: str) -> str:
    """A word as it is compared: whether one blank follows it tells nothing."""
    return word[:-1] if word.endswith(" ") and not word[:-1].endswith(" ") else word


def _pieces(
    olds: Sequence[str], news: Sequence[str], old_keys: Sequence[str], new_keys: Sequence[str]
) -> tuple[list[Piece], list[Piece]]:
    old_alike, new_alike = [False] * len(olds), [False] * len(news)
    for old, new in pairs(old_keys, new_keys):
        old_alike[old] = new_alike[new] = True
    return _joined(olds, old_alike), _joined(news, new_alike)


def _joined(parts: Sequence[str], alike: Sequence[bool]) -> list[Piece]:
    runs = groupby(zip(parts, alike, strict=True), key=lambda pair: pair[1])
    return [Piece("".join(part for part, _alike in run), not is_alike) for is_alike, run in runs]


def pairs(olds: Sequence[str], news: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Which of `olds` are which of `news`, in order: words that stand once in each, and what is between them."""
    old_at, new_at = 0, 0
    for old, new in [*_anchors(olds, news), (len(olds), len(news))]:
        if (old - old_at) * (new - new_at) <= MOST_AT_ONCE:
            between = SequenceMatcher(None, olds[old_at:old], news[new_at:new], autojunk=False)
            for at, to, size in between.get_matching_blocks():
                yield from ((old_at + at + more, new_at + to + more) for more in range(size))
        if old < len(olds):
            yield old, new
        old_at, new_at = old + 1, new + 1


def _anchors(olds: Sequence[str], news: Sequence[str]) -> list[tuple[int, int]]:
    """The places of what stands once in each, as many as are in the same order; and a common start and end."""
    once = {word for word, number in Counter(news).items() if number == 1}
    places = {word: at for at, word in enumerate(news) if word in once}
    counted = Counter(olds)
    unique = [(at, places[word]) for at, word in enumerate(olds) if counted[word] == 1 and word in places]
    kept = increasing([new for _old, new in unique])
    anchors = {unique[at] for at in kept}
    if not anchors:
        anchors = set(_common_ends(olds, news))
    return sorted(anchors)


def _common_ends(olds: Sequence[str], news: Sequence[str]) -> Iterator[tuple[int, int]]:
    most = min(len(olds), len(news))
    start = 0
    while start < most and olds[start] == news[start]:
        yield start, start
        start += 1
    end = 1
    while end <= most - start and olds[-end] == news[-end]:
        yield len(olds) - end, len(news) - end
        end += 1


def increasing(numbers: Sequence[int]) -> list[int]:
    """The places of a longest run of growing numbers among `numbers`."""
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, number in enumerate(numbers):
        pile = bisect_left(tops, number)
        before.append(ends[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [number]
        ends[pile : pile + 1] = [at]
    run = []
    at = ends[-1] if ends else -1
    while at >= 0:
        run.append(at)
        at = before[at]
    return run[::-1]
