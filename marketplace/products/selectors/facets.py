"""What the filters of a list offer, with their counts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.common.counts import Count
from marketplace.products.search.find import Hit
from marketplace.products.tree import Node, category_tree

from .query import Scope

MOST_BRANDS = 20
NONE = Count(0)


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
    """What the filters of a list offer, each counted under all the other filters.

    Two that offer the same are equal and have the same hash: what is drawn of them is kept under them.
    """

    categories: tuple[FacetOption, ...] = ()
    brands: tuple[FacetOption, ...] = ()
    ratings: tuple[FacetOption, ...] = ()
    in_stock: Count = NONE
    on_sale: Count = NONE
    price_low: int | None = None
    price_high: int | None = None


def count_facets(
    scope: Scope, rows: Iterable[Hit], names: dict[str, str], *, is_cut: bool
) -> tuple[Facets, Count]:
    """Count `rows` for every filter under all the other filters, and those that meet all of them.

    `names` are the names of brands by slug that are offered even if no row has them.
    """
    query = scope.query
    categories: Counter[int] = Counter()
    brands: Counter[str] = Counter()
    ratings: Counter[int] = Counter()
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
            names[row.brand_slug] = row.brand_name or ""
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
        brands=tuple(
            FacetOption(slug, names[slug], Count(brands[slug], is_cut), slug in chosen)
            for slug in ranked[:MOST_BRANDS]
        ),
        ratings=tuple(
            FacetOption(
                str(stars),
                str(stars),
                Count(sum(number for have, number in ratings.items() if have >= stars), is_cut),
                query.rating_min == stars,
            )
            for stars in (4, 3, 2, 1)
        ),
        in_stock=Count(in_stock, is_cut),
        on_sale=Count(on_sale, is_cut),
        price_low=low,
        price_high=high,
    )
    return facets, Count(total, is_cut)


def _category_options(here: Node | None, counts: Counter[int], is_cut: bool) -> tuple[FacetOption, ...]:
    """The children of where we are (at the top: the roots), each with all that lies beneath it."""
    tree = category_tree()
    options = []
    for node in here.children if here else tree.roots:
        number = sum(counts[pk] for pk in node.subtree_ids)
        if number:
            options.append(FacetOption(node.slug, node.name, Count(number, is_cut), depth=node.depth))
    return tuple(sorted(options, key=lambda option: (-option.count.number, option.label)))
