"""What a cancellation before the pick-up does to a shipment: a step of delivery.services.cancelling.

People cancel there, where the courier who was coming for it is told, too.
"""

from collections.abc import Mapping

from django.db.models import Case, F, IntegerField, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.texts import clean_reason
from marketplace.notifications.services import Notice, notify_many
from marketplace.orders.models import Shipment, ShipmentLine
from marketplace.orders.notices import SHIPMENT_CANCELLED, to_buyer, to_seller
from marketplace.orders.states import BEFORE_PICK_UP, ShipmentStatus
from marketplace.points.services import award_points
from marketplace.products.services import lock_products, return_stock
from marketplace.wallet.services import release_hold

from .shipments import advance, record, refresh_order

POINTS_FOR_CANCELLING = 20  # what a seller loses, once a shipment


def require_cancellable(actor: Actor, shipment: Shipment) -> None:
    """Whether `actor` may cancel this shipment, or pieces of it, as it is now.

    Raises `PermissionDenied`, and `StaleState` once it was picked up or cancelled.
    """
    authorize(actor, "orders.cancel_shipment", shipment)
    if shipment.status == ShipmentStatus.CANCELLED:
        raise StaleState(_("This was cancelled before."))
    if shipment.status not in BEFORE_PICK_UP:
        raise StaleState(_("This is on its way already; it can no longer be cancelled."))


def reason_for_cancelling(actor: Actor, shipment: Shipment, reason: str) -> str:
    """`reason`, fit to be kept. The buyer needs none; the seller, staff and the clock do.

    Raises `Invalid` (field "reason").
    """
    return clean_reason(
        reason,
        required=actor.pk != shipment.order.buyer_id,
        missing=_("Please say why: the buyer will read it."),
    )


def cancel_pieces(
    shipment: Shipment, quantities: Mapping[int, int] | None = None, *, actor: Actor, reason: str
) -> list[ShipmentLine]:
    """Take `quantities` (line's pk → pieces; without, all that is left) out of a shipment, with all that follows.

    Their money and stock go back, buyer and seller are told; the last pieces cancel the shipment, and it
    costs a seller points, once a shipment. An inner step: the caller has the locks of the order and the
    shipment (`lock_shipment`) and no product's or wallet's, and asked `require_cancellable`. Returns the
    shipment's lines. Raises `StaleState` for a line of which nothing is left, and `Invalid` (field
    "quantity") for more pieces than are.
    """
    lines = list(ShipmentLine.objects.filter(shipment=shipment))
    if quantities is None:
        quantities = {line.pk: line.kept_quantity for line in lines if line.kept_quantity}
    refund = 0
    returned: dict[int, int] = {}
    for line in lines:
        if line.pk in quantities:
            number = _require_kept(line, quantities[line.pk])
            line.cancelled_quantity += number
            refund += number * line.unit_price
            returned[line.product_id] = number
    pieces = sum(returned.values())
    cause = _cause(shipment, lines)
    ShipmentLine.objects.filter(pk__in=list(quantities)).update(
        cancelled_quantity=F("cancelled_quantity")
        + Case(
            *(When(pk=line_id, then=Value(number)) for line_id, number in quantities.items()),
            output_field=IntegerField(),
        )
    )
    shipment.total -= refund
    if any(line.kept_quantity for line in lines):
        shipment.save(update_fields=["total"])
        record(
            shipment,
            shipment.status,
            shipment.status,
            actor_id=actor.pk,
            reason=reason,
            pieces=pieces,
            amount=refund,
        )
        refresh_order(shipment.order_id)
    else:
        advance(shipment, ShipmentStatus.CANCELLED, actor_id=actor.pk, reason=reason, also_save=["total"])
    lock_products(returned)
    return_stock(quantities=returned, cause=cause)
    if actor.pk == shipment.seller_id:
        award_points(
            seller_id=shipment.seller_id,
            amount=-POINTS_FOR_CANCELLING,
            cause="shipment_cancelled",
            key=f"{shipment.hold_key}:seller_cancelled",
            reason=reason,
        )
    notify_many(_notices(shipment, cause, refund, pieces, actor, reason))
    release_hold(open_key=shipment.hold_key, amount=refund, key=f"{cause}:released")
    return lines


def _require_kept(line: ShipmentLine, quantity: int) -> int:
    """`quantity`, if the line has as many pieces left."""
    if line.kept_quantity == 0:
        raise StaleState(_("This was cancelled before."))
    if not 1 <= quantity <= line.kept_quantity:
        raise Invalid(
            ngettext(
                "You can cancel %(count)d piece at most.",
                "You can cancel %(count)d pieces at most.",
                line.kept_quantity,
            )
            % {"count": line.kept_quantity},
            field="quantity",
        )
    return quantity


def _cause(shipment: Shipment, lines: list[ShipmentLine]) -> str:
    """A name for this cancellation: cancelled pieces only ever grow, so no two share it."""
    return f"{shipment.hold_key}:cancelled:{sum(line.cancelled_quantity for line in lines)}"


def _notices(
    shipment: Shipment, cause: str, refund: int, pieces: int, actor: Actor, reason: str
) -> list[Notice]:
    """Tell the buyer and the seller, but not whoever did it."""
    extra = {"amount": refund, "pieces": pieces} | ({"reason": reason} if reason else {})
    notices = [
        to_buyer(shipment, SHIPMENT_CANCELLED, f"{cause}:buyer", **extra),
        to_seller(shipment, SHIPMENT_CANCELLED, f"{cause}:seller", seller=True, **extra),
    ]
    return [notice for notice in notices if notice.recipient_id != actor.pk]
