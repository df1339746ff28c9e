"""What is read of rates: the table that holds, those before, and where a seller's parcels begin."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F, JSONField, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, JSONObject

from marketplace.common.places import Place

from .models import PAYERS, FreeDelivery, RateTable

# All that a price is worked out of; who made it, when and why, no checkout asks.
_IN_A_COLUMN = (
    *("id", "version", "base", "per_km", "extra_small", "extra_medium", "extra_large", "extra_bulky"),
    *("free_from", "max_metres", "store_bps", "courier_least", "back_bps", *PAYERS),
    *("again_fee", "wait_fee", "wait_free", "wait_most"),
)


def current_table() -> RateTable | None:
    """The table that holds now, None in a store that never had one. One query."""
    return RateTable.objects.order_by("-version").first()


def newest_column() -> Subquery:
    """The table that holds now as one column of another query, for `table_in`: a checkout counts its statements."""
    names = [field.attname for field in RateTable._meta.concrete_fields if field.name in _IN_A_COLUMN]
    newest = RateTable.objects.order_by("-version").values(
        said=JSONObject(**dict(zip(names, names, strict=True)))
    )
    return Subquery(newest[:1], output_field=JSONField())


def table_in(row: Mapping[str, Any]) -> RateTable | None:
    """The table of a row with `newest_column` as its `rates`; not for writing."""
    return RateTable(**row["rates"]) if row["rates"] else None


def tables() -> QuerySet[RateTable]:
    """Every version, the newest first."""
    return RateTable.objects.select_related("made_by").order_by("-version")


def offer_of(seller_id: int) -> int:
    """From which amount of goods on a seller pays the delivery, in minor units; 0 is never."""
    offer = FreeDelivery.objects.filter(seller=seller_id).values_list("free_from", flat=True)
    return next(iter(offer), 0)


def seller_columns(*, listing: str, seller: str) -> dict[str, Combinable]:
    """The columns that `start_of`, `meeting_of` and `offer_in` read.

    `listing` and `seller` are the ways from the queried model to a listing's pick-up place and to its seller.
    """
    columns: dict[str, Combinable] = {"offer_from": F(f"{seller}__free_delivery__free_from")}
    for name in ("lat", "lng"):
        usual = [F(f"{seller}__profile__default_pick_up__{name}"), F(f"{seller}__profile__location_{name}")]
        columns[f"start_{name}"] = Coalesce(F(f"{listing}__{name}"), *usual)
        columns[f"meeting_{name}"] = Coalesce(*usual)
    return columns


def start_columns(variant: str) -> dict[str, Combinable]:
    """All that a price is worked out of, for a query of which `variant` ("variant__") leads to one.

    A parcel begins where couriers fetch it: where its listing says, else at its seller's usual place.
    """
    places = seller_columns(listing=f"{variant}product__pick_up", seller=f"{variant}seller")
    return places | {"size_class": F(f"{variant}size_class")}


def start_of(row: Mapping[str, Any]) -> Place | None:
    """Where the parcel of a row with `start_columns` begins; None where its seller has not said."""
    return Place.if_known(row["start_lat"], row["start_lng"])


def meeting_of(row: Mapping[str, Any]) -> Place | None:
    """Where its seller brings pieces together that lie in several places (docs/decisions/0023)."""
    return Place.if_known(row["meeting_lat"], row["meeting_lng"])


def offer_in(row: Mapping[str, Any]) -> int:
    """The offer of the seller of a row with `start_columns`."""
    return row["offer_from"] or 0
