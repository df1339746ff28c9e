"""Lists of products: category, brand, seller and search pages ask the same question here.

Pages go by key, never by number, and nothing is counted to the end; the reasons and the measured
costs are in docs/decisions/0003-listing-and-search.md.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from django.core.cache import cache
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Field, Func, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.sql.compiler import SQLCompiler

from marketplace.accounts.models import SellerProfile
from marketplace.common.counts import Count
from marketplace.products.models import Brand, Product
from marketplace.products.search.find import Hit, find
from marketplace.products.search.words import words_of
from marketplace.products.states import BrandStatus
from marketplace.products.tree import Node, category_tree

from .cards import Card, card_rows, cards_by_ids, finish, live_products
from .cursors import EPOCH, read_cursor, write_cursor
from .facets import Facets, count_facets
from .query import ListingQuery, Scope

FACET_SAMPLE = 1_000
FACET_SECONDS = 60
SEARCH_SECONDS = 30
SHAPE = 5  # of what the cache keeps of both: one more when it changes, since a release finds what the last one left

# sort: (column, descending). The primary key breaks ties, in the same direction.
_COLUMNS = {
    "newest": ("published_at", True),
    "price": ("current_price", False),
    "price-desc": ("current_price", True),
    "rating": ("rating_average", True),
    "popular": ("sold_count", True),
}


@dataclass(frozen=True)
class Listing:
    """One page of a list. `next_cursor` goes into the URL as `after`; None on the last page."""

    query: ListingQuery
    cards: list[Card]
    next_cursor: str | None
    count: Count
    facets: Facets
    category: Node | None = None
    brand: Brand | None = None
    seller: SellerProfile | None = None
    corrected: str = ""
    """What was searched for instead of a misspelt text; empty if nothing was."""
    is_loose: bool = False
    """No product has all the words: these have most of them."""
    shops: tuple["ShopLink", ...] = ()
    """The shops among those found whose name was typed."""


@dataclass(frozen=True)
class ShopLink:
    """A shop by its name and what makes its address."""

    name: str
    slug: str


def list_products(query: ListingQuery) -> Listing | None:
    """One page of products; None if its category, its seller or its (approved) brand does not exist.

    Two queries, one for the cards and one for the facets (cached for a minute), one more each for a
    seller and for chosen brands, however many products there are; a search asks two, or
    one for what was asked half a minute ago.
    """
    query = query.cleaned()
    category = seller = None
    if query.category_slug:
        category = category_tree().by_slug.get(query.category_slug)
        if category is None:
            return None
    if query.seller_slug:
        seller = SellerProfile.objects.filter(slug=query.seller_slug).first()
        if seller is None:
            return None
    brand = None
    if query.brand_slug:
        brand = Brand.objects.filter(slug=query.brand_slug, status=BrandStatus.APPROVED).first()
        if brand is None:
            return None
        query = replace(query, brand_slugs=(brand.slug,))
    scope = Scope(query, category, seller.pk if seller else None, brand)
    return _search(scope, seller) if query.text else _browse(scope, seller)


# --- browsing: the page comes out of an index in its order ------------------------------------


class _After(Func):
    """(column, id) < (value, id) as the databases know it: one range of an index."""

    output_field = BooleanField()
    arity = 4
    template = "(%(expressions)s)"

    def __init__(self, *expressions: Any, descending: bool = True, **extra: Any) -> None:
        super().__init__(*expressions, **extra)
        self.descending = descending

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *given: Any, **context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        parts: list[str] = []
        params: list[str | int] = []
        for expression in self.get_source_expressions():
            sql, values = compiler.compile(expression)
            parts.append(sql)
            params.extend(values)
        sign = "<" if self.descending else ">"
        return f"(({parts[0]}, {parts[1]}) {sign} ({parts[2]}, {parts[3]}))", tuple(params)


def _browse(scope: Scope, seller: SellerProfile | None) -> Listing:
    query = scope.query
    column, descending = _COLUMNS[query.sort]
    sign = "-" if descending else ""
    products = live_products().order_by(f"{sign}{column}", f"{sign}pk")
    wanted = Q(*scope.filters().values()) & scope.one_variant()
    if position := read_cursor(query.after, query.sort):
        value: int | datetime
        value, pk = position
        if column == "published_at":
            value = EPOCH + timedelta(microseconds=value)
        output = cast("Field[Any, Any]", Product._meta.get_field(column))
        wanted &= Q(_After(F(column), F("pk"), Value(value, output), Value(pk), descending=descending))
    most = query.page_size + 1
    if scope.category_ids and len(scope.category_ids) > 1 and connection.vendor == "postgresql":
        page = products.filter(pk__in=_first_of_each_category(scope, products.filter(wanted), column, most))
    else:
        page = products.filter(scope.base(), wanted)
    rows = card_rows(page[:most], column)
    next_cursor = None
    if len(rows) > query.page_size:
        rows.pop()
        next_cursor = write_cursor(query.sort, rows[-1][column], rows[-1]["id"])
    cards = finish(rows)
    facets, count = _cached_facets(scope)
    if next_cursor is None and not query.after:
        count = Count(len(cards))  # the whole list is on this page
    elif count.number < len(cards):
        count = Count(len(cards), is_at_least=True)
    return Listing(
        query=query,
        cards=cards,
        next_cursor=next_cursor,
        count=count,
        facets=facets,
        category=scope.category,
        brand=scope.brand,
        seller=seller,
    )


def _first_of_each_category(scope: Scope, products: QuerySet[Product], column: str, most: int) -> RawSQL:
    """The keys of the first `most` of `products` in a subtree, which PostgreSQL finds by index alone.

    It cannot merge the ordered index of several categories: it sorts all that they hold, or walks the
    whole store until enough turn up, which is long where a category's products are old. So each
    category gives its first `most`, and the first of those are taken.
    """
    mine = products.extra(where=["products_product.category_id = c.id"])
    if scope.seller_id is not None:
        mine = mine.filter(seller_id=scope.seller_id)
    sql, params = mine.values_list("pk", column)[:most].query.sql_with_params()
    order = "DESC" if str(products.query.order_by[0]).startswith("-") else "ASC"
    return RawSQL(  # noqa: S611  our own columns; values are parameters
        f"SELECT t.id FROM unnest(%s::bigint[]) AS c(id) CROSS JOIN LATERAL ({sql}) AS t(id, value)"  # noqa: S608
        f" ORDER BY t.value {order}, t.id {order} LIMIT {most}",
        [sorted(scope.category_ids or ()), *params],
    )


def _cached_facets(scope: Scope) -> tuple[Facets, Count]:
    key = f"facets/{SHAPE}:{_digest(replace(scope.query, sort='', after='', page_size=0))}"
    found = cache.get(key)
    if found is None:
        rows = _sample(scope)
        names = {brand.slug: brand.name for brand in scope.brands}
        found = count_facets(scope, rows[:FACET_SAMPLE], names, is_cut=len(rows) > FACET_SAMPLE)
        cache.set(key, found, FACET_SECONDS)
    return found


def _digest(question: ListingQuery) -> str:
    return hashlib.sha256(repr(question).encode("utf-8", "backslashreplace")).hexdigest()


def _sample(scope: Scope) -> list[Hit]:
    """At most `FACET_SAMPLE` + 1 products that meet all filters but one: what each facet may count."""
    chosen = list(scope.filters().values())
    near = Q()
    for skipped in range(len(chosen)):
        near |= Q(*(part for index, part in enumerate(chosen) if index != skipped))
    where = near if len(chosen) > 1 else Q()
    rows = live_products().filter(scope.base(), where).values_list(*Hit.COLUMNS)[: FACET_SAMPLE + 1]
    return [Hit(*row) for row in rows]


# --- searching: a bounded number of hits, sorted and counted in memory --------------------------


@dataclass(frozen=True)
class _Answer:
    """What a search found: which products a page shows, and what stands around them."""

    ids: list[int]
    next_cursor: str | None
    facets: Facets
    count: Count
    corrected: str
    is_loose: bool
    shops: tuple[ShopLink, ...]


MOST_SHOPS = 3


def _search(scope: Scope, seller: SellerProfile | None) -> Listing:
    """What was asked half a minute ago is not looked for again; its cards are read anew in any case."""
    key = f"search/{SHAPE}:{_digest(scope.query)}"
    answer: _Answer | None = cache.get(key)
    if answer is None:
        answer, cards = _look_for(scope)
        if cards:  # who found nothing and asks again finds what was listed meanwhile
            cache.set(key, answer, SEARCH_SECONDS)
    else:
        cards = cards_by_ids(answer.ids)
    return Listing(
        query=scope.query,
        cards=cards,
        next_cursor=answer.next_cursor,
        count=answer.count,
        facets=answer.facets,
        category=scope.category,
        brand=scope.brand,
        seller=seller,
        corrected=answer.corrected,
        is_loose=answer.is_loose,
        shops=answer.shops,
    )


def _look_for(scope: Scope) -> tuple[_Answer, list[Card]]:
    """Two queries, with the cards among them."""
    query = scope.query
    found = find(query.text, category_ids=scope.category_ids, seller_id=scope.seller_id)
    facets, count = count_facets(scope, found.hits, {}, is_cut=found.is_cut)
    matching = [hit for hit in found.hits if scope.judge(hit).is_met]
    descending = query.sort != "price"

    def key(hit: Hit) -> tuple[int, int]:
        return hit.sort_value(query.sort), hit.id

    matching.sort(key=key, reverse=descending)
    if position := read_cursor(query.after, query.sort):
        matching = [hit for hit in matching if (key(hit) < position if descending else key(hit) > position)]
    page, rest = matching[: query.page_size], matching[query.page_size :]
    next_cursor = write_cursor(query.sort, *key(page[-1])) if rest else None
    answer = _Answer(
        [hit.id for hit in page],
        next_cursor,
        facets,
        count,
        found.corrected,
        found.is_loose,
        () if scope.seller_id else _shops_called(found.corrected or query.text, found.hits),
    )
    return answer, finish([hit.card_row() for hit in page])


def _shops_called(text: str, hits: list[Hit]) -> tuple[ShopLink, ...]:
    """The shops of `hits` whose name holds every word of `text`, those with most hits first."""
    wanted = set(words_of(text))
    found = Counter(hit.shop for hit in hits)
    called = [
        ShopLink(name, slug) for (name, slug), _hits in found.most_common() if wanted <= set(words_of(name))
    ]
    return tuple(called[:MOST_SHOPS])
