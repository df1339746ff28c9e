"""One job as its page shows it. Names, addresses and phones are there only while it is active."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from marketplace.accounts.models import User
from marketplace.common.authorisation import may
from marketplace.delivery.loads import Load, load_of
from marketplace.delivery.models import Attempt, Delivery, Proof
from marketplace.delivery.services.arriving import require_arrivable
from marketplace.delivery.services.claiming import require_givable_back, require_pickable
from marketplace.delivery.services.failing import require_failable
from marketplace.delivery.shown import mark_of_try, mark_of_way
from marketplace.delivery.states import (
    CARRIED,
    DONE,
    MAX_ATTEMPTS,
    MAX_TRIES,
    TONES,
    AttemptOutcome,
    DeliveryStatus,
    ProofStatus,
    Purpose,
)
from marketplace.orders.models import ShipmentLine
from marketplace.rates.models import RateTable

from .jobs import Door, doors_of, jobs_of, with_parties


@dataclass(frozen=True)
class JobView:
    """A job for the courier who has or had it. Once it has ended there is nobody's name, address or phone in it."""

    delivery: Delivery
    pick_up_area: str
    drop_area: str
    load: Load
    pick_up: Door | None = None
    """The sender's."""
    drop: Door | None = None
    """The receiver's, until the parcel is handed over or goes back."""
    packed_at: datetime | None = None
    lines: list[tuple[int, str]] = field(default_factory=list)
    """Quantity and title of what is in it."""
    attempts: list[Attempt] = field(default_factory=list)
    proof_status: str = ""
    tries_left: int = 0
    address_is_noted: bool = False
    """Whether it is in the records already that the courier saw the address in this hour."""
    may_pick_up: bool = False
    may_give_back: bool = False
    may_fail: bool = False
    may_arrive: bool = False
    """Whether the courier can say that they are at the door, because waiting there costs something."""

    @property
    def number(self) -> str:
        return self.delivery.number

    @property
    def mark(self) -> str:
        """What the form for its code is drawn for."""
        return mark_of_way(self.delivery.pk, self.status)

    @property
    def mark_of_try(self) -> str:
        """What the form of a try that failed is drawn for."""
        return mark_of_try(self.delivery.pk, self.status, len(self.failures))

    @property
    def status(self) -> str:
        return self.delivery.status

    @property
    def tone(self) -> str:
        return TONES[self.delivery.status]

    @property
    def is_active(self) -> bool:
        return self.delivery.is_active

    @property
    def is_to_pick_up(self) -> bool:
        return self.status == DeliveryStatus.CLAIMED

    @property
    def is_carried(self) -> bool:
        """Whether it is in the courier's hands, on its way out or back."""
        return self.status in CARRIED

    @property
    def goes_back(self) -> bool:
        return self.status == DeliveryStatus.RETURNING

    @property
    def is_done(self) -> bool:
        """Whether the parcel reached its receiver, or its sender again."""
        return self.status in DONE

    @property
    def came_back(self) -> bool:
        return self.status == DeliveryStatus.RETURNED

    @property
    def earned(self) -> int:
        """What the courier was paid for it, in minor units."""
        return self.delivery.earned if self.is_done else 0

    @property
    def goal(self) -> Door | None:
        """Where the courier has to go now."""
        return self.drop if self.status == DeliveryStatus.CARRYING else self.pick_up

    @property
    def tries(self) -> list[tuple[Attempt, bool]]:
        """Every try at the door so far, and whether it has a photo that this courier took and so may see."""
        return [
            (attempt, bool(attempt.photo) and attempt.delivery_id == self.delivery.pk)
            for attempt in self.attempts
        ]

    @property
    def shows_a_home(self) -> bool:
        """Whether the buyer's door is among what it shows."""
        return self.drop is not None or not self.delivery.consignment.goes_to_buyer

    @property
    def failures(self) -> list[Attempt]:
        return [attempt for attempt in self.attempts if attempt.outcome == AttemptOutcome.FAILED]

    @property
    def attempt_number(self) -> int:
        """Which try at the door the next one is, of those that count."""
        return len(self.failures) + 1

    @property
    def most_attempts(self) -> int:
        return MAX_ATTEMPTS

    @property
    def is_another_attempt(self) -> bool:
        """Whether it goes to its receiver after a try that failed."""
        return self.status == DeliveryStatus.CARRYING and bool(self.failures)

    @property
    def is_last_attempt(self) -> bool:
        """Whether the parcel goes back if the next try fails, too."""
        return self.attempt_number >= MAX_ATTEMPTS

    @property
    def waiting(self) -> RateTable | None:
        """The table that says what waiting at the door costs."""
        return self.delivery.shipment.rates

    @property
    def at_door_since(self) -> datetime | None:
        """Since when the courier has been at the receiver's door, in this try."""
        return self.delivery.at_door_since if self.status == DeliveryStatus.CARRYING else None

    @property
    def proof_is_locked(self) -> bool:
        return self.proof_status == ProofStatus.LOCKED


def job_view(user: User, number: str) -> JobView | None:
    """All that the page of a job shows; None if it never was this courier's.

    Four queries while it is active, one afterwards. Whoever shows it calls `note_address_read` where it
    `shows_a_home`, unless `address_is_noted`.
    """
    job = with_parties(jobs_of(user).filter(number=number)).first()
    if job is None:
        return None
    pick_up, drop = doors_of(job)
    view = partial(JobView, job, pick_up_area=pick_up.area, drop_area=drop.area, load=load_of(job))
    if not job.is_active:
        return view()
    goes_back = job.status == DeliveryStatus.RETURNING
    proof = _proof(job, Purpose.RETURN if goes_back else Purpose.DELIVERY)
    return view(
        pick_up=pick_up,
        drop=None if goes_back else drop,
        packed_at=job.shipment.packed_at,
        lines=[
            (line.kept_quantity, line.full_title)
            for line in ShipmentLine.objects.filter(shipment=job.shipment).order_by("pk")
            if line.kept_quantity
        ],
        attempts=list(Attempt.objects.filter(consignment=job.consignment).order_by("number")),
        proof_status=proof.status if proof else "",
        tries_left=MAX_TRIES - proof.tries if proof else 0,
        address_is_noted=job.noted,
        may_pick_up=may(require_pickable, user, job),
        may_give_back=may(require_givable_back, user, job),
        may_fail=may(require_failable, user, job),
        may_arrive=job.at_door_since is None and may(require_arrivable, user, job),
    )


def _proof(job: Delivery, purpose: Purpose) -> Proof | None:
    """The newest issue of the consignment's proof: its state, never what it says."""
    current = Proof.objects.filter(consignment=job.consignment, purpose=purpose, current_key__isnull=False)
    return current.first()
