"""Completing a delivered shipment: its seller is paid, by the buyer's word or an admin's.

The paying is a step of the orders' (`settle`), which know nothing of proofs. The clock's own way to it is
`orders.services.complete_due`.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import StaleState
from marketplace.common.texts import clean_reason
from marketplace.common.transactions import service
from marketplace.delivery.models import SHIPMENT, Proof
from marketplace.delivery.shown import require_as_shown
from marketplace.delivery.states import ProofStatus, Purpose
from marketplace.orders.models import Shipment
from marketplace.orders.services.settlement import require_settleable, settle
from marketplace.orders.states import ShipmentStatus

from .jobs import consignment_key
from .locks import lock_shipment


def require_completable(actor: Actor, shipment: Shipment, proofs: Iterable[Proof] | None = None) -> None:
    """Whether `actor` may have the seller of this shipment paid as it is now.

    Raises as `require_settleable`. Besides, `StaleState` for staff where staff confirmed the delivery without
    the PIN and its buyer may still look it over: else one person alone could say that it arrived and pay
    for it. The buyer may complete it at once. `proofs` are all of the shipment's, for a page that has read them.
    """
    require_settleable(actor, shipment)
    if actor.pk != shipment.order.buyer_id and _is_looked_over(shipment, proofs):
        raise StaleState(
            _("It was confirmed without the PIN: until its time is up, only its buyer can complete it.")
        )


@service
def complete_shipment(
    *, shipment_id: int, actor: Actor, reason: str = "", expected: str | None = None
) -> Shipment:
    """Pay the seller of a delivered shipment out of what its buyer's wallet holds for it, less the fee.

    The buyer may say so any time after the delivery, staff with a reason, the clock once `completes_at` has
    come; nobody while part of it is frozen. What is completed already stays so: a success that changes
    nothing. Raises `PermissionDenied`, `Invalid` (field "reason") and `StaleState`, also where it is not as
    `expected` (marketplace/delivery/shown.py).
    """
    shipment = lock_shipment(shipment_id)
    authorize(actor, "orders.complete_shipment", shipment)
    if shipment.status == ShipmentStatus.COMPLETED:
        return shipment
    require_completable(actor, shipment)
    require_as_shown(expected, shipment)
    reason = clean_reason(
        reason,
        required=actor.pk not in (None, shipment.order.buyer_id),
        missing=_("Please say why: it stays with the payment."),
    )
    settle(shipment, actor=actor, reason=reason)
    return shipment


def _is_looked_over(shipment: Shipment, proofs: Iterable[Proof] | None) -> bool:
    """Whether a delivered shipment arrived without its PIN and the time to look it over runs."""
    assert shipment.completes_at, "what was delivered has one"
    if clock.now() >= shipment.completes_at:
        return False
    if proofs is None:
        proofs = Proof.objects.filter(consignment__key=consignment_key(SHIPMENT, shipment.pk))
    return any(proof.purpose == Purpose.DELIVERY and proof.status == ProofStatus.BYPASSED for proof in proofs)
