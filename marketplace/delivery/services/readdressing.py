"""Another address for an order that nobody has picked up: the buyer moves it, couriers who were coming are told."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from marketplace.accounts.address_book import AddressWish
from marketplace.accounts.saved import AddressKind
from marketplace.accounts.selectors import addresses_of
from marketplace.common import clock
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.locking import lock_all, lock_row
from marketplace.common.transactions import service
from marketplace.delivery.models import Delivery
from marketplace.delivery.notices import ADDRESS_CHANGED, to_courier
from marketplace.delivery.shown import require_order_as_shown
from marketplace.notifications.services import notify_many
from marketplace.orders.models import Order, Shipment
from marketplace.orders.services.placing import Address, Recipient, destination_of
from marketplace.orders.services.readdressing import give_difference_back, goes_there, readdress
from marketplace.orders.states import BEFORE_PICK_UP, ShipmentStatus


def require_readdressable(actor: Actor, order: Order, shipments: Sequence[Shipment]) -> None:
    """Whether `actor` may send this order elsewhere, with its shipments as they are now.

    An order has one door, so all that is left of it must wait for its pick-up. Raises `PermissionDenied`, and
    `StaleState` once a parcel of it was picked up, or nothing is left.
    """
    authorize(actor, "delivery.change_address", order)
    left = [shipment for shipment in shipments if shipment.status != ShipmentStatus.CANCELLED]
    if not left:
        raise StaleState(_("Nothing of this order is on its way any more."))
    if any(shipment.status not in BEFORE_PICK_UP for shipment in left):
        raise StaleState(_("A courier has picked up a parcel of this order: its address stays as it is."))


@service
def change_order_address(
    *,
    order_id: int,
    recipient: Recipient,
    to: str = "",
    new_address: AddressWish | None = None,
    actor: Actor,
    expected: str | None = None,
) -> Order:
    """The buyer sends an order elsewhere before its pick-up: to the saved address `to`, or a new one.

    Every parcel's history says so, without the address; couriers who have claimed one are told. What is so already
    changes nothing. A delivery that is cheaper there costs less from now on, and the difference goes back to the
    buyer. Raises `Invalid` (field "to") where one would be dearer or too far, and for an address that is saved no
    more; `StaleState` once something was picked up and where it is not as `expected` (`shown.mark_of_address`),
    PermissionDenied for everybody but the buyer, `Order.DoesNotExist`.
    """
    order = lock_row(Order, order_id)
    shipments = lock_all(Shipment.objects.filter(order=order))
    require_readdressable(actor, order, shipments)
    door = _door(order.buyer_id, to, new_address)
    if goes_there(order, recipient=recipient, door=door):
        return order
    require_order_as_shown(expected, order)
    totals = {shipment.pk: shipment.total for shipment in shipments}
    moved = readdress(order, shipments, recipient=recipient, door=door, actor_id=actor.pk)
    _tell_couriers(moved)
    for shipment in moved:
        give_difference_back(shipment, totals[shipment.pk])
    return order


def _door(buyer_id: int, to: str, new_address: AddressWish | None) -> Address:
    if new_address is not None:
        return destination_of(new_address)
    saved = addresses_of(buyer_id, AddressKind.DOOR).filter(public_id=to).first()
    if saved is None:
        raise Invalid(_("This address is saved no more. Please choose another one."), field="to")
    return Address(saved.address, saved.place)


def _tell_couriers(shipments: Sequence[Shipment]) -> None:
    jobs = Delivery.objects.filter(live_key__isnull=False, consignment__shipment__in=shipments)
    event = f"readdressed:{clock.now():%Y%m%dT%H%M%S%f}"
    notify_many([to_courier(job, ADDRESS_CHANGED, event) for job in jobs.select_related("consignment")])
