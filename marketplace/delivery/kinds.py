"""What a step of a courier's job means for what is carried: a small table by kind of consignment.

A job knows doors, tries, PINs and the courier's fee, and nothing of what is in the parcel. A kind says the rest;
a domain above this one brings its own in its `consignments.py` (`KINDS`), found by name.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from django.db.models import QuerySet

from marketplace.common.authorisation import Actor
from marketplace.common.discovery import declared

from .models import Attempt, Consignment, Proof

if TYPE_CHECKING:
    from marketplace.accounts.models import User

    from .services.jobs import Job


class ConsignmentKind(Protocol):
    """What a kind says. Each step is called within the transaction of its service, after the job has taken it.

    The locks of order, shipment, job and proofs are held. What locks wallets locks the courier's with them:
    the fee is paid afterwards.
    """

    name: str
    """What its keys begin with: "shipment" of "shipment:7"."""

    def waiting(self, user: User) -> QuerySet[Any]:
        """What waits for a courier, without what `user` sends or receives, in rows for selectors/available.py
        (as `ShipmentKind` gives them, with what its courier would earn as `fee`)."""

    def require_waiting(self, consignment: Consignment) -> None:
        """Raise `AlreadyClaimed` or `StaleState` unless it waits for a courier."""

    def claimed(self, job: Job, actor: Actor) -> None:
        """A courier is coming for it."""

    def waits_again(self, job: Job, actor: Actor, reason: str) -> None:
        """Its courier will not come: it waits for another one."""

    def handed_over(self, job: Job, actor: Actor, reason: str) -> None:
        """Another courier has it now, at the same step."""

    def picked_up(self, job: Job, actor: Actor) -> None:
        """It is on its way, and its receiver has a PIN."""

    def waits_at_the_door(self, job: Job, number: int) -> None:
        """Its courier is at the receiver's door, for the try with this number, and waiting there costs something."""

    def failed(self, job: Job, attempt: Attempt) -> None:
        """A try at the door came to nothing, and there will be another."""

    def proof_locked(self, job: Job, proof: Proof) -> None:
        """Five wrong PINs: whoever shows it has to make a new one."""

    def sent_back(self, job: Job, actor: Actor, reason: str) -> None:
        """It is on its way back, and its sender has a PIN."""

    def delivered(self, job: Job, actor: Actor, bypassed: str) -> None:
        """Its receiver has it; `bypassed` says why without the PIN, "" with it."""

    def came_back(self, job: Job, actor: Actor, bypassed: str) -> None:
        """Its sender has it again; `bypassed` as for `delivered`."""


@cache
def kinds() -> dict[str, ConsignmentKind]:
    """Every kind there is, by its name."""
    return {kind.name: kind for kind in declared("consignments", "KINDS")}


def kind_of(consignment: Consignment) -> ConsignmentKind:
    return kinds()[consignment.kind]
