"""Places on Earth, as forms, phones and addresses name them, and how far they are from each other."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, Self

from django.utils.translation import gettext as _

from marketplace.common.errors import Invalid

EARTH_RADIUS_M = 6_371_008.8  # the mean one
MAX_ACCURACY_M = 1_000_000  # a phone that is further off than this knows nothing
SIXTH_DECIMAL = Decimal("0.000001")  # of a degree: 11 cm at the equator

# As a phone's browser writes them: ASCII digits, no exponent, nothing that Decimal would take besides
# ("1_0", "NaN", "١").
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,20})?\Z")
_METRES = re.compile(r"[0-9]{1,12}(\.[0-9]{1,20})?\Z")


class Point(Protocol):
    """Anything with a place on Earth in degrees (WGS 84)."""

    @property
    def lat(self) -> Decimal: ...

    @property
    def lng(self) -> Decimal: ...


@dataclass(frozen=True)
class Place:
    """A place on Earth in degrees (WGS 84, six decimals), and how sure the phone is of it, in metres."""

    lat: Decimal
    lng: Decimal
    accuracy_m: int | None = None

    def __post_init__(self) -> None:
        """Raises ValueError where this is no place on Earth."""
        for name, limit in (("lat", 90), ("lng", 180)):
            value = Decimal(getattr(self, name))
            if not value.is_finite() or abs(value) > limit:
                raise ValueError(f"{name} is not a place on Earth: {value}")
            object.__setattr__(self, name, value.quantize(SIXTH_DECIMAL))
        if self.accuracy_m is not None and not 0 <= self.accuracy_m <= MAX_ACCURACY_M:
            raise ValueError(f"accuracy is not in metres: {self.accuracy_m}")

    @classmethod
    def if_known(cls, lat: Decimal | None, lng: Decimal | None) -> Self | None:
        """The place in two columns; None where nobody has said it yet."""
        return None if lat is None or lng is None else cls(lat, lng)

    @classmethod
    def parse(cls, lat: str, lng: str, accuracy: str = "") -> Self | None:
        """The place that a form's fields name; None if they are empty (the phone's owner said no).

        Raises `Invalid` (field "place") for anything else that is not a place. An accuracy that says
        nothing is left out.
        """
        lat, lng, accuracy = lat.strip(), lng.strip(), accuracy.strip()
        if not lat and not lng:
            return None
        if not (_DEGREES.match(lat) and _DEGREES.match(lng)):
            raise _no_place()
        metres = math.ceil(Decimal(accuracy)) if _METRES.match(accuracy) else None
        try:
            return cls(
                Decimal(lat), Decimal(lng), metres if metres is None or metres <= MAX_ACCURACY_M else None
            )
        except ValueError as error:
            raise _no_place() from error

    @classmethod
    def if_any(cls, lat: str, lng: str, accuracy: str = "") -> Self | None:
        """As `parse`, but None for what is not a place: a phone's confusion never stops a delivery."""
        try:
            return cls.parse(lat, lng, accuracy)
        except Invalid:
            return None


def _no_place() -> Invalid:
    return Invalid(_("This is not a place on Earth."), field="place")


def distance_m(a: Point, b: Point) -> int:
    """Metres between two places along the ground, the Earth taken as a ball (within 0.6 %)."""
    lat_a, lng_a, lat_b, lng_b = (math.radians(float(degree)) for degree in (a.lat, a.lng, b.lat, b.lng))
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin((lng_b - lng_a) / 2) ** 2
    )
    return round(2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half))))
