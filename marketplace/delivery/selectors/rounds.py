"""A courier's round: what they carry and have to fetch, and the way over all the doors."""

from dataclasses import dataclass, field
from datetime import datetime

from marketplace.accounts.models import User
from marketplace.common.places import Place
from marketplace.delivery.loads import Load, load_of
from marketplace.delivery.routes import Errand, Stop, StopKind, best_route, length_m
from marketplace.delivery.shown import mark_of_way
from marketplace.delivery.states import ACTIVE, CARRIED, TONES, DeliveryStatus

from .jobs import Known, doors_of, jobs_of, with_parties


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
    load: Load
    packed_at: datetime | None
    fee: int
    pk: int
    address_is_noted: bool
    """Whether it is in the records already that the courier saw the buyer's door in this hour."""
    shows_a_home: bool
    """Whether the buyer's door is where it goes now, or where it begins."""

    @property
    def mark(self) -> str:
        """What the form for its code is drawn for."""
        return mark_of_way(self.pk, self.status)

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
    rows = list(with_parties(jobs_of(user).filter(status__in=ACTIVE)).order_by("position", "pk"))
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


def _card(job: Known) -> JobCard:
    pick_up, drop = doors_of(job)
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
        load=load_of(job),
        packed_at=job.shipment.packed_at,
        fee=job.fee,
        pk=job.pk,
        address_is_noted=job.noted,
        shows_a_home=job.status != DeliveryStatus.RETURNING or not job.consignment.goes_to_buyer,
    )
