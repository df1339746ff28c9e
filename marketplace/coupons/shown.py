"""What the forms about a coupon were drawn for (marketplace/common/shown.py)."""

from marketplace.common import shown

from .models import Coupon


def mark_of_coupon(coupon: Coupon) -> str:
    """A mark of what a coupon's page said of its terms. A use changes nothing in it."""
    return shown.mark_of("coupon", coupon.pk, coupon.version)


def require_as_shown(expected: str | None, coupon: Coupon) -> None:
    """Raise `StaleState` unless this locked coupon still is as a form was drawn for."""
    shown.require_as_shown(expected, mark_of_coupon(coupon))
