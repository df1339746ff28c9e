"""Typing mistakes, half-typed words and words in one piece or two, by the vocabulary of the store's own products."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

from django.core.cache import cache
from django.db import connection

from .databases import Piece, Term, Way
from .plurals import stem
from .words import Word, distance, grams_of

CANDIDATES = 30
MOST_WAYS = 4  # that one word may be meant in
LONGEST_SPLIT = 24
SHORTEST_HALF = 3
REMEMBERED_SECONDS = 60
_SHAPE = 2  # of what the cache keeps: one more when it changes, since a release finds what the last one left


@dataclass(frozen=True, slots=True)
class _Known:
    """A word of the vocabulary."""

    word: str
    spelling: str
    frequency: int


def terms_of(words: Sequence[Word], *, is_typing: bool = False) -> list[Term]:
    """What to look for when somebody typed `words`: one query, none for what was asked a minute ago.

    A word of the vocabulary stands for itself. One that others begin with stands for those. Another
    stands for the closest words, one mistake in four letters, two in six: which of them is meant, what
    else was typed decides (`find`). Two words that the store writes as one, or one that it writes as
    two, are both looked for. What is left stands for itself and will find nothing. `is_typing`: the
    last word is not finished.
    """
    if not words:
        return []
    asked = " ".join(word.spelling for word in words)
    key = f"terms/{_SHAPE}:{hashlib.sha256(asked.encode()).hexdigest()}"
    terms: list[Term] | None = cache.get(key)
    if terms is None:
        known, alike = _ask_vocabulary(words)
        terms = list(_terms(words, known, alike))
        if all(term.is_known for term in terms):  # what nobody sells may be listed in the next moment
            cache.set(key, terms, REMEMBERED_SECONDS)
    if is_typing and not words[-1].grams:
        terms = [*terms[:-1], _unfinished(terms[-1])]
    return terms


def _unfinished(term: Term) -> Term:
    def begun(way: Way) -> Way:
        return replace(way, pieces=(*way.pieces[:-1], replace(way.pieces[-1], is_prefix=True)))

    return replace(term, ways=tuple(begun(way) for way in term.ways))


def _ask_vocabulary(words: Sequence[Word]) -> tuple[dict[str, _Known], dict[str, list[_Known]]]:
    """Which of `words`, their neighbours in one piece and their halves are known, and what looks like the rest."""
    plain = list(dict.fromkeys(word.word for word in words if word.is_plain))
    if not plain:
        return {}, {}
    wanted = [*plain, *(glued for glued, _place in _glued(words))]
    for word in words:
        wanted += [half for halves in _halves(word) for half in halves]
    wanted = list(dict.fromkeys(wanted))
    marks = ", ".join(["%s"] * len(wanted))
    statement = [  # values are parameters; only numbers and marks are written into the text
        f"SELECT -1 AS asked, word, spelling, frequency FROM products_searchword WHERE word IN ({marks})"  # noqa: S608
    ]
    params: list[str | int] = [*wanted]
    for index, unsure in enumerate(plain):
        grams = sorted(grams_of(unsure))
        marks = ", ".join(["%s"] * len(grams))
        # The first condition is decided once: a known word costs no look at its letters.
        statement.append(
            f"SELECT * FROM (SELECT {index} AS asked, w.word, w.spelling, w.frequency"  # noqa: S608
            " FROM products_searchgram g JOIN products_searchword w ON w.id = g.word_id"
            f" WHERE NOT EXISTS (SELECT 1 FROM products_searchword k WHERE k.word = %s) AND g.gram IN ({marks})"
            " GROUP BY w.id, w.word, w.spelling, w.frequency HAVING COUNT(*) >= %s"
            f" ORDER BY COUNT(*) DESC, LENGTH(w.word), w.word LIMIT {CANDIDATES}) c{index}"
        )
        params += [unsure, *grams, max(2, len(grams) // 3)]
    known: dict[str, _Known] = {}
    alike: defaultdict[str, list[_Known]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statement), params)
        for asked, *found in cursor.fetchall():
            entry = _Known(*found)
            if asked < 0:
                known[entry.word] = entry
            else:
                alike[plain[asked]].append(entry)
    return known, alike


def _glued(words: Sequence[Word]) -> Iterator[tuple[str, int]]:
    """Neighbours in one piece ("head phones": headphone), and where the left one stands."""
    for place, (left, right) in enumerate(pairwise(words)):
        if left.is_plain and right.is_plain:
            yield stem(left.spelling + right.spelling), place


def _halves(word: Word) -> Iterator[tuple[str, str]]:
    """A word in two pieces ("desklamp": desk, lamp), wherever it may be cut."""
    if word.is_plain and len(word.spelling) <= LONGEST_SPLIT:
        for cut in range(SHORTEST_HALF, len(word.spelling) - SHORTEST_HALF + 1):
            yield stem(word.spelling[:cut]), stem(word.spelling[cut:])


def _terms(words: Sequence[Word], known: dict[str, _Known], alike: dict[str, list[_Known]]) -> Iterator[Term]:
    glued = {place: word for word, place in _glued(words) if word in known}
    place = 0
    while place < len(words):
        term = _term(words[place], known, alike)
        if place in glued:
            other = _term(words[place + 1], known, alike)
            apart = tuple(
                Way((*left.pieces, *right.pieces), _read_together(left, term, right, other))
                for left, right in product(term.ways, other.ways)
            )[:MOST_WAYS]
            spelling = f"{term.spelling} {other.spelling}"
            yield Term((*apart, Way((Piece(glued[place]),))), spelling)
            place += 1
        else:
            yield term
        place += 1


def _read_together(left: Way, term: Term, right: Way, other: Term) -> str:
    if not (left.instead or right.instead):
        return ""
    return f"{left.instead or term.spelling} {right.instead or other.spelling}"


def _term(word: Word, known: dict[str, _Known], alike: dict[str, list[_Known]]) -> Term:
    if word.grams:
        is_letter = len(word.spelling) == 1
        return Term((Way(tuple(Piece(gram, is_prefix=is_letter) for gram in word.grams)),), word.spelling)
    if not word.is_plain:
        # A number is what it is; of a code ("AB12") the rest may be missing.
        return Term((Way((Piece(word.word, is_prefix=_is_begun_code(word.word)),)),), word.spelling)
    if word.word in known or word.is_silent:  # the vocabulary has no silent words, the index has
        return Term((Way((Piece(word.word),)),), word.spelling)
    candidates = alike.get(word.word, [])
    for begun in (word.spelling, word.word):
        if len(begun) >= 2 and any(candidate.word.startswith(begun) for candidate in candidates):
            return Term((Way((Piece(begun, is_prefix=True),)),), word.spelling)
    ways = [
        Way((Piece(left), Piece(right))) for left, right in _halves(word) if left in known and right in known
    ]
    allowed = 0 if len(word.word) < 4 else 1 if len(word.word) < 6 else 2
    close = sorted(
        (away, -candidate.frequency, candidate.word, candidate.spelling)
        for candidate in candidates
        if (away := distance(word.word, candidate.word, allowed)) <= allowed
    )
    ways += [Way((Piece(candidate),), instead=spelling) for _away, _often, candidate, spelling in close]
    if not ways:
        return Term((Way((Piece(word.word),)),), word.spelling, is_known=False)
    return Term(tuple(ways[:MOST_WAYS]), word.spelling)


def _is_begun_code(word: str) -> bool:
    return len(word) >= 4 and not word.isdigit()
