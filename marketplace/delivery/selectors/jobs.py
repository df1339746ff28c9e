"""What every list and page of a courier's jobs is read from, and what is left to know of those that are over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, Sum

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.places import Place
from marketplace.delivery.areas import area_of
from marketplace.delivery.models import AddressRead, Delivery
from marketplace.delivery.states import DONE, TONES
from marketplace.orders.models import ShipmentLine

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


def doors_of(job: Known) -> tuple[Door, Door]:
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
                fee=job.fee if job.status in DONE else 0,
            )
        )
    return found
