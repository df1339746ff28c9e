"""Typing mistakes and half-typed words, by the vocabulary of the store's own products."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from django.core.cache import cache
from django.db import connection

from .databases import Term
from .words import distance, grams_of

CANDIDATES = 30
REMEMBERED_SECONDS = 60


def terms_of(words: Sequence[str], *, is_typing: bool = False) -> list[Term]:
    """What to look for when somebody typed `words`: one query, none for what was asked a minute ago.

    A word of the vocabulary stands for itself. One that others begin with stands for those. Another
    stands for the closest word: one mistake in four letters, two in six. What is left stands for
    itself and will find nothing. `is_typing`: the last word is not finished.
    """
    if not words:
        return []
    key = f"terms:{hashlib.sha256(' '.join(words).encode()).hexdigest()}"
    terms = cache.get(key)
    if terms is None:
        candidates = _candidates(words)
        terms = [_term(word, candidates[word]) for word in words]
        cache.set(key, terms, REMEMBERED_SECONDS)
    last = terms[-1]
    return [*terms[:-1], Term(last.word, is_prefix=last.is_prefix or is_typing)]


def _candidates(words: Sequence[str]) -> dict[str, list[tuple[str, int]]]:
    """For each word (word of the vocabulary, frequency): itself if it is one, else those that look like it."""
    unique = list(dict.fromkeys(words))
    marks = ", ".join(["%s"] * len(unique))
    statement = [  # values are parameters; only numbers and marks are written into the text
        f"SELECT -1 AS asked, word, frequency, 0 AS shared FROM products_searchword WHERE word IN ({marks})"  # noqa: S608
    ]
    params: list[object] = [*unique]
    for index, word in enumerate(unique):
        grams = sorted(grams_of(word))
        marks = ", ".join(["%s"] * len(grams))
        # The first condition is decided once: a known word costs no look at its letters.
        statement.append(
            f"SELECT * FROM (SELECT {index} AS asked, w.word, w.frequency, COUNT(*) AS shared"  # noqa: S608
            " FROM products_searchgram g JOIN products_searchword w ON w.id = g.word_id"
            f" WHERE NOT EXISTS (SELECT 1 FROM products_searchword k WHERE k.word = %s) AND g.gram IN ({marks})"
            " GROUP BY w.id, w.word, w.frequency HAVING COUNT(*) >= %s"
            f" ORDER BY COUNT(*) DESC, LENGTH(w.word), w.word LIMIT {CANDIDATES}) c{index}"
        )
        params += [word, *grams, max(2, len(grams) // 3)]
    found = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statement), params)
        for asked, word, frequency, _shared in cursor.fetchall():
            found[word if asked < 0 else unique[asked]].append((word, frequency))
    return found


def _term(word: str, candidates: list[tuple[str, int]]) -> Term:
    spellings = {spelling for spelling, _frequency in candidates}
    if word in spellings:
        return Term(word)
    if len(word) >= 2 and any(spelling.startswith(word) for spelling in spellings):
        return Term(word, is_prefix=True)
    allowed = 0 if len(word) < 4 else 1 if len(word) < 6 else 2
    close = [(distance(word, spelling, allowed), -frequency, spelling) for spelling, frequency in candidates]
    best = min(close, default=None)
    return Term(best[2]) if best and best[0] <= allowed else Term(word)
