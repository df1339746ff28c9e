"""What the three databases' full-text searches have of their own, behind two functions."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from django.db import connection

from .words import SILENT

# MariaDB leaves out words of fewer letters (innodb_ft_min_token_size), and its own list of those that say
# nothing: they are stored longer.
MARIADB_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A word of the index; `is_prefix`: or one that begins with it."""

    word: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a product can have what was asked for: it has all these pieces.

    `instead` is its spelling if it stands for other words than were typed.
    """

    pieces: tuple[Piece, ...]
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """What a product must have, in one of several ways, the closest first.

    `is_known`: the store has words for it, or cannot say (a number).
    """

    ways: tuple[Way, ...]
    spelling: str
    is_known: bool = True


def stored(words: Iterable[str]) -> str:
    """`words` as the text that the database indexes."""
    if connection.vendor == "mysql":
        words = (_lengthened(word) for word in words)
    return " ".join(words)


def read_stored(text: str) -> set[str]:
    """The words of a text of the index, as they were given to `stored`."""
    return {word.rstrip("_") for word in text.split()}


def _lengthened(word: str) -> str:
    return f"{word}_" if word in SILENT else word.ljust(MARIADB_SHORTEST, "_")


@dataclass(frozen=True, slots=True)
class Match:
    """The pieces of a SELECT of products `p` that have all terms, with their rank."""

    rank: str
    rank_params: list[str]
    source: str
    where: str
    where_params: list[str]
    order: str = ""


_ENTRIES = "products_searchentry s JOIN products_product p ON p.id = s.product_id"


def match(
    terms: Sequence[Term], *, missing: int = 0, code: str = "", most: int, is_whole_store: bool
) -> Match:
    """How this database finds `most` products with all `terms` but `missing`, in the whole store or a part of it.

    Or with a code that is, or begins with, `code`.

    A title counts eight times a description, keywords four times. PostgreSQL and SQLite stop at the
    limit without ranking the rest (in the order of the table, and newest first); MariaDB ranks
    everything anyway, so there the best come first.
    """
    choices: list[Sequence[Term]] = [*combinations(terms, len(terms) - missing)]
    if code:
        choices.append([Term((Way((Piece(code, is_prefix=True),)),), code)])
    if connection.vendor == "postgresql":
        query = _spelt_out(choices, " & ", " | ", _postgresql)
        where = "vector @@ to_tsquery('simple', %s)"
        source = _ENTRIES
        if is_whole_store:
            # The limit goes first: otherwise PostgreSQL walks both tables side by side until it is met.
            where = "TRUE"
            source = (
                "(SELECT product_id, vector FROM products_searchentry"  # noqa: S608
                f" WHERE vector @@ to_tsquery('simple', %s) LIMIT {most}) s"
                " JOIN products_product p ON p.id = s.product_id"
            )
        return Match(
            rank="ts_rank('{0.125, 0.125, 0.5, 1}', s.vector, to_tsquery('simple', %s))",
            rank_params=[query],
            source=source,
            where=where,
            where_params=[query],
        )
    if connection.vendor == "mysql":
        every_term = dict.fromkeys(term for choice in choices for term in choice)
        loose = " ".join(_mariadb(piece) for term in every_term for way in term.ways for piece in way.pieces)
        strict = " ".join(f"({_all_of(choice)})" for choice in choices)
        strict = strict if len(choices) > 1 else _all_of(choices[0])
        every = "MATCH (s.title, s.keywords, s.body) AGAINST (%s IN BOOLEAN MODE)"
        return Match(
            rank=f"8 * MATCH (s.title) AGAINST (%s IN BOOLEAN MODE) + {every}",
            rank_params=[loose, loose],
            source=_ENTRIES,
            where=every,
            where_params=[strict],
            order="ORDER BY 1 DESC",
        )
    query = _spelt_out(choices, " AND ", " OR ", _sqlite)
    return Match(
        rank="-bm25(products_search, 8, 4, 1)",
        rank_params=[],
        # CROSS JOIN keeps SQLite from turning the two tables round.
        source="products_search CROSS JOIN products_product p ON p.id = products_search.rowid",
        where="products_search MATCH %s",
        where_params=[query],
        order="ORDER BY products_search.rowid DESC",
    )


def _spelt_out(
    choices: Iterable[Sequence[Term]], both: str, either: str, spell: Callable[[Piece], str]
) -> str:
    """One of `choices`, of it every term, each in one of its ways, with every piece."""

    def of_way(way: Way) -> str:
        return f"({both.join(spell(piece) for piece in way.pieces)})"

    def of_term(term: Term) -> str:
        return f"({either.join(of_way(way) for way in term.ways)})"

    return either.join(f"({both.join(of_term(term) for term in choice)})" for choice in choices)


def _postgresql(piece: Piece) -> str:
    return f"'{piece.word}'{':*' if piece.is_prefix else ''}"


def _sqlite(piece: Piece) -> str:
    return f'"{piece.word}"{" *" if piece.is_prefix else ""}'


def _all_of(terms: Iterable[Term]) -> str:
    """The same for MariaDB, whose plus goes before what must be there."""
    parts = []
    for term in terms:
        ways = [
            _mariadb(way.pieces[0])
            if len(way.pieces) == 1
            else f"({' '.join(f'+{_mariadb(piece)}' for piece in way.pieces)})"
            for way in term.ways
        ]
        parts.append(f"+({' '.join(ways)})" if len(ways) > 1 else f"+{ways[0]}")
    return " ".join(parts)


def _mariadb(piece: Piece) -> str:
    return f"{piece.word}*" if piece.is_prefix else _lengthened(piece.word)
