"""Text as the search sees it: small letters, no accents, no plural s, no words that say nothing."""

import re
import unicodedata

LONGEST_WORD = 40
MOST_WORDS = 8  # of what somebody typed; the rest would only narrow it to nothing

# Words that MariaDB's full-text index leaves out by default; so do we, on every database.
SILENT = frozenset(
    [
        "a",
        "about",
        "an",
        "are",
        "as",
        "at",
        "be",
        "by",
        "com",
        "de",
        "en",
        "for",
        "from",
        "how",
        "i",
        "in",
        "is",
        "it",
        "la",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "was",
        "what",
        "when",
        "where",
        "who",
        "will",
        "with",
        "und",
        "www",
    ]
)
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """`text` in small letters without accents; nothing that a database could choke on."""
    text = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in text if not unicodedata.combining(letter))


def stem(word: str) -> str:
    """`word` without an English plural ending (Harman's S-stemmer): headphones → headphone."""
    if len(word) > 4 and word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("us", "ss", "is")):
        return word[:-1]
    return word


def spelt_words_of(text: str) -> list[tuple[str, str]]:
    """(word, as it is spelt in `text`) in order, repetitions included."""
    spellings = (spelling[:LONGEST_WORD] for spelling in _WORD.findall(fold(text)))
    return [(word, spelling) for spelling in spellings if (word := stem(spelling)) not in SILENT]


def words_of(text: str) -> list[str]:
    """The words of `text` in order, repetitions included."""
    return [word for word, _spelling in spelt_words_of(text)]


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
