"""What the three databases' full-text searches have of their own, behind two functions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

# MariaDB leaves out words of fewer letters (innodb_ft_min_token_size): they are stored longer.
MARIADB_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Term:
    """A word that a product must have; `is_prefix`: or one that begins with it.

    `instead` is its spelling if it stands for another word than was typed.
    """

    word: str
    is_prefix: bool = False
    instead: str = ""


def stored(words: Iterable[str]) -> str:
    """`words` as the text that the database indexes."""
    if connection.vendor == "mysql":
        words = (_lengthened(word) for word in words)
    return " ".join(words)


def _lengthened(word: str) -> str:
    return word if len(word) >= MARIADB_SHORTEST else word.ljust(MARIADB_SHORTEST, "_")


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


def match(terms: Sequence[Term], *, most: int, is_whole_store: bool) -> Match:
    """How this database finds `most` products with `terms`, in the whole store or a part of it.

    A title counts eight times a description, keywords four times. PostgreSQL and SQLite stop at the
    limit without ranking the rest (in the order of the table, and newest first); MariaDB ranks
    everything anyway, so there the best come first.
    """
    if connection.vendor == "postgresql":
        query = " & ".join(f"'{term.word}'{':*' if term.is_prefix else ''}" for term in terms)
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
        loose = " ".join(_mariadb(term) for term in terms)
        strict = " ".join(f"+{_mariadb(term)}" for term in terms)
        every = "MATCH (s.title, s.keywords, s.body) AGAINST (%s IN BOOLEAN MODE)"
        return Match(
            rank=f"8 * MATCH (s.title) AGAINST (%s IN BOOLEAN MODE) + {every}",
            rank_params=[loose, loose],
            source=_ENTRIES,
            where=every,
            where_params=[strict],
            order="ORDER BY 1 DESC",
        )
    query = " AND ".join(f'"{term.word}"{" *" if term.is_prefix else ""}' for term in terms)
    return Match(
        rank="-bm25(products_search, 8, 4, 1)",
        rank_params=[],
        # CROSS JOIN keeps SQLite from turning the two tables round.
        source="products_search CROSS JOIN products_product p ON p.id = products_search.rowid",
        where="products_search MATCH %s",
        where_params=[query],
        order="ORDER BY products_search.rowid DESC",
    )


def _mariadb(term: Term) -> str:
    return f"{term.word}*" if term.is_prefix else _lengthened(term.word)
