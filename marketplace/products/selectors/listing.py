"""Lists of products: category, brand, seller and search pages ask the same question here.

Pages go by key, never by number, and nothing is counted to the end; the reasons and the measured
costs are in docs/decisions/0003-listing-and-search.md.
"""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from django.core.cache import cache
from django.db import connection
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import SellerProfile
from marketplace.common.money import MAX_MONEY
from marketplace.products.models import Brand, Product
from marketplace.products.search.find import Hit, find
from marketplace.products.search.words import words_of
from marketplace.products.tree import Node, category_tree

from .cards import card_rows, finish, live_products

PAGE_SIZES = (24, 48, 96)
SORTS = {
    "relevance": _("Best match"),
    "newest": _("Newest"),
    "price": _("Price: low to high"),
    "price-desc": _("Price: high to low"),
    "rating": _("Best rated"),
    "popular": _("Most bought"),
}
FACET_SAMPLE = 1_000
FACET_SECONDS = 60
MOST_BRANDS = 20

# sort: (column, descending). The primary key breaks ties, in the same direction.
_COLUMNS = {
    "newest": ("published_at", True),
    "price": ("current_price", False),
    "price-desc": ("current_price", True),
    "rating": ("rating_average", True),
    "popular": ("sold_count", True),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST = 2**62


@dataclass(frozen=True)
class ListingQuery:
    """What a list page asks, wholly from its URL. Prices in minor units; `after` is a cursor."""

    text: str = ""
    category_slug: str = ""
    brand_slugs: tuple[str, ...] = ()
    seller_slug: str = ""
    price_min: int | None = None
    price_max: int | None = None
    rating_min: int | None = None
    in_stock: bool = False
    on_sale: bool = False
    sort: str = ""
    page_size: int = PAGE_SIZES[0]
    after: str = ""

    def cleaned(self) -> "ListingQuery":
        """The same with everything impossible left out or put right."""
        sort = self.sort if self.sort in SORTS else ""
        is_search = bool(words_of(self.text))
        if not sort or (sort == "relevance" and not is_search):
            sort = "relevance" if is_search else "newest"
        return replace(
            self,
            text=" ".join(self.text.replace("\x00", " ").split())[:200],
            brand_slugs=tuple(sorted({_slug(slug) for slug in self.brand_slugs} - {""}))[:50],
            category_slug=_slug(self.category_slug),
            seller_slug=_slug(self.seller_slug),
            price_min=_money(self.price_min),
            price_max=_money(self.price_max),
            rating_min=self.rating_min if self.rating_min in (1, 2, 3, 4, 5) else None,
            sort=sort,
            page_size=self.page_size if self.page_size in PAGE_SIZES else PAGE_SIZES[0],
        )


def _slug(text: str) -> str:
    """`text` if it can be a slug; otherwise one that nothing has."""
    if not text:
        return ""
    return text if len(text) <= 100 and text.isascii() and text.isprintable() else "-"


def _money(amount: int | None) -> int | None:
    return None if amount is None else min(max(amount, 0), MAX_MONEY)


@dataclass(frozen=True)
class Count:
    """How many there are: exactly, or at least."""

    number: int
    is_at_least: bool = False

    def __str__(self) -> str:
        number = number_format(self.number, use_l10n=True, force_grouping=True)
        return gettext("%(number)s+") % {"number": number} if self.is_at_least else number


@dataclass(frozen=True)
class FacetOption:
    """One box to tick: `value` goes into the URL."""

    value: str
    label: str
    count: Count
    is_selected: bool = False
    depth: int = 0


@dataclass(frozen=True)
class Facets:
    """What the filters of a list offer, each counted under all the other filters."""

    categories: list[FacetOption] = field(default_factory=list)
    brands: list[FacetOption] = field(default_factory=list)
    ratings: list[FacetOption] = field(default_factory=list)
    in_stock: Count = Count(0)
    on_sale: Count = Count(0)
    price_low: int | None = None
    price_high: int | None = None


@dataclass(frozen=True)
class Listing:
    """One page of a list. `next_cursor` goes into the URL as `after`; None on the last page."""

    query: ListingQuery
    cards: list[dict]
    next_cursor: str | None
    count: Count
    facets: Facets
    category: Node | None = None
    brand: Brand | None = None
    seller: SellerProfile | None = None
    corrected: str = ""
    """What was searched for instead of a misspelt text; empty if nothing was."""


def list_products(query: ListingQuery) -> Listing | None:
    """One page of products; None if its category or seller does not exist.

    Two queries, one for the cards and one for the facets (cached for a minute), one more each for a
    seller and for chosen brands, however many products there are; a search asks two.
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
    scope = _Scope(query, category, seller.pk if seller else None)
    return _search(scope, seller) if words_of(query.text) else _browse(scope, seller)


class _Scope:
    """A query with its names resolved: conditions for SQL and the same ones for rows in memory."""

    def __init__(self, query: ListingQuery, category: Node | None, seller_id: int | None) -> None:
        self.query, self.category, self.seller_id = query, category, seller_id
        self.category_ids = set(category.subtree_ids) if category else None
        self._brands: list[Brand] | None = None

    @property
    def brands(self) -> list[Brand]:
        if self._brands is None:
            slugs = self.query.brand_slugs
            self._brands = list(Brand.objects.filter(slug__in=slugs)) if slugs else []
        return self._brands

    @property
    def only_brand(self) -> Brand | None:
        return self.brands[0] if len(self.query.brand_slugs) == 1 and self.brands else None

    def base(self) -> Q:
        """Where we are: the category and the seller."""
        where = Q()
        if self.category_ids is not None:
            where &= Q(category_id__in=self.category_ids)
        if self.seller_id is not None:
            where &= Q(seller_id=self.seller_id)
        return where

    def filters(self) -> dict[str, Q]:
        """What is chosen on top of that, a condition a filter."""
        query, chosen = self.query, {}
        if query.brand_slugs:
            chosen["brand"] = Q(brand_id__in=[brand.pk for brand in self.brands])
        price = Q()
        if query.price_min is not None:
            price &= Q(current_price__gte=query.price_min)
        if query.price_max is not None:
            price &= Q(current_price__lte=query.price_max)
        if price:
            chosen["price"] = price
        if query.rating_min:
            chosen["rating"] = Q(rating_average__gte=query.rating_min * 100)
        if query.in_stock:
            chosen["in_stock"] = Q(in_stock=True)
        if query.on_sale:
            chosen["on_sale"] = Q(on_sale=True)
        return chosen

    def misses(self, row: Hit) -> set[str]:
        """The filters that `row` does not meet."""
        query, missed = self.query, set()
        if query.brand_slugs and row.brand_slug not in query.brand_slugs:
            missed.add("brand")
        too_cheap = query.price_min is not None and row.current_price < query.price_min
        too_dear = query.price_max is not None and row.current_price > query.price_max
        if too_cheap or too_dear:
            missed.add("price")
        if query.rating_min and row.rating_average < query.rating_min * 100:
            missed.add("rating")
        if query.in_stock and not row.in_stock:
            missed.add("in_stock")
        if query.on_sale and not row.on_sale:
            missed.add("on_sale")
        return missed


# --- browsing: the page comes out of an index in its order ------------------------------------


class _After(Func):
    """(column, id) < (value, id) as the databases know it: one range of an index."""

    output_field = BooleanField()
    arity = 4
    template = "(%(expressions)s)"

    def __init__(self, *expressions, descending: bool = True, **extra) -> None:
        super().__init__(*expressions, **extra)
        self.descending = descending

    def as_sql(self, compiler, connection, **context):
        parts, params = [], []
        for expression in self.get_source_expressions():
            sql, values = compiler.compile(expression)
            parts.append(sql)
            params.extend(values)
        sign = "<" if self.descending else ">"
        return f"(({parts[0]}, {parts[1]}) {sign} ({parts[2]}, {parts[3]}))", params


def _browse(scope: _Scope, seller: SellerProfile | None) -> Listing:
    query = scope.query
    column, descending = _COLUMNS[query.sort]
    sign = "-" if descending else ""
    products = live_products().order_by(f"{sign}{column}", f"{sign}pk")
    wanted = Q(*scope.filters().values())
    if position := read_cursor(query.after, query.sort):
        value, pk = position
        if column == "published_at":
            value = _EPOCH + timedelta(microseconds=value)
        output = Product._meta.get_field(column)
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
        brand=scope.only_brand,
        seller=seller,
    )


def _first_of_each_category(scope: _Scope, products: QuerySet[Product], column: str, most: int) -> RawSQL:
    """The keys of the first `most` of `products` in a subtree, which PostgreSQL finds by index alone.

    It cannot merge the ordered index of several categories: it sorts all that they hold, or walks the
    whole store until enough turn up, which is long where a category's products are old. So each
    category gives its first `most`, and the first of those are taken.
    """
    mine = products.extra(where=["products_product.category_id = c.id"])
    if scope.seller_id is not None:
        mine = mine.filter(seller_id=scope.seller_id)
    sql, params = mine.values_list("pk", column)[:most].query.sql_with_params()
    order = "DESC" if products.query.order_by[0].startswith("-") else "ASC"
    return RawSQL(  # noqa: S611  our own columns; values are parameters
        f"SELECT t.id FROM unnest(%s::bigint[]) AS c(id) CROSS JOIN LATERAL ({sql}) AS t(id, value)"  # noqa: S608
        f" ORDER BY t.value {order}, t.id {order} LIMIT {most}",
        [sorted(scope.category_ids), *params],
    )


def _cached_facets(scope: _Scope) -> tuple[Facets, Count]:
    question = replace(scope.query, sort="", after="", page_size=0)
    digest = hashlib.sha256(repr(question).encode("utf-8", "backslashreplace")).hexdigest()
    key = f"facets:{digest}"
    found = cache.get(key)
    if found is None:
        rows = _sample(scope)
        names = {brand.slug: brand.name for brand in scope.brands}
        found = count_facets(scope, rows[:FACET_SAMPLE], names, is_cut=len(rows) > FACET_SAMPLE)
        cache.set(key, found, FACET_SECONDS)
    return found


def _sample(scope: _Scope) -> list[Hit]:
    """At most `FACET_SAMPLE` + 1 products that meet all filters but one: what each facet may count."""
    chosen = list(scope.filters().values())
    near = Q()
    for skipped in range(len(chosen)):
        near |= Q(*(part for index, part in enumerate(chosen) if index != skipped))
    where = near if len(chosen) > 1 else Q()
    rows = live_products().filter(scope.base(), where).values_list(*Hit.COLUMNS)[: FACET_SAMPLE + 1]
    return [Hit(*row) for row in rows]


# --- searching: a bounded number of hits, sorted and counted in memory --------------------------


def _search(scope: _Scope, seller: SellerProfile | None) -> Listing:
    query = scope.query
    found = find(query.text, category_ids=scope.category_ids, seller_id=scope.seller_id)
    facets, count = count_facets(scope, found.hits, {}, is_cut=found.is_cut)
    matching = [hit for hit in found.hits if not scope.misses(hit)]
    descending = query.sort != "price"

    def key(hit: Hit) -> tuple[int, int]:
        return hit.sort_value(query.sort), hit.id

    matching.sort(key=key, reverse=descending)
    if position := read_cursor(query.after, query.sort):
        matching = [hit for hit in matching if (key(hit) < position if descending else key(hit) > position)]
    page, rest = matching[: query.page_size], matching[query.page_size :]
    return Listing(
        query=query,
        cards=finish([hit.card_row() for hit in page]),
        next_cursor=write_cursor(query.sort, *key(page[-1])) if rest else None,
        count=count,
        facets=facets,
        category=scope.category,
        seller=seller,
        corrected=found.corrected,
    )


# --- cursors ------------------------------------------------------------------------------------


def write_cursor(sort: str, value: int | datetime, pk: int) -> str:
    """Where a page ended, for a URL."""
    if isinstance(value, datetime):
        value = (value - _EPOCH) // _MICROSECOND
    return base64.urlsafe_b64encode(json.dumps([sort, value, pk]).encode()).decode().rstrip("=")


def read_cursor(text: str, sort: str) -> tuple[int, int] | None:
    """What `write_cursor` wrote for this sort; None for anything else: the list begins at its start."""
    if not text or len(text) > 200 or not text.isascii():
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        return None
    match parts:
        case [str() as written_for, int() as value, int() as pk] if written_for == sort:
            if abs(value) < _LARGEST and abs(pk) < _LARGEST and (sort != "newest" or 0 <= value < 10**17):
                return value, pk
    return None


# --- facets -------------------------------------------------------------------------------------


def count_facets(
    scope: _Scope, rows: Iterable[Hit], names: dict[str, str], *, is_cut: bool
) -> tuple[Facets, Count]:
    """Count `rows` for every filter under all the other filters, and those that meet all of them.

    `names` are the names of brands by slug that are offered even if no row has them.
    """
    query = scope.query
    categories, brands, ratings = Counter(), Counter(), Counter()
    names = dict(names)
    total = in_stock = on_sale = 0
    low = high = None
    for row in rows:
        missed = scope.misses(row)
        if not missed:
            total += 1
            categories[row.category_id] += 1
        if missed <= {"brand"} and row.brand_slug:
            brands[row.brand_slug] += 1
            names[row.brand_slug] = row.brand_name
        if missed <= {"rating"}:
            ratings[row.rating_average // 100] += 1
        if missed <= {"in_stock"}:
            in_stock += row.in_stock
        if missed <= {"on_sale"}:
            on_sale += row.on_sale
        if missed <= {"price"}:
            low = row.current_price if low is None else min(low, row.current_price)
            high = row.current_price if high is None else max(high, row.current_price)
    for slug in names:
        brands.setdefault(slug, 0)
    chosen = set(query.brand_slugs)
    ranked = sorted(brands, key=lambda slug: (slug not in chosen, -brands[slug], names[slug]))
    facets = Facets(
        categories=_category_options(scope.category, categories, is_cut),
        brands=[
            FacetOption(slug, names[slug], Count(brands[slug], is_cut), slug in chosen)
            for slug in ranked[:MOST_BRANDS]
        ],
        ratings=[
            FacetOption(
                str(stars),
                str(stars),
                Count(sum(number for have, number in ratings.items() if have >= stars), is_cut),
                query.rating_min == stars,
            )
            for stars in (4, 3, 2, 1)
        ],
        in_stock=Count(in_stock, is_cut),
        on_sale=Count(on_sale, is_cut),
        price_low=low,
        price_high=high,
    )
    return facets, Count(total, is_cut)


def _category_options(here: Node | None, counts: Counter, is_cut: bool) -> list[FacetOption]:
    """The children of where we are (at the top: the roots), each with all that lies beneath it."""
    tree = category_tree()
    options = []
    for node in here.children if here else tree.roots:
        number = sum(counts[pk] for pk in node.subtree_ids)
        if number:
            options.append(FacetOption(node.slug, node.name, Count(number, is_cut), depth=node.depth))
    return sorted(options, key=lambda option: (-option.count.number, option.label))
