"""Shipments and the orders derived from them (docs/states.md)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ShipmentStatus(models.TextChoices):
    PLACED = "placed", _("Placed")
    PROCESSING = "processing", _("Getting ready")
    SHIPPED = "shipped", _("On its way")
    DELIVERED = "delivered", _("Delivered")
    COMPLETED = "completed", _("Completed")
    RETURNING = "returning", _("Coming back")
    RETURNED = "returned", _("Returned")
    CANCELLED = "cancelled", _("Cancelled")


SHIPMENT_NEXT = {
    ShipmentStatus.PLACED: {ShipmentStatus.PROCESSING, ShipmentStatus.CANCELLED},
    ShipmentStatus.PROCESSING: {ShipmentStatus.PLACED, ShipmentStatus.SHIPPED, ShipmentStatus.CANCELLED},
    ShipmentStatus.SHIPPED: {ShipmentStatus.DELIVERED, ShipmentStatus.RETURNING},
    ShipmentStatus.RETURNING: {ShipmentStatus.RETURNED},
    ShipmentStatus.DELIVERED: {ShipmentStatus.COMPLETED},
    ShipmentStatus.COMPLETED: set(),
    ShipmentStatus.RETURNED: set(),
    ShipmentStatus.CANCELLED: set(),
}
# Sets of states that rules and pages name; whoever asks for one of them takes it from here.
BEFORE_PICK_UP = (ShipmentStatus.PLACED, ShipmentStatus.PROCESSING)
ON_THE_WAY = (ShipmentStatus.SHIPPED, ShipmentStatus.RETURNING)
GOES_BACK = (ShipmentStatus.RETURNING, ShipmentStatus.RETURNED)
REFUNDED = (ShipmentStatus.RETURNED, ShipmentStatus.CANCELLED)
FINAL = (ShipmentStatus.COMPLETED, ShipmentStatus.RETURNED, ShipmentStatus.CANCELLED)


class OrderStatus(models.TextChoices):
    PLACED = "placed", _("Placed")
    PROCESSING = "processing", _("Getting ready")
    SHIPPED = "shipped", _("On its way")
    DELIVERED = "delivered", _("Delivered")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


# One colour a meaning across the whole store (templates/components/status_pill.html).
TONES = {
    "placed": "waiting",
    "processing": "moving",
    "shipped": "moving",
    "returning": "moving",
    "delivered": "done",
    "completed": "done",
    "returned": "trouble",
    "cancelled": "trouble",
}


def not_possible(before: str, to: str) -> str:
    """The sentence for a step that is not there any more."""
    return _("This shipment is “%(before)s” now; it cannot become “%(to)s”.") % {
        "before": ShipmentStatus(before).label,
        "to": ShipmentStatus(to).label,
    }
