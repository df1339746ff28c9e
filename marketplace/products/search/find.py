"""Finding products by words."""

from dataclasses import dataclass, field
from typing import ClassVar

from django.db.models import Q

from marketplace.products.models import SearchEntry

from .words import MOST_WORDS, words_of

MOST_HITS = 500


@dataclass(slots=True)
class Hit:
    """A product with what lists filter, count and sort by; `rank` is how well it matches (0 is worst)."""

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
    published_at: object
    in_stock: bool
    on_sale: bool
    rank: int = 0

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
    """The best hits; `is_cut` if there are more than were looked at."""

    hits: list[Hit] = field(default_factory=list)
    is_cut: bool = False
    corrected: str = ""


def find(text: str) -> Found:
    """The products that have every word of `text`, at most `MOST_HITS`."""
    where = Q()
    for word in words_of(text)[:MOST_WORDS]:
        where &= Q(title__contains=word) | Q(keywords__contains=word) | Q(body__contains=word)
    rows = SearchEntry.objects.filter(where).values_list(*(f"product__{name}" for name in Hit.COLUMNS))[
        : MOST_HITS + 1
    ]
    hits = [Hit(*row) for row in rows]
    return Found(hits[:MOST_HITS], is_cut=len(hits) > MOST_HITS)
