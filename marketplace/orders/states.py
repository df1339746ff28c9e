"""Shipments and the orders derived from them (shared STATES.md)."""

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
BEFORE_PICK_UP = (ShipmentStatus.PLACED, ShipmentStatus.PROCESSING)
FINAL = (ShipmentStatus.COMPLETED, ShipmentStatus.RETURNED, ShipmentStatus.CANCELLED)


class OrderStatus(models.TextChoices):
    PLACED = "placed", _("Placed")
    PROCESSING = "processing", _("Getting ready")
    SHIPPED = "shipped", _("On its way")
    DELIVERED = "delivered", _("Delivered")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
