"""The pages of the seller's workspace."""

from .looks import SELLER, Shown, shown

PAGES: dict[str, Shown] = {
    "seller_dashboard:home": shown(SELLER),
    "seller_dashboard:parcel": shown(
        SELLER, address=lambda world: {"number": world.shipments["returning"].number}
    ),
}
