"""The secret that ends a parcel's way, for the one person who may show it, and how it was used."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.delivery.models import SHIPMENT, Proof
from marketplace.delivery.proofs import pin_of, qr_payload
from marketplace.delivery.qr import draw_qr
from marketplace.delivery.services.proofs import DAY, ISSUES_A_DAY, STATUS_OF, issues_again_at
from marketplace.delivery.states import MAX_TRIES, OPEN_PROOFS, Method, ProofStatus, Purpose
from marketplace.orders.models import Shipment


@dataclass(frozen=True)
class ProofView:
    """A proof as its owner sees it: `pin` and `payload` (what the QR code says) are empty once it is locked."""

    issue: int
    locked: bool
    pin: str
    payload: str
    tries_left: int
    issues_left: int
    again_at: datetime | None = None
    """When a new one may be made, if there have been as many as a day allows."""

    @property
    def pin_in_groups(self) -> str:
        """ "123456" → "123 456"."""
        return f"{self.pin[:3]} {self.pin[3:]}" if self.pin else ""

    @property
    def pin_aloud(self) -> str:
        """Digit by digit, so that nobody hears a hundred and twenty-three thousand: "1 2 3, 4 5 6"."""
        return f"{' '.join(self.pin[:3])}, {' '.join(self.pin[3:])}" if self.pin else ""

    @property
    def wrong_tries(self) -> int:
        return MAX_TRIES - self.tries_left

    def qr(self) -> SafeString:
        """The QR code as SVG; drawing it takes some milliseconds."""
        return draw_qr(self.payload) if self.payload else SafeString("")


@dataclass(frozen=True)
class Handover:
    """How a parcel's way ended. `by_store`: staff confirmed it without the PIN, and `reason` says why."""

    at: datetime
    how: str
    by_store: bool
    reason: str
    distance_m: int | None
    photo: str


def proof_for_buyer(user: User, shipment: Shipment) -> ProofView | None:
    """The PIN and QR code of a shipment that is on its way to `user`; None for everybody else."""
    return proofs_of([shipment]).shown_to(user, shipment, Purpose.DELIVERY)


def proof_for_seller(user: User, shipment: Shipment) -> ProofView | None:
    """The PIN and QR code of a shipment that comes back to `user`; None for everybody else."""
    return proofs_of([shipment]).shown_to(user, shipment, Purpose.RETURN)


@dataclass(frozen=True)
class Proofs:
    """All proofs of some shipments, oldest first, by shipment and purpose."""

    rows: dict[tuple[int, str], list[Proof]]

    def shown_to(self, user: User, shipment: Shipment, purpose: str) -> ProofView | None:
        """The open proof of a shipment if it is under way to `user`, who shows it to the courier."""
        owner_id = shipment.order.buyer_id if purpose == Purpose.DELIVERY else shipment.seller_id
        if user.pk != owner_id or shipment.status != STATUS_OF[purpose]:
            return None
        issued = self.rows.get((shipment.pk, purpose), [])
        proof = next((row for row in issued if row.current_key and row.status in OPEN_PROOFS), None)
        if proof is None:
            return None
        locked = proof.status == ProofStatus.LOCKED
        # Each issue counts for 24 hours, the first one too (services.reissue_proof).
        now = clock.now()
        recent = [row.issued_at for row in issued if row.issued_at > now - DAY]
        return ProofView(
            issue=proof.issue,
            locked=locked,
            pin="" if locked else pin_of(proof),
            payload="" if locked else qr_payload(proof),
            tries_left=MAX_TRIES - proof.tries,
            issues_left=max(0, ISSUES_A_DAY - len(recent)),
            again_at=issues_again_at(recent, now),
        )

    def handover(self, shipment: Shipment, purpose: str) -> Handover | None:
        """How and when the proof of a shipment was used; None while it was not."""
        used = next((row for row in self.rows.get((shipment.pk, purpose), []) if row.used_at), None)
        if used is None or used.used_at is None:
            return None
        by_store = used.status == ProofStatus.BYPASSED
        return Handover(
            at=used.used_at,
            how=str(Method(used.method).label) if used.method else "",
            by_store=by_store,
            reason=used.reason,
            distance_m=used.distance_m,
            photo=used.public_id if used.photo else "",
        )


def proofs_of(shipments: Iterable[Shipment]) -> Proofs:
    """All proofs of `shipments`, in one query."""
    rows: dict[tuple[int, str], list[Proof]] = {}
    mine = Proof.objects.filter(
        consignment__kind=SHIPMENT, consignment__shipment__in=[shipment.pk for shipment in shipments]
    )
    for proof in mine.select_related("consignment").order_by("pk"):
        rows.setdefault((proof.shipment_id, proof.purpose), []).append(proof)
    return Proofs(rows)
