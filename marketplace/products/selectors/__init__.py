"""Everything that reads the catalogue. Selectors own visibility: only live listings leave this package."""

from marketplace.common.counts import Count
from marketplace.products.tree import CategoryTree, Node, category_tree

from .cards import CARD_FIELDS, cards_by_ids, count_live_of, live_products
from .covers import category_covers
from .facets import FacetOption, Facets
from .listing import Listing, list_products
from .pages import HomePage, ProductPage, Suggestion, home_page, product_page, suggest
from .query import PAGE_SIZES, SORTS, ListingQuery
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
    "count_live_of",
    "home_page",
    "list_products",
    "live_products",
    "product_page",
    "seller_slugs",
    "suggest",
]
