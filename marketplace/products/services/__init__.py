"""Everything that changes the catalogue. Nothing outside this package writes its rows."""

from marketplace.products.locking import lock_products, lock_variants

from .categories import create_brand, create_category, move_category, set_tax_class
from .confirming import (
    decide_edit,
    require_edit_submittable,
    require_edit_withdrawable,
    submit_edit,
    withdraw_edit,
)
from .duplicating import duplicate_listing
from .editing import Changes, edit_listing
from .events import end_sale_event, open_sale_event, run_own_event, take_part
from .fetching import choose_pick_up
from .images import (
    MAX_IMAGES,
    add_image,
    describe_image,
    remove_image,
    reorder_images,
    show_option,
)
from .imports import Figures, NewProduct, import_figures, import_products
from .listings import begin_listing, change_price, create_product, publish
from .locked import EDITABLE, require_editable
from .offering import MOST_AT_ONCE, Move, Moved, move_listing, move_listings, require_movable
from .renaming import call_shop_anew
from .review import decide_listing, require_submittable, require_withdrawable, submit, withdraw
from .sales import create_discount, create_discounts, create_sale_event, end_discount, refresh_prices
from .staged_pictures import (
    describe_staged_picture,
    sort_staged_pictures,
    stage_picture,
    unstage_picture,
)
from .staging import (
    begin_edit,
    cancel_edit,
    change_edit,
    require_edit_cancellable,
    require_edit_changeable,
    require_stageable,
)
from .stock import change_stock, count_stock, refresh_popularity, return_stock, take_stock
from .variants import COLUMNS, MAX_OPTIONS, MAX_VARIANTS, NewVariant, Options, set_variants

__all__ = [
    "COLUMNS",
    "EDITABLE",
    "MAX_IMAGES",
    "MAX_OPTIONS",
    "MAX_VARIANTS",
    "MOST_AT_ONCE",
    "Changes",
    "Figures",
    "Move",
    "Moved",
    "NewProduct",
    "NewVariant",
    "Options",
    "add_image",
    "begin_edit",
    "begin_listing",
    "call_shop_anew",
    "cancel_edit",
    "change_edit",
    "change_price",
    "change_stock",
    "choose_pick_up",
    "count_stock",
    "create_brand",
    "create_category",
    "create_discount",
    "create_discounts",
    "create_product",
    "create_sale_event",
    "decide_edit",
    "decide_listing",
    "describe_image",
    "describe_staged_picture",
    "duplicate_listing",
    "edit_listing",
    "end_discount",
    "end_sale_event",
    "import_figures",
    "import_products",
    "lock_products",
    "lock_variants",
    "move_category",
    "move_listing",
    "move_listings",
    "open_sale_event",
    "publish",
    "refresh_popularity",
    "refresh_prices",
    "remove_image",
    "reorder_images",
    "require_edit_cancellable",
    "require_edit_changeable",
    "require_edit_submittable",
    "require_edit_withdrawable",
    "require_editable",
    "require_movable",
    "require_stageable",
    "require_submittable",
    "require_withdrawable",
    "return_stock",
    "run_own_event",
    "set_tax_class",
    "set_variants",
    "show_option",
    "sort_staged_pictures",
    "stage_picture",
    "submit",
    "submit_edit",
    "take_part",
    "take_stock",
    "unstage_picture",
    "withdraw",
    "withdraw_edit",
]
