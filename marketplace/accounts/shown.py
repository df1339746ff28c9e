"""What the forms about a shop were drawn for (marketplace/common/shown.py)."""

from datetime import datetime

from marketplace.common.shown import mark_of

from .models import SavedAddress, SellerProfile


def mark_of_shop(shop: SellerProfile) -> str:
    """A mark of what a shop says of itself."""
    return mark_of("shop", shop.pk, shop.shop_name, shop.about, shop.ships_from)


def mark_of_vacation(shop: SellerProfile) -> str:
    """A mark of a shop's vacation."""
    return mark_of("vacation", shop.pk, _at(shop.away_from), _at(shop.away_until), shop.away_note)


def mark_of_tax(shop: SellerProfile) -> str:
    """A mark of whether a shop's seller is a small business."""
    return mark_of("tax of shop", shop.pk, shop.is_small_business)


def mark_of_suspension(shop: SellerProfile) -> str:
    """A mark of a shop's suspension: a later one is another."""
    return mark_of("shop suspension", shop.pk, _at(shop.suspended_at))


def mark_of_address(address: SavedAddress) -> str:
    """A mark of what a saved address says."""
    facts = (
        address.label,
        address.name,
        address.phone,
        address.address,
        address.lat,
        address.lng,
        address.notes,
    )
    return mark_of("address", address.pk, *facts)


def _at(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None
