"""Finding products by words: two queries, one for the spelling and one for the hits."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.db import connection

from marketplace.products.states import ListingStatus

from .databases import match
from .spelling import terms_of
from .words import MOST_WORDS, spelt_words_of

MOST_HITS = 300
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
        "rating_average",
        "sold_count",
        "published_at",
        "in_stock",
        "on_sale",
    )
    id: int
    category_id: int
    seller_id: int
    brand_slug: str | None
    brand_name: str | None
    current_price: int
    rating_average: int
    sold_count: int
    published_at: datetime
    in_stock: bool
    on_sale: bool
    rank: int = 0
    more: tuple[Any, ...] = ()
    """What else its card shows: `CARD_COLUMNS`, as the database gave them."""

    def card_row(self) -> dict[str, Any]:
        """The columns of a card, as `selectors.cards.finish` takes them."""
        row = dict(zip(CARD_COLUMNS, self.more, strict=True))
        if row["price_changes_at"]:
            row["price_changes_at"] = _moment(row["price_changes_at"])
        for name in ("id", "current_price", "rating_average", "in_stock", "on_sale"):
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
    """Hits in no order; `is_cut` if there are more than were looked at; `corrected` is what was looked for."""

    hits: list[Hit] = field(default_factory=list)
    is_cut: bool = False
    corrected: str = ""


def find(
    text: str,
    *,
    category_ids: Collection[int] | None = None,
    seller_id: int | None = None,
    is_typing: bool = False,
) -> Found:
    """The live products that have every word of `text`, or what it was meant to be: at most `MOST_HITS`."""
    spelt = spelt_words_of(text)[:MOST_WORDS]
    terms = terms_of([word for word, _spelling in spelt], is_typing=is_typing)
    if not terms or (category_ids is not None and not category_ids):
        return Found()
    how = match(terms, most=MOST_HITS + 1, is_whole_store=category_ids is None and seller_id is None)
    where = ["p.status = %s"]
    params: list[str | int] = [ListingStatus.LIVE.value]
    if category_ids is not None:
        where.append(f"p.category_id IN ({', '.join(['%s'] * len(category_ids))})")
        params += category_ids
    if seller_id is not None:
        where.append("p.seller_id = %s")
        params.append(seller_id)
    statement = (
        f"SELECT {how.rank} AS score, p.id, p.category_id, p.seller_id, b.slug, b.name, p.current_price,"  # noqa: S608
        f" p.rating_average, p.sold_count, p.published_at, p.in_stock, p.on_sale, {', '.join(CARD_COLUMNS.values())}"
        f" FROM {how.source} LEFT JOIN products_brand b ON b.id = p.brand_id"
        " LEFT JOIN accounts_sellerprofile shop ON shop.user_id = p.seller_id"
        f" WHERE {how.where} AND {' AND '.join(where)} {how.order} LIMIT {MOST_HITS + 1}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*how.rank_params, *how.where_params, *params])
        rows = cursor.fetchall()
    best = max((row[0] for row in rows), default=0) or 1
    hits = [_hit(row[0] / best, *row[1:]) for row in rows[:MOST_HITS]]
    corrected = ""
    if any(term.instead for term in terms):
        corrected = " ".join(
            term.instead or spelling for term, (_word, spelling) in zip(terms, spelt, strict=True)
        )
    return Found(hits, is_cut=len(rows) > MOST_HITS, corrected=corrected)


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
