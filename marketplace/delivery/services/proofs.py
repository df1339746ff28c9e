"""Issuing proofs, and the one writer of their status."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import StaleState
from marketplace.common.locking import lock_all
from marketplace.common.moving import move
from marketplace.common.transactions import service
from marketplace.delivery.errors import TooManyIssues
from marketplace.delivery.models import SHIPMENT, Consignment, Proof
from marketplace.delivery.proofs import new_nonce
from marketplace.delivery.shown import require_as_shown
from marketplace.delivery.states import PROOF_NEXT, ProofStatus, Purpose
from marketplace.orders.models import Shipment
from marketplace.orders.states import ShipmentStatus

from .locks import lock_shipment

ISSUES_A_DAY = 3
DAY = timedelta(days=1)
DOUBLE_CLICK = timedelta(seconds=10)

# While a shipment is on this way, this is the PIN that ends it.
STATUS_OF: Mapping[str, ShipmentStatus] = {
    Purpose.DELIVERY: ShipmentStatus.SHIPPED,
    Purpose.RETURN: ShipmentStatus.RETURNING,
}
_PERMISSION: Mapping[str, str] = {
    Purpose.DELIVERY: "delivery.reissue_delivery_proof",
    Purpose.RETURN: "delivery.reissue_return_proof",
}


def current_key(consignment_id: int, purpose: str) -> str:
    """What the newest issue of a consignment and purpose has as its `current_key`."""
    return f"{purpose}:{consignment_id}"


def lock_proofs(consignment: Consignment) -> dict[str, Proof]:
    """Lock the current proofs of a consignment, whose shipment is locked, one a purpose, in one call."""
    keys = [current_key(consignment.pk, purpose) for purpose in Purpose]
    proofs = {proof.purpose: proof for proof in lock_all(Proof.objects.filter(current_key__in=keys))}
    for proof in proofs.values():
        proof.consignment = consignment
    return proofs


def issue_proof(consignment: Consignment, purpose: Purpose, *, actor: Actor) -> Proof:
    """Make a new PIN and token for a consignment, whose shipment is locked; those before are worth nothing any more."""
    old = lock_proofs(consignment).get(purpose)
    if old is not None:
        retire_proof(old)
    numbers = Proof.objects.filter(consignment=consignment, purpose=purpose).order_by("-issue")
    last = numbers.values_list("issue", flat=True).first() or 0
    return Proof.objects.create(
        consignment=consignment,
        purpose=purpose,
        issue=last + 1,
        nonce=new_nonce(),
        current_key=current_key(consignment.pk, purpose),
        issued_at=clock.now(),
        issued_by_id=actor.pk,
    )


def retire_proof(proof: Proof) -> None:
    """End a locked proof that was not used: its PIN and token fit nothing any more."""
    move_proof(proof, ProofStatus.REPLACED, current_key=None)


def move_proof(proof: Proof, to: ProofStatus, **changes: object) -> None:
    """Move a locked proof one step, with `changes` in the same UPDATE. Raises `InvalidTransition`."""
    move(proof, to, steps=PROOF_NEXT, refuse=_not_possible, **changes)


def _not_possible(before: str, to: str) -> str:
    return _("This PIN has been used or replaced in the meantime.")


def require_reissuable(
    actor: Actor, shipment: Shipment, proof: Proof | None, issued: Iterable[datetime]
) -> Proof:
    """Whether `actor` may replace this proof, the current one of its purpose, by a new one now.

    `issued` is when those of its consignment and purpose were. Returns the proof. Raises `PermissionDenied`,
    `StaleState` unless it is waited for, and `TooManyIssues` past three within 24 hours, the first one counted.
    """
    current, now = _require_waited_for(actor, shipment, proof), clock.now()
    if again_at := issues_again_at(issued, now):
        raise TooManyIssues(retry_after=max(1, int((again_at - now).total_seconds())))
    return current


def _require_waited_for(actor: Actor, shipment: Shipment, proof: Proof | None) -> Proof:
    if proof is None or shipment.status != STATUS_OF[proof.purpose]:
        raise StaleState(_("No PIN is needed for this parcel now."))
    authorize(actor, _PERMISSION[proof.purpose], shipment)
    return proof


def issues_again_at(issued: Iterable[datetime], now: datetime) -> datetime | None:
    """When one more proof may be issued, given when those before it were; None where it may be now."""
    recent = sorted(at for at in issued if at > now - DAY)
    return recent[-ISSUES_A_DAY] + DAY if len(recent) >= ISSUES_A_DAY else None


@service
def reissue_proof(
    *, shipment_id: int, purpose: Purpose | None = None, actor: Actor, expected: str | None = None
) -> Proof:
    """Make a new PIN and QR code for a parcel that is on its way; the old ones die.

    Without a `purpose` it is the one that is waited for now: the seller's once the parcel goes back. The
    buyer may (`Purpose.DELIVERY`), the seller (`Purpose.RETURN`), and staff, who do not see it. A
    double click makes one. Raises as `require_reissuable`, and `StaleState` where it is not as `expected`
    (marketplace/delivery/shown.py).
    """
    shipment = lock_shipment(shipment_id)
    if purpose is None:
        purpose = Purpose.RETURN if shipment.status == STATUS_OF[Purpose.RETURN] else Purpose.DELIVERY
    authorize(actor, _PERMISSION[purpose], shipment)
    now, consignment = clock.now(), Consignment.objects.filter(key=f"{SHIPMENT}:{shipment_id}").first()
    if consignment is not None:
        consignment.shipment = shipment
    proof = lock_proofs(consignment).get(purpose) if consignment else None
    current = _require_waited_for(actor, shipment, proof)
    is_mine = current.issued_by_id == actor.pk and current.status == ProofStatus.ISSUED and not current.tries
    if is_mine and now - current.issued_at < DOUBLE_CLICK:
        return current
    require_as_shown(expected, shipment)
    require_reissuable(actor, shipment, current, recent_issues(current.consignment_id, purpose, now))
    return issue_proof(current.consignment, purpose, actor=actor)


def recent_issues(consignment_id: int, purpose: str, now: datetime) -> list[datetime]:
    """When proofs were issued within the last 24 hours, oldest first."""
    issued = Proof.objects.filter(consignment_id=consignment_id, purpose=purpose, issued_at__gt=now - DAY)
    return list(issued.order_by("issued_at").values_list("issued_at", flat=True))
