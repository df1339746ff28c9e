"""Typing mistakes and half-typed words, by the vocabulary of the store's own products."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

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
    return [*terms[:-1], replace(terms[-1], is_prefix=True)] if is_typing else terms


def _candidates(words: Sequence[str]) -> dict[str, list[tuple[str, str, int]]]:
    """For each word (word of the vocabulary, its spelling, how frequent it is).

    Itself if it is one, else those that look like it.
    """
    unique = list(dict.fromkeys(words))
    marks = ", ".join(["%s"] * len(unique))
    statement = [  # values are parameters; only numbers and marks are written into the text
        f"SELECT -1 AS asked, word, spelling, frequency FROM products_searchword WHERE word IN ({marks})"  # noqa: S608
    ]
    params: list[str | int] = [*unique]
    for index, word in enumerate(unique):
        grams = sorted(grams_of(word))
        marks = ", ".join(["%s"] * len(grams))
        # The first condition is decided once: a known word costs no look at its letters.
        statement.append(
            f"SELECT * FROM (SELECT {index} AS asked, w.word, w.spelling, w.frequency"  # noqa: S608
            " FROM products_searchgram g JOIN products_searchword w ON w.id = g.word_id"
            f" WHERE NOT EXISTS (SELECT 1 FROM products_searchword k WHERE k.word = %s) AND g.gram IN ({marks})"
            " GROUP BY w.id, w.word, w.spelling, w.frequency HAVING COUNT(*) >= %s"
            f" ORDER BY COUNT(*) DESC, LENGTH(w.word), w.word LIMIT {CANDIDATES}) c{index}"
        )
        params += [word, *grams, max(2, len(grams) // 3)]
    found = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statement), params)
        for asked, word, spelling, frequency in cursor.fetchall():
            found[word if asked < 0 else unique[asked]].append((word, spelling, frequency))
    return found


def _term(word: str, candidates: list[tuple[str, str, int]]) -> Term:
    known = [candidate for candidate, _spelling, _frequency in candidates]
    if word in known or not word.isalpha():
        return Term(word)
    if len(word) >= 2 and any(candidate.startswith(word) for candidate in known):
        return Term(word, is_prefix=True)
    allowed = 0 if len(word) < 4 else 1 if len(word) < 6 else 2
    close = [
        (distance(word, candidate, allowed), -frequency, candidate, spelling)
        for candidate, spelling, frequency in candidates
    ]
    best = min(close, default=None)
    return Term(best[2], instead=best[3]) if best and best[0] <= allowed else Term(word)
