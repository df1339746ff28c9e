"""What a courier carries and has carried. Names, addresses and phones are here only while a job is active."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, Sum

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.authorisation import may
from marketplace.common.places import Place
from marketplace.delivery.areas import area_of
from marketplace.delivery.models import AddressRead, Attempt, Delivery, Proof
from marketplace.delivery.routes import Errand, Stop, StopKind, best_route, length_m
from marketplace.delivery.services.claiming import require_givable_back, require_pickable
from marketplace.delivery.services.failing import require_failable
from marketplace.delivery.states import (
    ACTIVE,
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

from .available import size_of

ENDED_SHOWN = 20

Known = Any  # a Delivery with what `_with_parties` adds


def jobs_of(user: User) -> QuerySet[Delivery]:
    """The jobs that this courier has or had."""
    return Delivery.objects.filter(courier=user)


@dataclass(frozen=True)
class JobCard:
    """An active job in the list. The parcel goes to `drop`: the buyer's door, or the seller's on the way back."""

    number: str
    shipment_number: str
    """What is written on the parcel, as on its seller's page."""
    status: str
    label: str
    tone: str
    shop_name: str
    goes_to: str
    pick_up_area: str
    drop_area: str
    pick_up: Place | None
    drop: Place | None
    pieces: int
    packed_at: datetime | None
    fee: int
    pk: int
    address_is_noted: bool
    """Whether it is in the records already that the courier saw the buyer's door in this hour."""
    shows_a_home: bool
    """Whether the buyer's door is where it goes now, or where it begins."""

    @property
    def size(self) -> str:
        return size_of(self.pieces)

    @property
    def goes_back(self) -> bool:
        return self.status == DeliveryStatus.RETURNING

    @property
    def is_carried(self) -> bool:
        """Whether it is in the courier's hands, on its way out or back."""
        return self.status in CARRIED


@dataclass(frozen=True)
class RouteStop:
    """A stop and the job it belongs to; `number` counts the stops from 1."""

    number: int
    stop: Stop
    job: JobCard
    is_movable: bool
    """Whether the courier can put it elsewhere: parcels have an order of their own, pick-ups follow it."""

    @property
    def is_pick_up(self) -> bool:
        return self.stop.kind == StopKind.PICK_UP

    @property
    def is_hand_over(self) -> bool:
        """Whether somebody gets the parcel here; else it is fetched, or brought back."""
        return not self.is_pick_up and not self.job.goes_back

    @property
    def is_not_packed_yet(self) -> bool:
        """Whether the parcel to be fetched here may have to be waited for."""
        return self.is_pick_up and self.job.packed_at is None

    @property
    def area(self) -> str:
        return self.job.pick_up_area if self.is_pick_up else self.job.drop_area

    @property
    def name(self) -> str:
        return self.job.shop_name if self.is_pick_up else self.job.goes_to


@dataclass(frozen=True)
class JobsPage:
    """The active jobs in the order in which they are brought, and the way over all their stops."""

    jobs: list[JobCard] = field(default_factory=list)
    route: list[Stop] = field(default_factory=list)
    by_hand: bool = False
    total_m: int = 0

    @property
    def stops(self) -> list[RouteStop]:
        jobs, has_others = {job.number: job for job in self.jobs}, len(self.jobs) > 1
        return [
            RouteStop(place, stop, jobs[stop.number], has_others and stop.kind == StopKind.DROP)
            for place, stop in enumerate(self.route, start=1)
        ]


def active_jobs(user: User, here: Place | None) -> JobsPage:
    """The courier's round from `here`: the shortest one, or the order that they chose by hand. One query.

    By hand means: parcels are brought in that order; pick-ups come where they cost the least way.
    """
    rows = list(_with_parties(jobs_of(user).filter(status__in=ACTIVE)).order_by("position", "pk"))
    cards = {row.number: _card(row) for row in rows}
    by_hand = any(row.position for row in rows)
    errands = [
        Errand(
            card.number,
            drop=card.drop,
            pick_up=card.pick_up,
            is_carried=card.is_carried,
        )
        for card in cards.values()
    ]
    route = best_route(here, errands, in_order=by_hand)
    brought = [stop.number for stop in route if stop.kind == StopKind.DROP]
    return JobsPage([cards[number] for number in brought], route, by_hand, length_m(route))


@dataclass(frozen=True)
class Door:
    """A place to go to, and whom to ask for there."""

    name: str
    address: str
    phone: str
    area: str
    place: Place | None
    notes: str = ""

    @property
    def dial(self) -> str:
        """The phone number as a `tel:` link has it."""
        return "".join(sign for sign in self.phone if sign in "+0123456789")

    @property
    def geo_url(self) -> str:
        """For the phone's own map program (RFC 5870); `q` makes it put a pin there."""
        return (
            f"geo:{self.place.lat},{self.place.lng}?q={self.place.lat},{self.place.lng}" if self.place else ""
        )

    @property
    def map_url(self) -> str:
        """For a browser."""
        if not self.place:
            return ""
        lat, lng = self.place.lat, self.place.lng
        return f"https://www.openstreetmap.org/?mlat={lat}&mlon={lng}#map=17/{lat}/{lng}"


@dataclass(frozen=True)
class JobView:
    """A job for the courier who has or had it. Once it has ended there is nobody's name, address or phone in it."""

    delivery: Delivery
    pick_up_area: str
    drop_area: str
    pieces: int
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

    @property
    def number(self) -> str:
        return self.delivery.number

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
        return self.delivery.fee if self.is_done else 0

    @property
    def size(self) -> str:
        return size_of(self.pieces)

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
    def proof_is_locked(self) -> bool:
        return self.proof_status == ProofStatus.LOCKED


def job_view(user: User, number: str) -> JobView | None:
    """All that the page of a job shows; None if it never was this courier's.

    Four queries while it is active, one afterwards. Whoever shows it calls `note_address_read` where it
    `shows_a_home`, unless `address_is_noted`.
    """
    job = _with_parties(jobs_of(user).filter(number=number)).first()
    if job is None:
        return None
    pick_up, drop = _doors(job)
    view = partial(JobView, job, pick_up_area=pick_up.area, drop_area=drop.area, pieces=job.pieces or 0)
    if not job.is_active:
        return view()
    goes_back = job.status == DeliveryStatus.RETURNING
    proof = _proof(job, Purpose.RETURN if goes_back else Purpose.DELIVERY)
    return view(
        pick_up=pick_up,
        drop=None if goes_back else drop,
        packed_at=job.shipment.packed_at,
        lines=[
            (line.kept_quantity, line.title)
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
    )


@dataclass(frozen=True)
class EndedJob:
    """What is left to know of a job that is over: where about it went, when, and what it earned."""

    number: str
    label: str
    tone: str
    pick_up_area: str
    drop_area: str
    ended_at: datetime
    fee: int


def done_jobs(user: User, *, most: int = ENDED_SHOWN) -> list[EndedJob]:
    """The courier's last jobs that are over, newest first, whatever came of them. One query."""
    ended = _with_parties(jobs_of(user).filter(ended_at__isnull=False)).order_by("-ended_at", "-pk")
    found = []
    for job in ended[:most]:
        pick_up, drop = _doors(job)
        found.append(
            EndedJob(
                number=job.number,
                label=job.get_status_display(),
                tone=TONES[job.status],
                pick_up_area=pick_up.area,
                drop_area=drop.area,
                ended_at=job.ended_at,
                fee=job.fee if job.status in DONE else 0,
            )
        )
    return found


def _with_parties(jobs: QuerySet[Delivery]) -> QuerySet[Known]:
    """Jobs with their order, seller and number of pieces, and whether the courier's reading is noted."""
    hour = AddressRead.hour_of(clock.now())
    noted = AddressRead.objects.filter(delivery=OuterRef("pk"), reader=OuterRef("courier"), hour=hour)
    pieces = (
        ShipmentLine.objects.filter(shipment=OuterRef("consignment__shipment"))
        .order_by()
        .values("shipment")
        .annotate(kept=Sum(F("quantity") - F("cancelled_quantity") - F("returned_quantity")))
        .values("kept")
    )
    seller = "consignment__shipment__seller"
    return jobs.select_related("consignment__shipment__order", f"{seller}__profile").annotate(
        shop_name=F(f"{seller}__seller_profile__shop_name"),
        ships_from=F(f"{seller}__seller_profile__ships_from"),
        pieces=Subquery(pieces),
        noted=Exists(noted),
    )


def _doors(job: Known) -> tuple[Door, Door]:
    """Where a job begins and where it goes: the sender's door and the receiver's."""
    order, seller = job.shipment.order, job.shipment.seller.profile
    shop = Door(
        name=job.shop_name or seller.name,
        address=seller.location_address,
        phone=seller.phone,
        area=area_of(seller.place) or job.ships_from or "",
        place=seller.place,
        notes=seller.access_notes,
    )
    home = Door(
        name=order.ship_name,
        address=order.ship_address,
        phone=order.ship_phone,
        area=area_of(order.place),
        place=order.place,
        notes=order.ship_notes,
    )
    return (shop, home) if job.consignment.goes_to_buyer else (home, shop)


def _card(job: Known) -> JobCard:
    pick_up, drop = _doors(job)
    goal = pick_up if job.status == DeliveryStatus.RETURNING else drop
    return JobCard(
        number=job.number,
        shipment_number=job.consignment.number,
        status=job.status,
        label=job.get_status_display(),
        tone=TONES[job.status],
        shop_name=pick_up.name,
        goes_to=goal.name,
        pick_up_area=pick_up.area,
        drop_area=goal.area,
        pick_up=pick_up.place,
        drop=goal.place,
        pieces=job.pieces or 0,
        packed_at=job.shipment.packed_at,
        fee=job.fee,
        pk=job.pk,
        address_is_noted=job.noted,
        shows_a_home=job.status != DeliveryStatus.RETURNING or not job.consignment.goes_to_buyer,
    )


def _proof(job: Delivery, purpose: Purpose) -> Proof | None:
    """The newest issue of the consignment's proof: its state, never what it says."""
    current = Proof.objects.filter(consignment=job.consignment, purpose=purpose, current_key__isnull=False)
    return current.first()
