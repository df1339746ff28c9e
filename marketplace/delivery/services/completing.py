"""Completing, for the faces: as the orders' own, and nobody cuts short what a buyer has who gave no PIN.

The orders' function knows nothing of proofs and stays inside (pyproject.toml holds the faces to it).
"""

from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.authorisation import authorize
from marketplace.common.errors import StaleState
from marketplace.common.transactions import service
from marketplace.delivery.models import Proof
from marketplace.delivery.states import ProofStatus, Purpose
from marketplace.orders.models import Shipment
from marketplace.orders.services import settlement
from marketplace.orders.states import ShipmentStatus

from .locks import lock_shipment


@service
def complete_shipment(*, shipment_id: int, actor: User | None, reason: str = "") -> Shipment:
    """Pay the seller of a delivered shipment.

    As `orders.services.settlement.complete_shipment`, which says who may and what it raises. Besides,
    `StaleState` for staff where staff confirmed the delivery without the PIN and its buyer may still look it
    over: else one person alone could say that it arrived and pay for it. The buyer may complete it at once.
    """
    shipment = lock_shipment(shipment_id)
    authorize(actor, "orders.complete_shipment", shipment)
    by_staff = actor is not None and actor.pk != shipment.order.buyer_id
    if by_staff and _is_looked_over(shipment):
        raise StaleState(
            _("It was confirmed without the PIN: until its time is up, only its buyer can complete it.")
        )
    return settlement.complete_shipment(shipment_id=shipment_id, actor=actor, reason=reason)


def _is_looked_over(shipment: Shipment) -> bool:
    """Whether a locked shipment arrived without its PIN and the time to look it over runs."""
    if shipment.status != ShipmentStatus.DELIVERED or clock.now() >= shipment.completes_at:
        return False
    return Proof.objects.filter(
        shipment=shipment, purpose=Purpose.DELIVERY, status=ProofStatus.BYPASSED
    ).exists()
