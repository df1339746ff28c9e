"""Text as the search sees it: small letters, no accents, no plurals, no words that say nothing."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from .plurals import stem

LONGEST_WORD = 40
MOST_WORDS = 8  # of what somebody typed; the rest would only narrow it to nothing

# Words that MariaDB's full-text index leaves out by default. Of a description so do we, on every database; of
# a title or a question only where another word is left ("the lamp", but also "The Who" and "It").
SILENT = frozenset(
    re.findall(
        r"\w+",
        "a about an are as at be by com de en for from how i in is it la of on or that the this to was what when"
        " where who will with und www",
    )
)
# Letters that Unicode does not take apart, as people without them on their keyboard type them.
_PLAIN = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})
# Scripts that put no space between words (Thai, Lao, Burmese, Khmer, kana, Han), and Korean, which puts
# fewer than people type: these are looked for by their pairs of letters.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    "\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
)
_SIGNS = "\u2190-\u2bff\U0001f000-\U0001faff"
_WORD = re.compile(rf"(?P<run>[{_UNSPACED}]+)|(?P<word>[^\W_{_UNSPACED}]+)|(?P<sign>[{_SIGNS}])")
_PARTS = re.compile(r"[0-9]+|[^0-9]+")
_JOINED = re.compile(r"[^\W_]+(?:[-'’./+&][^\W_]+)+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, as it is looked for (`word`) and as it is spelt there.

    `grams`: of a run of letters without spaces, its pairs; then `word` stands for nothing.
    """

    word: str
    spelling: str
    grams: tuple[str, ...] = ()

    @property
    def is_silent(self) -> bool:
        return self.word in SILENT

    @property
    def is_plain(self) -> bool:
        """Letters only: what can be mistyped. A model's number has no typing mistakes, only other numbers."""
        return not self.grams and self.word.isalpha()


def fold(text: str) -> str:
    """`text` in small letters without accents; nothing that a database could choke on."""
    text = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN)
    text = "".join(letter for letter in text if not unicodedata.category(letter).startswith("M"))
    return unicodedata.normalize("NFC", text)  # a Korean syllable is one letter again


def read(text: str) -> list[Word]:
    """All words of `text` in order, repetitions and silent ones included."""
    return list(_read(fold(text)))


def _read(folded: str) -> Iterator[Word]:
    for found in _WORD.finditer(folded):
        spelling = found[0][:LONGEST_WORD]
        if found["run"]:
            yield Word("", spelling, _pairs(spelling))
        elif found["sign"]:
            yield Word(_code(spelling), spelling)
        else:
            yield Word(stem(spelling), spelling)


def _code(letters: str) -> str:
    """Letters that the databases cut at places of their own, in a way that none of them cuts."""
    return "".join(f"u{ord(letter):05x}" for letter in letters)


def _pairs(run: str) -> tuple[str, ...]:
    """Each pair of neighbours; a single letter is the beginning of every pair that it begins."""
    return tuple(_code(run[start : start + 2]) for start in range(max(1, len(run) - 1)))


def asked(text: str) -> list[Word]:
    """The words that somebody who typed `text` is looking for: the silent ones only if there are no others."""
    words = read(text)
    return [word for word in words if not word.is_silent] or words


def words_of(text: str) -> list[str]:
    """The same as they are looked for."""
    return [piece for word in asked(text) for piece in word.grams or (word.word,)]


def indexed(text: str, *, is_name: bool) -> list[str]:
    """What the index keeps of `text`, in order.

    Of a word with a number also its parts and their neighbours (iphone15: iphone, 15). `is_name`, a title,
    a brand, a code: the silent words too, and what is written in one piece elsewhere (T-Shirt: tshirt,
    iPhone 15: iphone15, AB-1234: ab1234).
    """
    folded = fold(text)
    kept: list[str] = []
    last = ""
    for word in _read(folded):
        if word.grams:
            kept += word.grams
            kept += [_code(word.spelling[-1])] if len(word.spelling) > 1 else []
            last = ""
            continue
        if word.is_silent and not is_name:
            last = ""
            continue
        kept.append(word.word)
        parts = _PARTS.findall(word.spelling)
        if len(parts) > 1:
            kept += [stem(part) for part in parts]
            kept += [left + right for left, right in pairwise(parts)] if len(parts) > 2 else []
        if is_name and last and last[-1].isdigit() != word.spelling[0].isdigit():
            kept.append((last + word.spelling)[:LONGEST_WORD])
        last = word.spelling
    if is_name:
        kept += [stem(compact(found)) for found in _JOINED.findall(folded)]
    return kept


def words_of_code(code: str) -> list[str]:
    """What the index keeps of a product's code: it whole and what stands between its dashes, no parts of these."""
    return [compact(code), *(word.word for word in _read(fold(code)) if not word.grams)]


def vocabulary_of(text: str) -> dict[str, str]:
    """Words that can be mistyped, each with its spelling."""
    words = {word.word: word.spelling for word in read(text) if word.is_plain and not word.is_silent}
    for found in _JOINED.findall(fold(text)):
        joined = compact(found)
        if joined.isalpha() and not re.search(f"[{_UNSPACED}]", joined):
            words.setdefault(stem(joined), joined)
    return words


def compact(text: str) -> str:
    """`text` folded and in one piece: AB-1234 XL is ab1234xl."""
    return "".join(re.findall(r"[^\W_]+", fold(text)))[:LONGEST_WORD]


def grams_of(word: str) -> set[str]:
    """The word's three-letter pieces, with its beginning and end marked."""
    marked = f"^^{word}$"
    return {marked[start : start + 3] for start in range(len(marked) - 2)}


def distance(one: str, other: str, limit: int) -> int:
    """How many letters must be changed, added, dropped or swapped with their neighbour; `limit` + 1 if more."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        last, row = row, [i]
        for j, right in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before = last
    return min(row[-1], limit + 1)
