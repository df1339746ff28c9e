"""Cancelling before pick-up: a shipment, a line, or some pieces of it."""

from collections.abc import Mapping

from django.db.models import Case, F, IntegerField, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.accounts.models import User
from marketplace.common import idempotency
from marketplace.common.authorisation import authorize
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.transactions import service
from marketplace.notifications.models import Kind
from marketplace.notifications.services import Notice, notify_many
from marketplace.orders.models import Shipment, ShipmentLine
from marketplace.orders.states import BEFORE_PICK_UP, ShipmentStatus
from marketplace.points.services import award_points
from marketplace.products.services import lock_products, return_stock
from marketplace.wallet.services import release_hold

from .checkout import hold_key
from .shipments import advance, lock_shipment, record, refresh_order

MAX_REASON = 300
POINTS_FOR_CANCELLING = 20  # what a seller loses, once a shipment


@service
def cancel_shipment(*, shipment_id: int, actor: User | None, reason: str = "") -> Shipment:
    """Cancel all that is left of a shipment before its pick-up: its money and its stock go back.

    The buyer needs no reason; the seller (it costs points, once a shipment), staff and the clock
    (`actor` None) do. Cancelling what is cancelled already changes nothing. Raises
    `PermissionDenied`, `Invalid` (field "reason") and `StaleState` after the pick-up.
    """
    shipment = lock_shipment(shipment_id)
    authorize(actor, "orders.cancel_shipment", shipment)
    if shipment.status == ShipmentStatus.CANCELLED:
        return shipment
    reason = _require_reason(actor, shipment, reason)
    lines = list(ShipmentLine.objects.filter(shipment=shipment))
    _cancel(shipment, lines, {line.pk: line.kept_quantity for line in lines}, actor, reason)
    return shipment


@service
def cancel_line(
    *, line_id: int, quantity: int, actor: User | None, form_key: str, reason: str = ""
) -> ShipmentLine:
    """Cancel `quantity` pieces of a line before the pick-up; the last of a shipment cancel the shipment.

    As `cancel_shipment`. The same `form_key` again changes nothing. Raises `Invalid` (field
    "quantity") for more pieces than are left.
    """
    shipment_id = ShipmentLine.objects.values_list("shipment_id", flat=True).get(pk=line_id)
    done = idempotency.begin(
        form_key=form_key,
        user_id=actor.pk if actor else None,
        action="cancel_line",
        subject=line_id,
        payload={"quantity": quantity, "reason": reason},
        result=str(line_id),
    )
    if done:
        return ShipmentLine.objects.get(pk=line_id)
    shipment = lock_shipment(shipment_id)
    authorize(actor, "orders.cancel_shipment", shipment)
    reason = _require_reason(actor, shipment, reason)
    lines = list(ShipmentLine.objects.filter(shipment=shipment))
    line = next(line for line in lines if line.pk == line_id)
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
    _cancel(shipment, lines, {line.pk: quantity}, actor, reason)
    return line


def _require_reason(actor: User | None, shipment: Shipment, reason: str) -> str:
    reason = reason.strip()
    if len(reason) > MAX_REASON:
        raise Invalid(_("Please say it in 300 characters at most."), field="reason")
    if not reason and (actor is None or actor.pk != shipment.order.buyer_id):
        raise Invalid(_("Please say why: the buyer will read it."), field="reason")
    return reason


def _cancel(
    shipment: Shipment,
    lines: list[ShipmentLine],
    quantities: Mapping[int, int],
    actor: User | None,
    reason: str,
) -> None:
    """Take `quantities` (line id → pieces) out of a locked shipment, with all that follows."""
    if shipment.status not in BEFORE_PICK_UP:
        raise StaleState(_("This is on its way already; it can no longer be cancelled."))
    quantities = {line_id: number for line_id, number in quantities.items() if number}
    refund = 0
    returned: dict[int, int] = {}
    for line in lines:
        number = quantities.get(line.pk, 0)
        line.cancelled_quantity += number
        refund += number * line.unit_price
        if number:
            returned[line.product_id] = number
    cause = _cause(shipment, lines)
    actor_id = actor.pk if actor else None
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
            actor_id=actor_id,
            reason=reason,
            pieces=sum(quantities.values()),
            amount=refund,
        )
        refresh_order(shipment.order_id)
    else:
        advance(shipment, ShipmentStatus.CANCELLED, actor_id=actor_id, reason=reason, also_save=["total"])
    lock_products(returned)
    return_stock(quantities=returned, cause=cause)
    if actor_id == shipment.seller_id:
        award_points(
            seller_id=shipment.seller_id,
            amount=-POINTS_FOR_CANCELLING,
            cause="shipment_cancelled",
            key=f"{hold_key(shipment)}:seller_cancelled",
            reason=reason,
        )
    notify_many(_notices(shipment, cause, refund, sum(quantities.values()), actor_id, reason))
    release_hold(open_key=hold_key(shipment), amount=refund, key=f"{cause}:released")


def _cause(shipment: Shipment, lines: list[ShipmentLine]) -> str:
    """A name for this cancellation: cancelled pieces only ever grow, so no two share it."""
    return f"{hold_key(shipment)}:cancelled:{sum(line.cancelled_quantity for line in lines)}"


def _notices(
    shipment: Shipment, cause: str, refund: int, pieces: int, actor_id: int | None, reason: str
) -> list[Notice]:
    """Tell the buyer and the seller, but not whoever did it."""
    extra = {
        "number": shipment.order.number,
        "shipment": shipment.number,
        "amount": refund,
        "pieces": pieces,
    }
    if reason:
        extra["reason"] = reason
    to_buyer = Notice(shipment.order.buyer_id, Kind.SHIPMENT_CANCELLED, shipment, f"{cause}:buyer", extra)
    to_seller = Notice(
        shipment.seller_id, Kind.SHIPMENT_CANCELLED, shipment, f"{cause}:seller", extra | {"seller": True}
    )
    return [notice for notice in (to_buyer, to_seller) if notice.recipient_id != actor_id]
