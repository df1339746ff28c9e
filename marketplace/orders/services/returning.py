"""A parcel that nobody took comes back: all of it."""

from django.db.models import F

from marketplace.orders.models import Shipment, ShipmentLine
from marketplace.orders.states import ShipmentStatus
from marketplace.products.services import lock_variants, return_stock

from .delivering import ask_for_the_way
from .shipments import advance


def take_back(shipment: Shipment, *, actor_id: int | None, reason: str = "", extra: int = 0) -> None:
    """End a RETURNING shipment as RETURNED: every kept piece goes back into stock.

    It costs its buyer nothing more, but for its way where they did not take it, with `extra` minor units for further
    tries and waiting (`ask_for_the_way`); a coupon stays used, for the parcel was brought. An inner step: the caller
    has the locks of the order and the shipment (`lock_shipment`) and no variant's or wallet's yet, and gives back what
    is held for it (`give_back`), in the same transaction. Raises `InvalidTransition`.
    """
    changed = ask_for_the_way(shipment, extra)
    advance(shipment, ShipmentStatus.RETURNED, actor_id=actor_id, reason=reason, also_save=changed)
    lines = ShipmentLine.objects.filter(shipment=shipment)
    pieces = {line.variant_id: line.kept_quantity for line in lines if line.kept_quantity}
    lines.update(returned_quantity=F("quantity") - F("cancelled_quantity"), coupon_off=0, tax=0)
    return_stock(variants=lock_variants(pieces), quantities=pieces, cause=f"{shipment.hold_key}:returned")
