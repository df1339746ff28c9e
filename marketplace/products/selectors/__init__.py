"""Everything that reads the catalogue. Selectors own visibility: only live listings leave this package."""

from marketplace.products.tree import CategoryTree, Node, category_tree

from .cards import CARD_FIELDS, cards_by_ids, live_products
from .covers import category_covers
from .listing import (
    PAGE_SIZES,
    SORTS,
    Count,
    FacetOption,
    Facets,
    Listing,
    ListingQuery,
    list_products,
)
from .pages import HomePage, ProductPage, Suggestion, home_page, product_page, suggest
from .sitemap import brand_slugs, seller_slugs

__all__ = [
    "CARD_FIELDS",
    "PAGE_SIZES",
    "SORTS",
    "CategoryTree",
    "Count",
    "FacetOption",
    "Facets",
    "HomePage",
    "Listing",
    "ListingQuery",
    "Node",
    "ProductPage",
    "Suggestion",
    "brand_slugs",
    "cards_by_ids",
    "category_covers",
    "category_tree",
    "home_page",
    "list_products",
    "live_products",
    "product_page",
    "seller_slugs",
    "suggest",
]
