"""What a list of products is asked, and what that means for a row: in SQL and in memory."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from marketplace.common.money import MAX_MONEY
from marketplace.products.models import Brand, Variant
from marketplace.products.option_keys import (
    MAX_TEXT,
    Kind,
    OptionValue,
    kinds_in,
    read_option,
    token,
    variant_token,
)
from marketplace.products.search.find import Hit
from marketplace.products.tree import Node

MOST_OPTIONS = 30
PAGE_SIZES = (24, 48, 96)
SORTS = {
    "relevance": _("Best match"),
    "newest": _("Newest"),
    "price": _("Price: low to high"),
    "price-desc": _("Price: high to low"),
    "rating": _("Best rated"),
    "popular": _("Most bought"),
}


@dataclass(frozen=True)
class ListingQuery:
    """What a list page asks, wholly from its URL. Prices in minor units; `after` is a cursor."""

    text: str = ""
    category_slug: str = ""
    brand_slugs: tuple[str, ...] = ()
    brand_slug: str = ""
    """The brand whose own list this is; `brand_slugs` are ticked in a filter."""
    seller_slug: str = ""
    price_min: int | None = None
    price_max: int | None = None
    rating_min: int | None = None
    in_stock: bool = False
    on_sale: bool = False
    options: tuple[str, ...] = ()
    """Option values ("Colour:Red"): of one option any of them, and one of each option."""
    sort: str = ""
    page_size: int = PAGE_SIZES[0]
    after: str = ""

    def cleaned(self) -> "ListingQuery":
        """The same with everything impossible left out or put right."""
        sort = self.sort if self.sort in SORTS else ""
        readable = self.text.replace("\x00", " ").encode(errors="ignore").decode()  # no half of a sign
        text = " ".join(readable.split())[:200]
        is_search = bool(text)  # whatever it is: a sign that nothing has finds nothing
        if not sort or (sort == "relevance" and not is_search):
            sort = "relevance" if is_search else "newest"
        return replace(
            self,
            text=text,
            brand_slugs=tuple(sorted({_slug(slug) for slug in self.brand_slugs} - {""}))[:50],
            brand_slug=_slug(self.brand_slug),
            category_slug=_slug(self.category_slug),
            seller_slug=_slug(self.seller_slug),
            price_min=_money(self.price_min),
            price_max=_money(self.price_max),
            options=_options(self.options),
            rating_min=self.rating_min if self.rating_min in (1, 2, 3, 4, 5) else None,
            sort=sort,
            page_size=self.page_size if self.page_size in PAGE_SIZES else PAGE_SIZES[0],
        )


def _slug(text: str) -> str:
    """`text` if it can be a slug; otherwise one that nothing has."""
    if not text:
        return ""
    return text if len(text) <= 100 and text.isascii() and text.isprintable() else "-"


def _options(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Each option value once, in one order, as an address may name it."""
    readable = (text.replace("\x00", " ").encode(errors="ignore").decode()[:MAX_TEXT] for text in texts)
    known = {option.key: option for text in readable if (option := read_option(text))}
    return tuple(known[key].text for key in sorted(known))[:MOST_OPTIONS]


def _money(amount: int | None) -> int | None:
    return None if amount is None else min(max(amount, 0), MAX_MONEY)


_NOTHING: frozenset[str] = frozenset()


class Judged:
    """Which filters a product does not meet: as a whole (`missed`), and each of its variants (`kinds`).

    `is_met`: it meets all, and one and the same variant those that ask for variants.
    """

    __slots__ = ("is_met", "kinds", "missed")

    def __init__(self, missed: Set[str], kinds: Sequence[tuple[Kind, Set[str]]]) -> None:
        self.missed, self.kinds = missed, kinds
        self.is_met = not missed and any(not lacks for _kind, lacks in kinds)

    def meets_all_but(self, name: str) -> bool:
        """As `is_met`, whatever it is with this filter."""
        return self.is_met or (self.missed <= {name} and any(lacks <= {name} for _kind, lacks in self.kinds))

    def having(self, group: str) -> set[str]:
        """The values of an option, by their keys, of variants that meet all other filters."""
        if self.missed:
            return set()
        but = {filter_of(group)}
        fitting = (kind.keys for kind, lacks in self.kinds if lacks <= but)
        return {key for keys in fitting for key in keys if key.startswith(f"{group}:")}

    @property
    def prices(self) -> list[int]:
        """What the variants cost that meet all filters but the price."""
        if not self.missed <= {"price"}:
            return []
        return [kind.price for kind, lacks in self.kinds if lacks <= {"price"}]

    @property
    def is_in_stock(self) -> bool:
        """Whether there is one in stock that meets all filters, but perhaps that of the stock."""
        return self.missed <= {"in_stock"} and any(kind.in_stock and not lacks for kind, lacks in self.kinds)


class Scope:
    """A query with its names resolved: conditions for SQL and the same ones for rows in memory."""

    def __init__(
        self, query: ListingQuery, category: Node | None, seller_id: int | None, brand: Brand | None
    ) -> None:
        self.query, self.category, self.seller_id, self.brand = query, category, seller_id, brand
        self.category_ids = set(category.subtree_ids) if category else None
        self._brands = [brand] if brand else None
        self.options: dict[str, list[OptionValue]] = {}
        """What is chosen of each option, by its group."""
        for text in query.options:
            if option := read_option(text):
                self.options.setdefault(option.group, []).append(option)

        has_price = query.price_min is not None or query.price_max is not None
        self.asks_variants = has_price or bool(self.options)
        """Whether something is chosen that a variant must meet."""

    @property
    def brands(self) -> list[Brand]:
        if self._brands is None:
            slugs = self.query.brand_slugs
            self._brands = list(Brand.objects.filter(slug__in=slugs)) if slugs else []
        return self._brands

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
            price &= Q(price_to__gte=query.price_min)
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
        for group, options in self.options.items():
            any_of_them = Q()
            for option in options:
                any_of_them |= Q(option_keys__contains=token(option, in_stock=query.in_stock))
            chosen[filter_of(group)] = any_of_them
        return chosen

    def one_variant(self) -> Q:
        """That one and the same variant meets the price and all that is chosen of options, for SQL.

        What `filters` ask of a product holds, too: this is asked of the few rows that meet those. A subquery of one
        row, not EXISTS, which PostgreSQL may turn into a join with all variants.
        """
        query = self.query
        has_both = query.price_min is not None and query.price_max is not None
        has_price = query.price_min is not None or query.price_max is not None
        if len(self.options) + has_price < 2 and not has_both:
            return Q()
        found = Variant.objects.filter(product=OuterRef("pk"), is_offered=True)
        for options in self.options.values():
            any_of_them = Q()
            for option in options:
                any_of_them |= Q(option_keys__contains=variant_token(option))
            found = found.filter(any_of_them)
        if has_price:  # of what can be had, or of all where nothing can
            found = found.filter(Q(stock__gt=0) | Q(Exact(OuterRef("in_stock"), Value(value=False))))
        if query.in_stock:
            found = found.filter(stock__gt=0)
        if query.price_min is not None:
            found = found.filter(current_price__gte=query.price_min)
        if query.price_max is not None:
            found = found.filter(current_price__lte=query.price_max)
        return Q(Exact(Subquery(found.order_by().values("is_offered")[:1]), Value(value=True)))

    def judge(self, row: Hit) -> Judged:
        """Which filters `row` does not meet: the same as in SQL."""
        query, missed = self.query, set()
        if query.brand_slugs and row.brand_slug not in query.brand_slugs:
            missed.add("brand")
        if query.rating_min and row.rating_average < query.rating_min * 100:
            missed.add("rating")
        if query.in_stock and not row.in_stock:
            missed.add("in_stock")
        if query.on_sale and not row.on_sale:
            missed.add("on_sale")
        kinds = kinds_in(row.option_keys) if row.option_keys else []
        if not kinds:
            only = Kind(_NOTHING, row.in_stock, row.current_price)
            return Judged(missed, ((only, self._misses(only, row) if self.asks_variants else _NOTHING),))
        if query.in_stock and row.in_stock:
            kinds = [kind for kind in kinds if kind.in_stock]
        if not self.asks_variants:
            return Judged(missed, [(kind, _NOTHING) for kind in kinds])
        return Judged(missed, [(kind, self._misses(kind, row)) for kind in kinds])

    def _misses(self, kind: Kind, row: Hit) -> set[str]:
        query, missed = self.query, set()
        if query.price_min is not None or query.price_max is not None:
            low, high = query.price_min or 0, MAX_MONEY if query.price_max is None else query.price_max
            if not low <= kind.price <= high or kind.in_stock < row.in_stock:
                missed.add("price")
        for group, options in self.options.items():
            if not any(option.key in kind.keys for option in options):
                missed.add(filter_of(group))
        return missed


def filter_of(group: str) -> str:
    """What the filter of an option is called among the others."""
    return f"option {group}"
