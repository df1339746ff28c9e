"""What a cancellation before the pick-up does to a shipment: a step of delivery.services.cancelling.

People cancel there, where the courier who was coming for it is told, too.
"""

from collections.abc import Mapping

from django.db.models import BigIntegerField, Case, F, Value, When
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.texts import clean_reason
from marketplace.coupons.reducing import kept_part
from marketplace.coupons.services.steps import give_back as give_use_back
from marketplace.notifications.services import Notice, notify_many
from marketplace.orders.models import Shipment, ShipmentLine
from marketplace.orders.notices import SHIPMENT_CANCELLED, to_buyer, to_seller
from marketplace.orders.states import BEFORE_PICK_UP, ShipmentStatus
from marketplace.orders.taxes import save_tax
from marketplace.points.services import award_points
from marketplace.products.services import lock_variants, return_stock
from marketplace.wallet.services import release_hold

from .delivering import reduce_delivery
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

    Their money and stock go back, and of the delivery what it costs less for what is left; what is left keeps its part
    of a coupon. Buyer and seller are told; the last pieces cancel the shipment, give the use of its coupon back, and it
    costs a seller points, once a shipment. An inner step: the
    caller has the locks of the order and the shipment (`lock_shipment`) and no variant's or wallet's, and asked
    `require_cancellable`. Returns the shipment's lines. Raises `StaleState` for a line of which nothing is left,
    and `Invalid` (field "quantity") for more pieces than are.
    """
    lines = list(ShipmentLine.objects.filter(shipment=shipment))
    if quantities is None:
        quantities = {line.pk: line.kept_quantity for line in lines if line.kept_quantity}
    before = shipment.total
    returned: dict[int, int] = {}
    for line in lines:
        if line.pk in quantities:
            number = _require_kept(line, quantities[line.pk])
            before_line = line.total
            line.cancelled_quantity += number
            line.coupon_off = kept_part(line.coupon_agreed, kept=line.kept_quantity, quantity=line.quantity)
            shipment.total -= before_line - line.total
            returned[line.variant_id] = number
    pieces = sum(returned.values())
    cause = _cause(shipment, lines)
    _write_lines([line for line in lines if line.pk in quantities], quantities)
    save_tax(lines)
    kept = [line.variant_id for line in lines if line.kept_quantity]
    changed = ["total", *reduce_delivery(shipment, kept)]
    refund = before - shipment.total
    if kept:
        shipment.save(update_fields=changed)
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
        advance(shipment, ShipmentStatus.CANCELLED, actor_id=actor.pk, reason=reason, also_save=changed)
    if shipment.coupon_id and not kept:
        give_use_back(shipment.coupon_id, order=shipment.order.number)
    return_stock(variants=lock_variants(returned), quantities=returned, cause=cause)
    if actor.pk == shipment.seller_id:
        award_points(
            seller_id=shipment.seller_id,
            amount=-POINTS_FOR_CANCELLING,
            cause="shipment_cancelled",
            key=f"{shipment.hold_key}:seller_cancelled",
            reason=reason,
        )
    notify_many(_notices(shipment, cause, refund, pieces, actor, reason))
    if refund:  # of goods that a coupon made next to nothing, a piece may be worth less than a minor unit
        release_hold(open_key=shipment.hold_key, amount=refund, key=f"{cause}:released")
    return lines


def _write_lines(lines: list[ShipmentLine], quantities: Mapping[int, int]) -> None:
    """Write what was cancelled of these lines, and what a coupon still takes off them, in one statement."""

    def by_line(values: Mapping[int, int]) -> Combinable:
        whens = (When(pk=line_id, then=Value(value)) for line_id, value in values.items())
        return Case(*whens, output_field=BigIntegerField())

    changes: dict[str, Combinable] = {"cancelled_quantity": F("cancelled_quantity") + by_line(quantities)}
    if any(line.coupon_agreed for line in lines):
        changes["coupon_off"] = by_line({line.pk: line.coupon_off for line in lines})
    ShipmentLine.objects.filter(pk__in=list(quantities)).update(**changes)


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
