"""What speaks against a pin: it is far from what the address says, or from where the store delivers."""

from decimal import Decimal

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from marketplace.common.places import Place, distance_m

from .answers import Exactness, Found

# How far a door may be from what was found of its address, in metres: a town is wide.
TOLERANCE_M = {Exactness.DOOR: 1_000, Exactness.STREET: 1_000, Exactness.TOWN: 25_000}


def doubts_about(place: Place, found: Found | None) -> list[str]:
    """Sentences that ask whether this pin is meant; `found` is what is known of the address beside it."""
    doubts = []
    if found:
        apart = distance_m(place, found.place)
        if apart > TOLERANCE_M[found.exactness]:
            doubts.append(
                _("The pin is %(distance)s km from “%(place)s”, which the address names.")
                % {"distance": _kilometres(apart), "place": found.label}
            )
    lat, lng = settings.STORE_PLACE
    away = distance_m(place, Place(Decimal(str(lat)), Decimal(str(lng))))
    if settings.STORE_RADIUS_KM and away > settings.STORE_RADIUS_KM * 1000:
        doubts.append(
            _("The pin is %(distance)s km from where this store delivers.") % {"distance": _kilometres(away)}
        )
    return doubts


def _kilometres(metres: int) -> str:
    return number_format(round(metres / 1000, 1) if metres < 10_000 else round(metres / 1000), use_l10n=True)
