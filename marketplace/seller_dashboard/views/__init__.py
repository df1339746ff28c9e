"""The seller's workspace, one module an area."""

from .changes import begin_change, cancel_change, take_back_change
from .coupons import coupon, coupons, new_coupon, resume, stop
from .editor import categories, edit, hand_in, keep, new, preview
from .editor_pictures import add_pictures, describe_picture, sort_pictures
from .fetching import listing_pick_up
from .home import home
from .imports import (
    export,
    export_zip,
    import_cancel,
    import_page,
    import_pictures,
    import_report,
    import_start,
    imports,
)
from .listings import duplicate, listing, listings, move_many, move_one, take_back
from .offers import offer, price, stock
from .sales import end_discount, end_event, event, reduce, sales
from .settings import (
    settings,
    settings_back,
    settings_delivery,
    settings_picture,
    settings_shop,
    settings_tax,
    settings_vacation,
)
from .shipments import pack, parcel_listing, reissue, shipment

__all__ = [
    "add_pictures",
    "begin_change",
    "cancel_change",
    "categories",
    "coupon",
    "coupons",
    "describe_picture",
    "duplicate",
    "edit",
    "end_discount",
    "end_event",
    "event",
    "export",
    "export_zip",
    "hand_in",
    "home",
    "import_cancel",
    "import_page",
    "import_pictures",
    "import_report",
    "import_start",
    "imports",
    "keep",
    "listing",
    "listing_pick_up",
    "listings",
    "move_many",
    "move_one",
    "new",
    "new_coupon",
    "offer",
    "pack",
    "parcel_listing",
    "preview",
    "price",
    "reduce",
    "reissue",
    "resume",
    "sales",
    "settings",
    "settings_back",
    "settings_delivery",
    "settings_picture",
    "settings_shop",
    "settings_tax",
    "settings_vacation",
    "shipment",
    "sort_pictures",
    "stock",
    "stop",
    "take_back",
    "take_back_change",
]
