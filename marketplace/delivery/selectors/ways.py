"""The way of parcels with what happened at the door: for their buyer, their seller and staff."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.delivery.models import SHIPMENT, Attempt
from marketplace.delivery.states import MAX_ATTEMPTS, AttemptOutcome, FailReason, Purpose
from marketplace.orders.models import Shipment, ShipmentEvent
from marketplace.orders.selectors import Step, steps_of
from marketplace.orders.states import ShipmentStatus

from .proofs import Handover, ProofView, proofs_of


@dataclass(frozen=True)
class Try:
    """A try at the door that did not succeed. `counts` is False for one that staff took back."""

    number: int
    why: str
    note: str
    photo: str
    at: datetime
    counts: bool


@dataclass(frozen=True)
class Way:
    """A shipment's steps and what is to be shown at the door. Each proof is there only for who shows it.

    `handover` is how it reached its buyer, `came_back` how it reached its seller again.
    """

    steps: list[Step]
    tries: list[Try]
    proof: ProofView | None
    return_proof: ProofView | None
    handover: Handover | None
    came_back: Handover | None

    @property
    def tries_left(self) -> int:
        """How many more failed tries there may be before the parcel goes back."""
        return max(0, MAX_ATTEMPTS - sum(one.counts for one in self.tries))


def ways_of(user: User, stories: Iterable[tuple[Shipment, Iterable[ShipmentEvent]]]) -> dict[int, Way]:
    """The ways of shipments, given with their events, as `user` may see them; by id, in two queries."""
    stories = list(stories)
    shipments = [shipment for shipment, _events in stories]
    proofs = proofs_of(shipments)
    tries = _tries_of(shipments)
    return {
        shipment.pk: Way(
            steps=_said_once(steps_of(shipment, events, _try_steps(shipment, tries.get(shipment.pk, [])))),
            tries=tries.get(shipment.pk, []),
            proof=proofs.shown_to(user, shipment, Purpose.DELIVERY),
            return_proof=proofs.shown_to(user, shipment, Purpose.RETURN),
            handover=proofs.handover(shipment, Purpose.DELIVERY),
            came_back=proofs.handover(shipment, Purpose.RETURN),
        )
        for shipment, events in stories
    }


def _tries_of(shipments: Iterable[Shipment]) -> dict[int, list[Try]]:
    """The tries that did not succeed, by shipment, oldest first."""
    found: dict[int, list[Try]] = {}
    rows = Attempt.objects.filter(
        consignment__kind=SHIPMENT, consignment__shipment__in=[shipment.pk for shipment in shipments]
    )
    for row in rows.exclude(outcome=AttemptOutcome.SUCCEEDED).select_related("consignment").order_by("pk"):
        found.setdefault(row.shipment_id, []).append(
            Try(
                number=row.number,
                why=str(FailReason(row.reason).label),
                note=row.note,
                photo=row.public_id if row.photo else "",
                at=row.at,
                counts=row.outcome == AttemptOutcome.FAILED,
            )
        )
    return found


def _try_steps(shipment: Shipment, tries: list[Try]) -> list[Step]:
    """The tries as steps of the timeline; the last says what comes next while the parcel is still out."""
    steps = []
    for one in tries:
        notes = [_("“%(words)s”") % {"words": one.note}] if one.note else []
        if not one.counts:
            notes.append(_("The store took this back: it does not count."))
        elif one is tries[-1] and shipment.status == ShipmentStatus.SHIPPED:
            notes.append(_("The courier will come again."))
        state = "trouble" if one.counts else "done"
        steps.append(Step(one.why, state, one.at, " ".join(notes), one.photo))
    return steps


def _said_once(steps: list[Step]) -> list[Step]:
    """The steps without the courier's reason for going back: the try before it says it already."""
    return [replace(step, note="") if step.note in FailReason.values else step for step in steps]
