"""What the filters of a list offer, with their counts."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.common.counts import Count
from marketplace.products.option_keys import OptionValue, values_in
from marketplace.products.search.find import Hit
from marketplace.products.tree import Node, category_tree

from .query import Judged, Scope

MOST_BRANDS = 20
MOST_OPTIONS = 3
MOST_VALUES = 20
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
class OptionFacet:
    """The values of an option that products of a list have: Size with S, M, L."""

    name: str
    values: tuple[FacetOption, ...]


@dataclass(frozen=True)
class Facets:
    """What the filters of a list offer, each counted under all the other filters.

    Two that offer the same are equal and have the same hash: what is drawn of them is kept under them.
    """

    categories: tuple[FacetOption, ...] = ()
    brands: tuple[FacetOption, ...] = ()
    ratings: tuple[FacetOption, ...] = ()
    options: tuple[OptionFacet, ...] = ()
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
    values = _Values(scope)
    names = dict(names)
    total = in_stock = on_sale = 0
    low = high = None
    for row in rows:
        judged = scope.judge(row)
        if judged.is_met:
            total += 1
            categories[row.category_id] += 1
        if row.brand_slug and judged.meets_all_but("brand"):
            brands[row.brand_slug] += 1
            names[row.brand_slug] = row.brand_name or ""
        if judged.meets_all_but("rating"):
            ratings[row.rating_average // 100] += 1
        in_stock += row.in_stock and judged.is_in_stock
        if row.on_sale:
            on_sale += judged.meets_all_but("on_sale")
        for price in judged.prices:
            low = price if low is None or price < low else low
            high = price if high is None or price > high else high
        if row.option_keys:
            values.count(row, judged)
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
        options=values.facets(is_cut=is_cut),
        in_stock=Count(in_stock, is_cut),
        on_sale=Count(on_sale, is_cut),
        price_low=low,
        price_high=high,
    )
    return facets, Count(total, is_cut)


class _Values:
    """Counts option values, each under all filters but its own option's."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.owners: Counter[str] = Counter()
        """How many products have a choice of an option."""
        self.places: dict[str, int] = Counter()
        """The sum of a value's places among its sellers' values: S stands before M before L."""
        self.seen: Counter[str] = Counter()
        self.spelt: dict[str, Counter[OptionValue]] = defaultdict(Counter)

    def count(self, row: Hit, judged: Judged) -> None:
        """Count what a row has, where a variant with it meets all filters but the one of that option."""
        places: Counter[str] = Counter()
        having: dict[str, set[str]] = {}
        for option in values_in(row.option_keys, in_stock=self.scope.query.in_stock):
            group, key = option.group, option.key
            place = places[group]
            places[group] += 1
            if group not in having:
                having[group] = judged.having(group)
            if key in having[group]:
                self.counts[group][key] += 1
                self.places[key] += place
                self.seen[key] += 1
                self.spelt[key][option] += 1
        self.owners.update(group for group, keys in having.items() if keys)

    def facets(self, *, is_cut: bool) -> tuple[OptionFacet, ...]:
        """The options that most products have, those that are chosen from first."""
        for group, options in self.scope.options.items():
            for option in options:
                self.counts[group].setdefault(option.key, 0)
                self.spelt[option.key].setdefault(option, 0)
        ranked = sorted(
            self.counts,
            key=lambda group: (group not in self.scope.options, -self.owners[group], group),
        )
        return tuple(self._facet(group, is_cut) for group in ranked[:MOST_OPTIONS])

    def _facet(self, group: str, is_cut: bool) -> OptionFacet:
        counts = self.counts[group]
        chosen = {option.key for option in self.scope.options.get(group, ())}
        ranked = sorted(counts, key=lambda key: (key not in chosen, -counts[key], key))[:MOST_VALUES]
        ranked.sort(key=lambda key: (not self.seen[key], self.places[key] / (self.seen[key] or 1), key))
        spelt = [_most_common(self.spelt[key]) for key in ranked]
        names: Counter[str] = Counter()
        for key, option in zip(ranked, spelt, strict=True):
            names[option.name] += counts[key] + 1
        return OptionFacet(
            names.most_common(1)[0][0],
            tuple(
                FacetOption(option.text, option.value, Count(counts[key], is_cut), key in chosen)
                for key, option in zip(ranked, spelt, strict=True)
            ),
        )


def _most_common(spelt: Counter[OptionValue]) -> OptionValue:
    """How most sellers write it."""
    return min(spelt, key=lambda option: (-spelt[option], option.text))


def _category_options(here: Node | None, counts: Counter[int], is_cut: bool) -> tuple[FacetOption, ...]:
    """The children of where we are (at the top: the roots), each with all that lies beneath it."""
    tree = category_tree()
    options = []
    for node in here.children if here else tree.roots:
        number = sum(counts[pk] for pk in node.subtree_ids)
        if number:
            options.append(FacetOption(node.slug, node.name, Count(number, is_cut), depth=node.depth))
    return tuple(sorted(options, key=lambda option: (-option.count.number, option.label)))
