"""The parcels that wait for a courier: where about they are and how far, never whose they are or which door."""

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from django.conf import settings
from django.db.models import F, FloatField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Abs, Cast, Least

from marketplace.accounts.models import User
from marketplace.common.cursors import read_cursor, write_cursor
from marketplace.delivery.areas import area_of
from marketplace.delivery.places import Place, distance_m
from marketplace.orders.models import Shipment, ShipmentLine
from marketplace.orders.states import ShipmentStatus

PAGE_SIZE = 20
MOST_READ = 300
METRES_A_DEGREE = 111_320
# How many pieces a parcel may have and still be small or medium: goods have no measures here.
SMALL, MEDIUM = 2, 6

Sort = Literal["near", "waiting"]


@dataclass(frozen=True)
class AvailableCard:
    """A parcel as every courier may see it before the claim; distances in metres, the fee in minor units."""

    number: str
    pick_up_area: str
    drop_area: str
    to_pick_up_m: int | None
    way_m: int | None
    pieces: int
    packed_at: datetime | None
    placed_at: datetime
    fee: int

    @property
    def size(self) -> str:
        return size_of(self.pieces)


@dataclass(frozen=True)
class AvailablePage:
    """Some of the parcels, and what to give as `after` for the next ones (None at the end)."""

    cards: list[AvailableCard]
    next_after: str | None


def size_of(pieces: int) -> str:
    """ "small", "medium" or "large", by how many pieces are in it."""
    return "small" if pieces <= SMALL else "medium" if pieces <= MEDIUM else "large"


def available_shipments(
    user: User,
    *,
    here: Place | None,
    radius_km: int | None = None,
    sort: Sort = "near",
    after: str | None = None,
) -> AvailablePage:
    """The parcels that `user` could claim: not their own, the nearest pick-up first or the longest waiting.

    `radius_km` leaves out what is picked up farther from `here`; without `here` it has no meaning, nor has
    "near". Of many more than a page the nearest (or oldest) 300 are looked at. One query.
    """
    if here is None:
        radius_km, sort = None, "waiting"
    waiting = _waiting(user)
    if here and radius_km:
        waiting = waiting.filter(_box(here, radius_km))
    if here and sort == "near":
        waiting = waiting.annotate(far=_squared_degrees(here)).order_by(F("far").asc(nulls_last=True), "pk")
    else:
        waiting = waiting.order_by("placed_at", "pk")
    rows = [_Row(row, here) for row in waiting[:MOST_READ]]
    if radius_km:
        rows = [row for row in rows if row.to_pick_up_m is not None and row.to_pick_up_m <= radius_km * 1000]
    rows.sort(key=lambda row: row.key(sort))
    if begin := _read_after(after):
        rows = [row for row in rows if row.key(sort) > begin]
    shown = rows[:PAGE_SIZE]
    more = len(rows) > PAGE_SIZE
    return AvailablePage([row.card() for row in shown], write_cursor(*shown[-1].key(sort)) if more else None)


def _waiting(user: User) -> QuerySet:
    """Nobody's parcels that are not this person's own, with what a card is made of."""
    pieces = (
        ShipmentLine.objects.filter(shipment=OuterRef("pk"))
        .order_by()
        .values("shipment")
        .annotate(kept=Sum(F("quantity") - F("cancelled_quantity") - F("returned_quantity")))
        .values("kept")
    )
    return (
        Shipment.objects.filter(~Q(order__buyer=user), ~Q(seller=user), status=ShipmentStatus.PLACED)
        .values("number", "packed_at", "placed_at")
        .annotate(
            pieces=Subquery(pieces),
            ships_from=F("seller__seller_profile__ships_from"),
            from_lat=F("seller__profile__location_lat"),
            from_lng=F("seller__profile__location_lng"),
            to_lat=F("order__ship_lat"),
            to_lng=F("order__ship_lng"),
        )
    )


class _Row:
    """A row with its distances."""

    def __init__(self, row: dict, here: Place | None) -> None:
        self.row = row
        self.pick_up = place_of(row["from_lat"], row["from_lng"])
        self.to_pick_up_m = distance_m(here, self.pick_up) if here and self.pick_up else None

    def key(self, sort: Sort) -> tuple[int, str]:
        """Where it stands in the list; a pick-up that nobody knows comes last."""
        if sort == "near":
            far = self.to_pick_up_m
            return (2**40 if far is None else far, self.row["number"])
        return (round(self.row["placed_at"].timestamp() * 1000), self.row["number"])

    def card(self) -> AvailableCard:
        row, drop = self.row, place_of(self.row["to_lat"], self.row["to_lng"])
        return AvailableCard(
            number=row["number"],
            pick_up_area=area_of(row["from_lat"], row["from_lng"]) or row["ships_from"] or "",
            drop_area=area_of(row["to_lat"], row["to_lng"]),
            to_pick_up_m=self.to_pick_up_m,
            way_m=distance_m(self.pick_up, drop) if self.pick_up and drop else None,
            pieces=row["pieces"] or 0,
            packed_at=row["packed_at"],
            placed_at=row["placed_at"],
            fee=settings.COURIER_FEE,
        )


def place_of(lat: Decimal | None, lng: Decimal | None) -> Place | None:
    """A place from two columns that may be empty."""
    return None if lat is None or lng is None else Place(lat, lng)


def _read_after(after: str | None) -> tuple[int, str] | None:
    match read_cursor(after or ""):
        case [int(key), str(number)]:
            return key, number
    return None


def _narrow(here: Place) -> float:
    """How long a degree of longitude is at this place, measured in degrees of latitude."""
    return max(0.01, math.cos(math.radians(float(here.lat))))


def _box(here: Place, radius_km: int) -> Q:
    """Roughly within the radius, for the database; a box across the date line goes all the way round."""
    north = Decimal(radius_km * 1000 / METRES_A_DEGREE * 1.01).quantize(Decimal("0.0001"))
    east = Decimal(float(north) / _narrow(here)).quantize(Decimal("0.0001"))
    column = "seller__profile__location_"
    box = Q(**{f"{column}lat__range": (here.lat - north, here.lat + north)})
    if abs(here.lng) + east < 180:
        box &= Q(**{f"{column}lng__range": (here.lng - east, here.lng + east)})
    return box


def _squared_degrees(here: Place) -> F:
    """How far a pick-up is, good enough to find the nearest 300."""
    column = "seller__profile__location_"
    lat, lng = (Cast(F(f"{column}{name}"), FloatField()) for name in ("lat", "lng"))
    north = lat - Value(float(here.lat), FloatField())
    around = Abs(lng - Value(float(here.lng), FloatField()))
    east = Least(around, Value(360.0, FloatField()) - around) * Value(_narrow(here), FloatField())
    return north * north + east * east


def claimable_id(number: str) -> int | None:
    """The key of the shipment with this public number, for `claim_shipment`, which says what can be had of it."""
    return Shipment.objects.filter(number=number).values_list("pk", flat=True).first()
