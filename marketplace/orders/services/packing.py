"""Packing: the seller says that a shipment is ready for its courier."""

from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import StaleState
from marketplace.common.locking import lock_row
from marketplace.common.transactions import service
from marketplace.orders.models import Shipment
from marketplace.orders.states import BEFORE_PICK_UP


def require_packable(actor: Actor, shipment: Shipment) -> None:
    """Whether `actor` may say that this shipment is packed, as it is now.

    Raises `PermissionDenied`, and `StaleState` once it was packed, picked up or cancelled.
    """
    authorize(actor, "orders.pack_shipment", shipment)
    if shipment.packed_at and shipment.status in BEFORE_PICK_UP:
        raise StaleState(_("This parcel is packed already."))
    if shipment.status not in BEFORE_PICK_UP:
        raise StaleState(_("This parcel is not waiting to be packed any more."))


@service
def pack_shipment(*, shipment_id: int, actor: Actor) -> Shipment:
    """The seller (or staff) says that the parcel is packed; saying it again keeps the first moment.

    Raises `PermissionDenied`, and `StaleState` once it was picked up or cancelled.
    """
    shipment = lock_row(Shipment, shipment_id)
    authorize(actor, "orders.pack_shipment", shipment)
    if shipment.packed_at:
        return shipment
    require_packable(actor, shipment)
    shipment.packed_at = clock.now()
    shipment.save(update_fields=["packed_at"])
    return shipment
