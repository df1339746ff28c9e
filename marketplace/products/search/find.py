"""Finding products by words: a query for the spelling and one for the hits, one more where nothing has all words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.db import connection

from marketplace.products.models import Variant
from marketplace.products.states import ListingStatus

from .databases import Term, Way, match
from .spelling import terms_of
from .words import MOST_WORDS, asked, compact, indexed

MOST_HITS = 300
SHORTEST_CODE, MOST_PIECES = 4, 4  # of a product's code, as people type it
_SOLD_BELOW = 10**6
# Read with the hits, so that a page of results needs no query of its own: name → SQL.
CARD_COLUMNS = {
    **{
        name: f"p.{name}"
        for name in (
            "slug",
            "title",
            "price",
            "lowest_price_30d",
            "price_changes_at",
            "rating_count",
            "version",
            "cover_name",
            "cover_width",
            "cover_height",
            "cover_alt",
        )
    },
    "seller_name": "shop.shop_name",
    "seller_slug": "shop.slug",
}


@dataclass(slots=True)
class Hit:
    """A product with what lists filter, count and sort by; `rank` is how well it matches."""

    COLUMNS: ClassVar = (
        "id",
        "category_id",
        "seller_id",
        "brand__slug",
        "brand__name",
        "current_price",
        "price_to",
        "rating_average",
        "sold_count",
        "published_at",
        "in_stock",
        "on_sale",
        "option_keys",
    )
    id: int
    category_id: int
    seller_id: int
    brand_slug: str | None
    brand_name: str | None
    current_price: int
    price_to: int
    rating_average: int
    sold_count: int
    published_at: datetime
    in_stock: bool
    on_sale: bool
    option_keys: str
    rank: int = 0
    more: tuple[Any, ...] = ()
    """What else its card shows: `CARD_COLUMNS`, as the database gave them."""

    @property
    def shop(self) -> tuple[str, str]:
        """Its shop's name and what makes that one's address."""
        names = dict(zip(CARD_COLUMNS, self.more, strict=True))
        return names["seller_name"] or "", names["seller_slug"] or ""

    def words(self) -> set[str]:
        """The words of its title, its brand and its shop."""
        title = self.more[list(CARD_COLUMNS).index("title")]
        return set(indexed(f"{title} / {self.brand_name or ''} / {self.shop[0]}", is_name=True))

    def card_row(self) -> dict[str, Any]:
        """The columns of a card, as `selectors.cards.finish` takes them."""
        row = dict(zip(CARD_COLUMNS, self.more, strict=True))
        if row["price_changes_at"]:
            row["price_changes_at"] = _moment(row["price_changes_at"])
        for name in ("id", "current_price", "price_to", "rating_average", "in_stock", "on_sale"):
            row[name] = getattr(self, name)
        return row

    def sort_value(self, sort: str) -> int:
        """What `sort` orders by, as a number."""
        match sort:
            case "newest":
                return int(self.published_at.timestamp() * 1_000_000)
            case "price" | "price-desc":
                return self.current_price
            case "rating":
                return self.rating_average
            case "popular":
                return self.sold_count
        return self.rank


@dataclass(slots=True)
class Found:
    """Hits in no order; `is_cut` if there are more than were looked at."""

    hits: list[Hit] = field(default_factory=list)
    is_cut: bool = False
    corrected: str = ""
    """What was looked for instead of what was typed; empty if nothing was found by it, or it was typed well."""
    is_loose: bool = False
    """No product has all the words: these have most of them."""


def find(
    text: str,
    *,
    category_ids: Collection[int] | None = None,
    seller_id: int | None = None,
    is_typing: bool = False,
) -> Found:
    """The live products that have every word of `text`, or what it was meant to be: at most `MOST_HITS`.

    Where no product has all of three words or more, those that have most of them; words that the store
    does not know are left out first. The code of a product, typed whole, finds that product alone.
    """
    terms = terms_of(asked(text)[:MOST_WORDS], is_typing=is_typing)
    if not terms or (category_ids is not None and not category_ids):
        return Found()
    place = _Place(category_ids, seller_id)
    code = _code_of(text)
    hits = place.hits(terms, code=code) if code or all(term.is_known for term in terms) else []
    is_loose = False
    if not hits and (missing := _missable(terms)) is not None:
        is_loose = True
        left = [term for term in terms if term.is_known]
        missing -= len(terms) - len(left)
        terms = left
        hits = place.hits(terms, missing=missing)
    is_cut = len(hits) > MOST_HITS
    hits, corrected = _as_meant(terms, hits[:MOST_HITS])
    return Found(hits, is_cut=is_cut, corrected=corrected, is_loose=is_loose and bool(hits))


def _missable(terms: Sequence[Term]) -> int | None:
    """How many of `terms` a product may lack if none has all: a third, and of two the one that nobody sells.

    None: what was asked for cannot be left out.
    """
    unknown = sum(not term.is_known for term in terms)
    most = max(1, len(terms) // 3) if len(terms) > 2 else min(unknown, 1)
    return most if most and unknown <= most and unknown < len(terms) else None


def _code_of(text: str) -> str:
    """What `text` is as a product's code: few pieces in one, at least one of them a number."""
    code = compact(text)
    is_code = len(code) >= SHORTEST_CODE and any(map(str.isdigit, code)) and len(text.split()) <= MOST_PIECES
    return code if is_code else ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where to look: in the whole store, or in a part of it."""

    category_ids: Collection[int] | None
    seller_id: int | None

    def hits(self, terms: Sequence[Term], *, missing: int = 0, code: str = "") -> list[Hit]:
        """At most one more than `MOST_HITS`: one query, and one for a `code`, whose product stands alone."""
        is_whole_store = self.category_ids is None and self.seller_id is None
        how = match(terms, missing=missing, code=code, most=MOST_HITS + 1, is_whole_store=is_whole_store)
        where = ["p.status = %s"]
        params: list[str | int] = [ListingStatus.LIVE.value]
        if self.category_ids is not None:
            where.append(f"p.category_id IN ({', '.join(['%s'] * len(self.category_ids))})")
            params += self.category_ids
        if self.seller_id is not None:
            where.append("p.seller_id = %s")
            params.append(self.seller_id)
        statement = (
            f"SELECT {how.rank} AS score, p.id, p.category_id, p.seller_id, b.slug, b.name,"  # noqa: S608
            " p.current_price, p.price_to, p.rating_average, p.sold_count, p.published_at, p.in_stock, p.on_sale,"
            " p.option_keys,"
            f" {', '.join(CARD_COLUMNS.values())}"
            f" FROM {how.source} LEFT JOIN products_brand b ON b.id = p.brand_id"
            " LEFT JOIN accounts_sellerprofile shop ON shop.user_id = p.seller_id"
            f" WHERE {how.where} AND {' AND '.join(where)} {how.order} LIMIT {MOST_HITS + 1}"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [*how.rank_params, *how.where_params, *params])
            rows = cursor.fetchall()
        if code and rows and (coded := _coded([row[1] for row in rows], code)):
            rows = [row for row in rows if row[1] in coded]
        best = max((row[0] for row in rows), default=0) or 1
        return [_hit(row[0] / best, *row[1:]) for row in rows]


def _coded(product_ids: Collection[int], code: str) -> set[int]:
    """Of these products, those with a variant whose SKU or barcode is `code` (`compact`)."""
    found = Variant.objects.filter(product_id__in=product_ids, is_offered=True)
    return {
        pk
        for pk, sku, barcode in found.values_list("product_id", "sku", "barcode")
        if code in (compact(sku), barcode)
    }


def _as_meant(terms: Sequence[Term], hits: list[Hit]) -> tuple[list[Hit], str]:
    """Of what a word may have been meant to be, the closest that a title found has; and all of it as a sentence.

    Hits that were found by another one go.
    """
    doubtful = [term for term in terms if len(term.ways) > 1]
    corrected = any(way.instead for term in terms for way in term.ways)
    if not hits or not (doubtful or corrected):
        return hits, ""
    names = {hit.id: hit.words() for hit in hits}
    meant = {}
    for term in terms:
        meant[term] = next(
            (way for way in term.ways if any(_has(words, way) for words in names.values())), term.ways[0]
        )
    for term in doubtful:
        if not meant[term].instead:
            continue
        others = [way for way in term.ways if way.instead and way != meant[term]]
        hits = [
            hit
            for hit in hits
            if _has(names[hit.id], meant[term]) or not any(_has(names[hit.id], way) for way in others)
        ]
    if not any(way.instead for way in meant.values()):
        return hits, ""
    return hits, " ".join(meant[term].instead or term.spelling for term in terms)


def _has(words: Collection[str], way: Way) -> bool:
    return all(
        any(word.startswith(piece.word) for word in words) if piece.is_prefix else piece.word in words
        for piece in way.pieces
    )


def _hit(score: float, *columns: Any) -> Hit:
    """`score` is 1 for the best match; only its order matters, databases reckon it differently."""
    own = len(Hit.COLUMNS)
    hit = Hit(*columns[:own])
    hit.more = columns[own:]
    hit.in_stock, hit.on_sale = bool(hit.in_stock), bool(hit.on_sale)
    hit.published_at = _moment(hit.published_at)
    # How well it matches, then how often it was bought; what cannot be bought comes later.
    score = score if hit.in_stock else score / 2
    hit.rank = round(score * 1000) * _SOLD_BELOW + min(hit.sold_count, _SOLD_BELOW - 1)
    return hit


def _moment(stored: datetime | str) -> datetime:
    """A moment as the ORM would give it: SQLite stores text, MariaDB has no zone."""
    if isinstance(stored, str):
        stored = datetime.fromisoformat(stored)
    return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored
