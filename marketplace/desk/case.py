"""One shipment's whole story, for the back office: who did what, where it is, where its money is."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db.models import F, QuerySet

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.authorisation import may
from marketplace.delivery.models import SHIPMENT, AddressRead, Attempt, Delivery, Proof
from marketplace.delivery.services.completing import require_completable
from marketplace.delivery.services.jobs import consignment_key
from marketplace.delivery.services.proofs import issues_again_at, require_reissuable
from marketplace.delivery.services.reassigning import require_reassignable, require_takeable_back
from marketplace.delivery.services.stepping_in import (
    require_bypassable,
    require_sendable_back,
    require_voidable,
)
from marketplace.delivery.shown import mark_of_row, with_mark
from marketplace.delivery.states import (
    ACTIVE,
    OPEN_PROOFS,
    AttemptOutcome,
    FailReason,
)
from marketplace.orders.models import Settlement, Shipment, ShipmentEvent, ShipmentLine
from marketplace.orders.services.cancelling import require_cancellable
from marketplace.orders.services.settlement import require_settleable
from marketplace.orders.states import BEFORE_PICK_UP
from marketplace.wallet.models import Hold

from .shipments import UNDER_WAY, ship_by, shipments_for_desk

HISTORY_SHOWN = 200


@dataclass(frozen=True)
class Case:
    """Everything that staff see of a shipment. `address` says whether this reader may see where it goes now.

    `mark` is what the forms on its page are drawn for (marketplace/delivery/shown.py). `may` names what this
    reader can do with it (backoffice/actions.py), `voidable` are the tries that need not count.
    `is_buyers_to_complete`: it arrived by the store's word alone, and its buyer still looks it over.
    """

    shipment: Shipment
    shop_name: str
    shop_slug: str
    lines: list[ShipmentLine]
    events: list[ShipmentEvent]
    jobs: list[Delivery]
    attempts: list[Attempt]
    proofs: list[Proof]
    hold: Hold | None
    settlement: Settlement | None
    address: bool
    mark: str
    may: frozenset[str] = field(default_factory=frozenset)
    voidable: frozenset[int] = field(default_factory=frozenset)
    is_buyers_to_complete: bool = False

    @property
    def coupon_off(self) -> int:
        """What a coupon takes off the kept pieces, in minor units."""
        return sum(line.coupon_off for line in self.lines)

    @property
    def history(self) -> list[tuple[ShipmentEvent, str]]:
        """What happened, the newest first, each with the reason in words."""
        return [(event, _in_words(event.reason)) for event in self.events]

    @property
    def is_under_way(self) -> bool:
        return self.shipment.status in UNDER_WAY

    @property
    def live_job(self) -> Delivery | None:
        """The job of whoever has it now."""
        return next((job for job in self.jobs if job.status in ACTIVE), None)

    @property
    def last_job(self) -> Delivery | None:
        """The live job, or the last one there was."""
        return self.live_job or (self.jobs[-1] if self.jobs else None)

    @property
    def open_proof(self) -> Proof | None:
        """The newest PIN, while somebody may still use or renew it."""
        return next(
            (proof for proof in self.proofs if proof.current_key and proof.status in OPEN_PROOFS), None
        )

    @property
    def pins_issued_at(self) -> list[datetime]:
        """When the newest PIN and those before it were issued, for whom it is now."""
        proof = self.open_proof
        return [row.issued_at for row in self.proofs if proof and row.purpose == proof.purpose]

    @property
    def pin_again_at(self) -> datetime | None:
        """When a new PIN may be issued, where the day has had as many as it allows."""
        return issues_again_at(self.pins_issued_at, clock.now())

    @property
    def is_locked(self) -> bool:
        return self.open_proof is not None and self.open_proof.locked_at is not None

    @property
    def failed(self) -> int:
        """How many tries at the door count as failed."""
        return sum(attempt.outcome == AttemptOutcome.FAILED for attempt in self.attempts)

    @property
    def failed_under_way(self) -> int:
        """The same, while there may be another try; afterwards it is history."""
        return self.failed if self.is_under_way else 0

    @property
    def has_flags(self) -> bool:
        """Whether something of it stands in the way of its delivery or its payment."""
        return bool(self.is_locked or self.failed_under_way or self.shipment.frozen)

    @property
    def cancels_at(self) -> datetime | None:
        """When the clock cancels it, unless somebody picks it up."""
        return ship_by(self.shipment) if self.shipment.status in BEFORE_PICK_UP else None

    @property
    def held(self) -> int:
        return self.hold.outstanding if self.hold else 0


def case_for(user: User, number: str) -> Case | None:
    """The shipment of this number as `user` may read it (staff), in nine queries; None if there is none."""
    shipment = (
        with_mark(shipments_for_desk(user).filter(number=number))
        .select_related("order__buyer__profile", "courier__profile")
        .annotate(
            shop_name=F("seller__seller_profile__shop_name"), shop_slug=F("seller__seller_profile__slug")
        )
        .first()
    )
    if shipment is None:
        return None
    of_shipment = {"consignment__key": consignment_key(SHIPMENT, shipment.pk)}
    jobs = list(Delivery.objects.filter(**of_shipment).select_related("courier__profile").order_by("pk"))
    attempts = list(attempts_of(shipment).select_related("delivery__courier__profile").order_by("pk"))
    proofs = list(
        Proof.objects.filter(**of_shipment)
        .select_related("issued_by__profile", "used_by__profile")
        .defer("nonce")
        .order_by("pk")
    )
    case = Case(
        shipment=shipment,
        shop_name=shipment.shop_name or "",
        shop_slug=shipment.shop_slug or "",
        lines=list(ShipmentLine.objects.filter(shipment=shipment).order_by("pk")),
        events=list(
            ShipmentEvent.objects.filter(shipment=shipment)
            .select_related("actor__profile")
            .order_by("-pk")[:HISTORY_SHOWN]
        ),
        jobs=jobs,
        attempts=attempts,
        proofs=proofs,
        hold=_hold_of(shipment),
        settlement=Settlement.objects.filter(shipment=shipment).first(),
        address=_may_read_now(user, jobs),
        mark=mark_of_row(shipment),
    )
    voidable = frozenset(attempt.pk for attempt in attempts if may(require_voidable, user, attempt, shipment))
    case = replace(case, voidable=voidable)
    allowed = _allowed(user, case)
    only_its_buyer = may(require_settleable, user, shipment) and "complete" not in allowed
    return replace(case, may=allowed, is_buyers_to_complete=only_its_buyer)


def attempts_of(shipment: Shipment) -> QuerySet[Attempt]:
    """The tries at the buyer's door of a shipment."""
    return Attempt.objects.filter(consignment__key=consignment_key(SHIPMENT, shipment.pk))


def _in_words(reason: str) -> str:
    """What a courier chose at the door has words of its own; what somebody typed stays as it is."""
    return str(FailReason(reason).label) if reason in FailReason.values else reason


def _hold_of(shipment: Shipment) -> Hold | None:
    """The money that was put aside for it, also when it was paid or given back."""
    kind = ContentType.objects.get_for_model(Shipment)
    return Hold.objects.filter(content_type=kind, object_id=shipment.pk).order_by("-pk").first()


def _may_read_now(user: User, jobs: list[Delivery]) -> bool:
    """Whether the reader has said within this hour that they need it, which was written at the last job.

    Before the first claim there is nothing to write it at, and nobody reads it.
    """
    if not jobs:
        return False
    hour = AddressRead.hour_of(clock.now())
    return AddressRead.objects.filter(delivery=jobs[-1], reader=user, hour=hour).exists()


def _allowed(user: User, case: Case) -> frozenset[str]:
    """The names of what `user` can do with it now (backoffice/actions.py): each service's own precondition says so."""
    shipment, job, proof = case.shipment, case.live_job, case.open_proof
    asked = {
        "reassign": may(require_reassignable, user, job),
        "take_back": may(require_takeable_back, user, job),
        "bypass": may(require_bypassable, user, shipment, proof),
        "send_back": may(require_sendable_back, user, shipment),
        "reissue": may(require_reissuable, user, shipment, proof, case.pins_issued_at),
        "void": bool(case.voidable),
        "complete": may(require_completable, user, shipment, case.proofs),
        "cancel": may(require_cancellable, user, shipment),
    }
    return frozenset(name for name, is_allowed in asked.items() if is_allowed)
