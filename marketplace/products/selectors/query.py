"""What a list of products is asked, and what that means for a row: in SQL and in memory."""

from dataclasses import dataclass, replace

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.common.money import MAX_MONEY
from marketplace.products.models import Brand
from marketplace.products.search.find import Hit
from marketplace.products.search.words import words_of
from marketplace.products.tree import Node

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
            brand_slug=_slug(self.brand_slug),
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


class Scope:
    """A query with its names resolved: conditions for SQL and the same ones for rows in memory."""

    def __init__(
        self, query: ListingQuery, category: Node | None, seller_id: int | None, brand: Brand | None
    ) -> None:
        self.query, self.category, self.seller_id, self.brand = query, category, seller_id, brand
        self.category_ids = set(category.subtree_ids) if category else None
        self._brands = [brand] if brand else None

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
