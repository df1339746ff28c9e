"""The way of a shipment as steps: what is done, where it is now, what is to come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from marketplace.orders.models import Shipment, ShipmentEvent
from marketplace.orders.states import GOES_BACK, ShipmentStatus


@dataclass(frozen=True)
class Step:
    """A step of a timeline (templates/components/timeline.html). `photo` is the public name of one."""

    label: str
    state: str
    at: datetime | None = None
    note: str = ""
    photo: str = ""


_WAY = (
    (ShipmentStatus.PLACED, "placed_at"),
    (ShipmentStatus.PROCESSING, "claimed_at"),
    (ShipmentStatus.SHIPPED, "picked_up_at"),
    (ShipmentStatus.DELIVERED, "delivered_at"),
    (ShipmentStatus.COMPLETED, "completed_at"),
)
_ENDS_EARLY = (ShipmentStatus.CANCELLED, *GOES_BACK)


def steps_of(
    shipment: Shipment, events: Iterable[ShipmentEvent], tries: Iterable[Step] = (), *, say_why: bool = True
) -> list[Step]:
    """The steps of a shipment, or where it ended early; `tries` at the door stand after "On its way".

    `say_why` False leaves out what people wrote (for whoever only has a link).
    """
    steps_done = {event.to_status: event for event in events if event.is_step}
    ended_early = shipment.status in _ENDS_EARLY
    steps = []
    before = True
    for status, column in _WAY:
        if status == shipment.status:
            state = "done" if status == ShipmentStatus.COMPLETED else "now"
            before = False
        elif (ended_early and status in steps_done) or (not ended_early and before):
            state = "done"
        else:
            state = ""
        if state or not ended_early:
            at = getattr(shipment, column) if state else None
            steps.append(Step(str(status.label), state, at, _waits_for(shipment) if state == "now" else ""))
        if status == ShipmentStatus.SHIPPED and state:
            steps += tries
    return steps + _early_end(shipment, steps_done, say_why) if ended_early else steps


def _waits_for(shipment: Shipment) -> str:
    """What the step that a shipment is at waits for."""
    if shipment.status == ShipmentStatus.PLACED:
        return _("Packed; it waits for a courier.") if shipment.packed_at else _("The seller packs it.")
    if shipment.status == ShipmentStatus.PROCESSING:
        return _("A courier comes to fetch it.")
    return ""


def _early_end(shipment: Shipment, steps_done: dict[str, ShipmentEvent], say_why: bool) -> list[Step]:
    """The steps of a shipment that does not reach its buyer."""
    steps = []
    for status in _ENDS_EARLY:
        event = steps_done.get(status)
        if status != shipment.status and event is None:
            continue
        steps.append(
            Step(
                str(status.label),
                "trouble",
                event.at if event else None,
                event.reason if event and say_why else "",
            )
        )
    return steps
