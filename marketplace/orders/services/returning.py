"""A parcel that nobody took comes back: all of it."""

from django.db.models import F

from marketplace.orders.models import Shipment, ShipmentLine
from marketplace.orders.states import ShipmentStatus
from marketplace.products.services import lock_products, return_stock

from .shipments import advance


def take_back(shipment: Shipment, *, actor_id: int | None, reason: str = "") -> None:
    """End a RETURNING shipment as RETURNED: every kept piece goes back into stock, and it costs nothing more.

    An inner step: the caller has the locks of the order and the shipment (`lock_shipment`) and no product's
    or wallet's yet, and gives back what is held for it, in the same transaction. Raises `InvalidTransition`.
    """
    shipment.total = 0
    advance(shipment, ShipmentStatus.RETURNED, actor_id=actor_id, reason=reason, also_save=["total"])
    lines = ShipmentLine.objects.filter(shipment=shipment)
    pieces = {line.product_id: line.kept_quantity for line in lines if line.kept_quantity}
    lines.update(returned_quantity=F("quantity") - F("cancelled_quantity"))
    lock_products(pieces)
    return_stock(quantities=pieces, cause=f"{shipment.hold_key}:returned")
