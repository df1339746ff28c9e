"""The parcels that wait for a courier: where about they are and how far, never whose they are or which door.

A courier may say that they are anywhere, and the list believes it. So whatever depends on a place here (what is
in the list, its order, its cursor, the distances) depends on the place's square of a kilometre alone: who asks
from three invented places finds the square, which the area's name tells about as well, and not the door.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from django.db.models import F, FloatField, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Abs, Cast, Coalesce, Least, Round

from marketplace.accounts.models import User
from marketplace.common.cursors import read_cursor, write_cursor
from marketplace.common.places import Place, distance_m
from marketplace.delivery.areas import DECIMALS, area_of, roughly
from marketplace.delivery.kinds import kinds
from marketplace.delivery.loads import Load, load_of
from marketplace.delivery.models import Consignment
from marketplace.orders.models import Shipment

PAGE_SIZE = 20
MOST_READ = 300
METRES_A_DEGREE = 111_320
# A place and the middle of its square are not farther apart, in degrees.
HALF_A_SQUARE = 0.5001 / 10**DECIMALS
STEP_M = 500
NOBODY_KNOWS = 1e9  # squared degrees: farther than any place on Earth

Sort = Literal["near", "waiting"]


@dataclass(frozen=True)
class AvailableCard:
    """A parcel as every courier may see it before the claim (the fee in minor units).

    Distances in metres are between squares of a kilometre, in steps of half of one; never less than a step.
    """

    number: str
    pick_up_area: str
    drop_area: str
    to_pick_up_m: int | None
    way_m: int | None
    load: Load
    packed_at: datetime | None
    placed_at: datetime
    fee: int


@dataclass(frozen=True)
class AvailablePage:
    """Some of the parcels, and what to give as `after` for the next ones (None at the end)."""

    cards: list[AvailableCard]
    next_after: str | None


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
    Nothing of it tells two places of the same square of a kilometre apart.
    """
    here = here and roughly(here)
    if here is None:
        radius_km, sort = None, "waiting"
    waiting = _waiting(user, here, radius_km, sort)
    rows = [_Row(row, here) for row in waiting[:MOST_READ]]
    if radius_km:
        rows = [row for row in rows if row.far is not None and row.far <= radius_km * 1000]
    rows.sort(key=lambda row: row.key(sort))
    if begin := _read_after(after):
        rows = [row for row in rows if row.key(sort) > begin]
    shown = rows[:PAGE_SIZE]
    more = len(rows) > PAGE_SIZE
    return AvailablePage([row.card() for row in shown], write_cursor(*shown[-1].key(sort)) if more else None)


def _waiting(user: User, here: Place | None, radius_km: int | None, sort: Sort) -> QuerySet[Any]:
    """Everything that waits for a courier and is not this person's own, of every kind, in the order of the list."""
    pools = [kind.waiting(user).order_by() for kind in kinds().values()]
    if here and radius_km:
        pools = [pool.filter(_box(here, radius_km)) for pool in pools]
    if here and sort == "near":
        far = Coalesce(_squared_degrees(here), Value(NOBODY_KNOWS, FloatField()))
        pools = [pool.annotate(far=far) for pool in pools]
    first, *others = pools
    waiting = first.union(*others, all=True) if others else first
    return waiting.order_by("far" if here and sort == "near" else "placed_at", "row")


class _Row:
    """A row with its places, as roughly as they may be known, and how `far` the pick-up is then."""

    def __init__(self, row: Mapping[str, Any], here: Place | None) -> None:
        self.row = row
        self.pick_up = _rough_place(row["from_lat"], row["from_lng"])
        self.drop = _rough_place(row["to_lat"], row["to_lng"])
        self.far = distance_m(here, self.pick_up) if here and self.pick_up else None

    def key(self, sort: Sort) -> tuple[int, str]:
        """Where it stands in the list; a pick-up that nobody knows comes last."""
        if sort == "near":
            return (2**40 if self.far is None else self.far, self.row["number"])
        return (round(self.row["placed_at"].timestamp() * 1000), self.row["number"])

    def card(self) -> AvailableCard:
        row = self.row
        way = distance_m(self.pick_up, self.drop) if self.pick_up and self.drop else None
        return AvailableCard(
            number=row["number"],
            pick_up_area=area_of(self.pick_up) or row["ships_from"] or "",
            drop_area=area_of(self.drop),
            to_pick_up_m=_in_steps(self.far),
            way_m=_in_steps(way),
            load=load_of(row),
            packed_at=row["packed_at"],
            placed_at=row["placed_at"],
            fee=row["fee"],
        )


def _rough_place(lat: Decimal | None, lng: Decimal | None) -> Place | None:
    place = Place.if_known(lat, lng)
    return place and roughly(place)


def _in_steps(metres: int | None) -> int | None:
    """To the nearest half kilometre; what is nearer than one is that far."""
    return None if metres is None else max(STEP_M, round(metres / STEP_M) * STEP_M)


def _read_after(after: str | None) -> tuple[int, str] | None:
    match read_cursor(after or ""):
        case [int(key), str(number)]:
            return key, number
    return None


def _narrow(here: Place) -> float:
    """How long a degree of longitude is at this place, measured in degrees of latitude."""
    return max(0.01, math.cos(math.radians(float(here.lat))))


def _box(here: Place, radius_km: int) -> Q:
    """All within the radius and some more, for the database; a box across the date line goes all the way round.

    The columns are exact, so it has room for all of a square whose middle is within the radius.
    """
    degrees = radius_km * 1000 / METRES_A_DEGREE * 1.01
    north, east = (
        Decimal(length + HALF_A_SQUARE).quantize(Decimal("0.000001"))
        for length in (degrees, degrees / _narrow(here))
    )
    box = Q(from_lat__range=(here.lat - north, here.lat + north))
    if abs(here.lng) + east < 180:
        box &= Q(from_lng__range=(here.lng - east, here.lng + east))
    return box


def _squared_degrees(here: Place) -> Combinable:
    """How far a pick-up is, good enough to find the nearest 300."""
    lat, lng = (
        Cast(Round(F(column), precision=DECIMALS), FloatField()) for column in ("from_lat", "from_lng")
    )
    north = lat - Value(float(here.lat), FloatField())
    around = Abs(lng - Value(float(here.lng), FloatField()))
    east = Least(around, Value(360.0, FloatField()) - around) * Value(_narrow(here), FloatField())
    return north * north + east * east


def find_claimable(number: str) -> Shipment | Consignment | None:
    """What has this public number, for `claim_shipment` or `claim_consignment`, which say what can be had of it."""
    return Shipment.objects.filter(number=number).first() or Consignment.objects.filter(number=number).first()
