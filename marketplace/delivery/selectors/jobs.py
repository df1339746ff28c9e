"""What every list and page of a courier's jobs is read from, and what is left to know of those that are over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.places import Place
from marketplace.delivery.areas import area_of
from marketplace.delivery.loads import columns_of
from marketplace.delivery.models import AddressRead, Delivery
from marketplace.delivery.states import DONE, TONES, DeliveryStatus
from marketplace.orders.pick_ups import pick_up_of

ENDED_SHOWN = 20

Known = Any  # a Delivery with what `with_parties` adds


def jobs_of(user: User) -> QuerySet[Delivery]:
    """The jobs that this courier has or had."""
    return Delivery.objects.filter(courier=user)


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


def with_parties(jobs: QuerySet[Delivery]) -> QuerySet[Known]:
    """Jobs with their order, seller and load, and whether the courier's reading is noted."""
    hour = AddressRead.hour_of(clock.now())
    noted = AddressRead.objects.filter(delivery=OuterRef("pk"), reader=OuterRef("courier"), hour=hour)
    seller = "consignment__shipment__seller"
    return jobs.select_related("consignment__shipment__order", f"{seller}__profile").annotate(
        shop_name=F(f"{seller}__seller_profile__shop_name"),
        ships_from=F(f"{seller}__seller_profile__ships_from"),
        **columns_of("consignment__shipment"),
        noted=Exists(noted),
    )


def doors_of(job: Known) -> tuple[Door, Door]:
    """Where a job begins and where it goes: the sender's door and the receiver's."""
    order, seller = job.shipment.order, job.shipment.seller.profile
    fetched = pick_up_of(job.shipment, seller)
    names = [job.shop_name or seller.name, fetched.name]
    shop = Door(
        name=", ".join(filter(None, names)),
        address=fetched.address,
        phone=fetched.phone or seller.phone,
        area=area_of(fetched.place) or job.ships_from or "",
        place=fetched.place,
        notes=fetched.notes,
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
    why: str = ""
    """What the fee is for."""


def done_jobs(user: User, *, most: int = ENDED_SHOWN) -> list[EndedJob]:
    """The courier's last jobs that are over, newest first, whatever came of them. One query."""
    ended = with_parties(jobs_of(user).filter(ended_at__isnull=False)).order_by("-ended_at", "-pk")
    found = []
    for job in ended[:most]:
        pick_up, drop = doors_of(job)
        found.append(
            EndedJob(
                number=job.number,
                label=job.get_status_display(),
                tone=TONES[job.status],
                pick_up_area=pick_up.area,
                drop_area=drop.area,
                ended_at=job.ended_at,
                fee=job.earned if job.status in DONE else 0,
                why=_what_for(job),
            )
        )
    return found


def _what_for(job: Delivery) -> str:
    came_back = job.status == DeliveryStatus.RETURNED and job.back_fee
    if job.extra_fee:
        if came_back:
            return _("for the way there and back, further tries and waiting")
        return _("for the way there, further tries and waiting")
    return _("for the way there and back") if came_back else _("for the way there")
