"""Where couriers fetch what somebody sells: the place that a listing names, else their default one.

Who has named none is found where their own parcels go, as that is when somebody asks; of the others a shipment
keeps what was said at its order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import F
from django.db.models.functions import Coalesce

from marketplace.common.places import Place

from .models import Profile, SavedAddress

COLUMNS = ("public_id", "label", "name", "phone", "address", "lat", "lng", "notes")


@dataclass(frozen=True)
class PickUp:
    """A pick-up place as a parcel keeps it; who hands it over is "" where it is the seller."""

    label: str
    name: str
    phone: str
    address: str
    notes: str
    place: Place | None

    @classmethod
    def of(cls, saved: SavedAddress) -> Self:
        """What a saved place says."""
        return cls(saved.label, saved.name, saved.phone, saved.address, saved.notes, saved.place)

    @classmethod
    def of_home(cls, profile: Profile) -> Self:
        """Where somebody's own parcels go, for who has named no pick-up place."""
        return cls("", "", "", profile.location_address, profile.access_notes, profile.place)

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Self:
        """What the `pick_up_columns` of a row say."""
        said = {name: row[f"fetch_{name}"] for name in COLUMNS[1:]}
        return cls(place=Place(said.pop("lat"), said.pop("lng")), **said)


def pick_up_columns(*, listing: str, seller: str) -> dict[str, Coalesce]:
    """Columns `fetch_…` of a query: the place at the end of `listing`, else the default of the profile `seller`.

    All are NULL where there is neither (`PickUp.of_row` needs a `fetch_public_id`).
    """
    default = f"{seller}__default_pick_up"
    return {f"fetch_{name}": Coalesce(F(f"{listing}__{name}"), F(f"{default}__{name}")) for name in COLUMNS}


def default_pick_up(seller_id: int) -> PickUp | None:
    """The default pick-up place of somebody; None where they have named none. One query."""
    profile = Profile.objects.select_related("default_pick_up").get(pk=seller_id)
    return PickUp.of(profile.default_pick_up) if profile.default_pick_up else None
