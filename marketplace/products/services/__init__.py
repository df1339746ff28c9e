"""Everything that changes the catalogue. Nothing outside this package writes its rows."""

from .categories import create_brand, create_category, move_category
from .images import add_image, remove_image, reorder_images
from .imports import Figures, NewProduct, import_figures, import_products
from .listings import change_price, create_product, publish, submit
from .sales import create_discount, create_sale_event, end_discount, refresh_prices
from .stock import change_stock, lock_products, refresh_popularity, return_stock, take_stock

__all__ = [
    "Figures",
    "NewProduct",
    "add_image",
    "change_price",
    "change_stock",
    "create_brand",
    "create_category",
    "create_discount",
    "create_product",
    "create_sale_event",
    "end_discount",
    "import_figures",
    "import_products",
    "lock_products",
    "move_category",
    "publish",
    "refresh_popularity",
    "refresh_prices",
    "remove_image",
    "reorder_images",
    "return_stock",
    "submit",
    "take_stock",
]
