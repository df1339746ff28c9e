"""The catalogue's rows: what is sold (catalogue.py), where it stands (tree.py), what makes it cheaper (reductions.py),
how what it says is changed and remembered (edits.py), and what the search knows of it (search.py)."""

from .catalogue import (
    MAX_OPTION_NAME,
    MAX_OPTION_VALUE,
    MAX_OPTIONS_TEXT,
    ListingEvent,
    Product,
    ProductImage,
    SizeClass,
    StockMove,
    Variant,
    full_title,
    options_text,
)
from .edits import EditEvent, ListingEdit, ListingVersion, StagedPicture, VersionPicture
from .reductions import Discount, PriceChange, SaleEvent, SaleTarget
from .search import OwnWord, SearchEntry, SearchGram, SearchWord
from .tree import MAX_CATEGORY_DEPTH, Brand, Category, CategoryAncestor, TreeState

__all__ = [
    "MAX_CATEGORY_DEPTH",
    "MAX_OPTIONS_TEXT",
    "MAX_OPTION_NAME",
    "MAX_OPTION_VALUE",
    "Brand",
    "Category",
    "CategoryAncestor",
    "Discount",
    "EditEvent",
    "ListingEdit",
    "ListingEvent",
    "ListingVersion",
    "OwnWord",
    "PriceChange",
    "Product",
    "ProductImage",
    "SaleEvent",
    "SaleTarget",
    "SearchEntry",
    "SearchGram",
    "SearchWord",
    "SizeClass",
    "StagedPicture",
    "StockMove",
    "TreeState",
    "Variant",
    "VersionPicture",
    "full_title",
    "options_text",
]
