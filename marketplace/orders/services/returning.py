"""A parcel that nobody took comes back: all of it, its money and its stock."""

from collections.abc import Mapping

from django.db.models import F

from marketplace.common.transactions import service
from marketplace.orders.models import Shipment, ShipmentLine
from marketplace.orders.states import ShipmentStatus
from marketplace.products.services import lock_products, return_stock
from marketplace.wallet.services import release_hold

from .checkout import hold_key
from .shipments import advance


@service
def take_back(
    shipment: Shipment, *, actor_id: int | None, reason: str = "", from_fees: Mapping[int, int] | None = None
) -> int:
    """End a RETURNING shipment as RETURNED: the whole hold to the buyer, every kept piece back into stock.

    `shipment` is locked, with its order, and the caller holds no product's or wallet's lock yet.
    `from_fees` (person → minor units) is what the store pays whoever brought it back. Returns the
    refund in minor units. Raises `InvalidTransition`.
    """
    refund, shipment.total = shipment.total, 0
    advance(shipment, ShipmentStatus.RETURNED, actor_id=actor_id, reason=reason, also_save=["total"])
    lines = ShipmentLine.objects.filter(shipment=shipment)
    pieces = {line.product_id: line.kept_quantity for line in lines if line.kept_quantity}
    lines.update(returned_quantity=F("quantity") - F("cancelled_quantity"))
    cause = f"{hold_key(shipment)}:returned"
    lock_products(pieces)
    return_stock(quantities=pieces, cause=cause)
    release_hold(open_key=hold_key(shipment), key=f"{cause}:released", from_fees=from_fees)
    return refund
