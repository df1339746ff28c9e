"""Everything that reads the catalogue. Selectors own visibility: only live listings leave this package."""

from marketplace.common.counts import Count
from marketplace.products.tree import CategoryTree, Node, category_tree

from .cards import CARD_FIELDS, cards_by_ids, count_live_of, live_products
from .covers import category_covers
from .edits import OwnEdit, compared, edits_by_id, edits_of, last_edit, open_edit, open_edits, version_of
from .facets import FacetOption, Facets, OptionFacet
from .listing import Listing, list_products
from .own import (
    OWN_SORTS,
    OWN_STOCKS,
    OwnListing,
    OwnPage,
    OwnQuery,
    OwnVariant,
    approved_brands,
    listings_by_id,
    listings_of,
    own_listing,
    own_page,
    own_variant,
    own_variants,
)
from .pages import (
    Choice,
    HomePage,
    ProductPage,
    Suggestion,
    ValueView,
    VariantView,
    home_page,
    live_product_page,
    live_slug,
    product_page,
    suggest,
)
from .query import PAGE_SIZES, SORTS, ListingQuery
from .sitemap import brand_slugs, seller_slugs

__all__ = [
    "CARD_FIELDS",
    "OWN_SORTS",
    "OWN_STOCKS",
    "PAGE_SIZES",
    "SORTS",
    "CategoryTree",
    "Choice",
    "Count",
    "FacetOption",
    "Facets",
    "HomePage",
    "Listing",
    "ListingQuery",
    "Node",
    "OptionFacet",
    "OwnEdit",
    "OwnListing",
    "OwnPage",
    "OwnQuery",
    "OwnVariant",
    "ProductPage",
    "Suggestion",
    "ValueView",
    "VariantView",
    "approved_brands",
    "brand_slugs",
    "cards_by_ids",
    "category_covers",
    "category_tree",
    "compared",
    "count_live_of",
    "edits_by_id",
    "edits_of",
    "home_page",
    "last_edit",
    "list_products",
    "listings_by_id",
    "listings_of",
    "live_product_page",
    "live_products",
    "live_slug",
    "open_edit",
    "open_edits",
    "own_listing",
    "own_page",
    "own_variant",
    "own_variants",
    "product_page",
    "seller_slugs",
    "suggest",
    "version_of",
]
