"""Applying for a role, deciding about it, and closing a shop."""

from .applying import apply, require_may_apply, send_again, withdraw_application
from .deciding import decide_application, require_application_decidable
from .pictures import remove_shop_picture, save_shop_picture
from .shops import lift_shop_suspension, require_liftable, require_suspendable, suspend_shop

__all__ = [
    "apply",
    "decide_application",
    "lift_shop_suspension",
    "remove_shop_picture",
    "require_application_decidable",
    "require_liftable",
    "require_may_apply",
    "require_suspendable",
    "save_shop_picture",
    "send_again",
    "suspend_shop",
    "withdraw_application",
]
