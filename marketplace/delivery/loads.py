"""What a courier has to carry: how many pieces, how heavy, and how much room the largest of them takes."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, Max, Min, OuterRef, Subquery, Sum, Value, When
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from marketplace.orders.models import ShipmentLine
from marketplace.products.models import SizeClass

COLUMNS = ("pieces", "grams", "room")


@dataclass(frozen=True)
class Load:
    """What is in a parcel now, without what was cancelled."""

    pieces: int = 0
    grams: int = 0
    """0 where the seller has not said it of every piece."""
    room: int = 0
    """The place of the largest piece's size class among them."""

    @property
    def size(self) -> str:
        """The size class of the largest piece, in words."""
        return str(SizeClass(SizeClass.values[self.room]).label)

    @property
    def weight(self) -> str:
        """ "1.4 kg", "250 g"; empty where nobody knows."""
        if not self.grams:
            return ""
        if self.grams < 1000:
            return _("%(number)s g") % {"number": self.grams}
        return _("%(number)s kg") % {"number": number_format(round(self.grams / 1000, 1))}


def columns_of(shipment: str) -> dict[str, Subquery]:
    """The `COLUMNS` of the shipment that the column `shipment` of a query names."""
    kept = (
        ShipmentLine.objects.filter(shipment=OuterRef(shipment))
        .annotate(kept=F("quantity") - F("cancelled_quantity") - F("returned_quantity"))
        .filter(kept__gt=0)
        .order_by()
        .values("shipment")
    )
    rooms = [When(variant__size_class=size, then=Value(place)) for place, size in enumerate(SizeClass.values)]
    weighed = kept.annotate(
        grams=Sum(F("kept") * F("variant__weight_grams")), lightest=Min("variant__weight_grams")
    )
    return {
        "pieces": Subquery(kept.annotate(number=Sum("kept")).values("number")),
        "grams": Subquery(
            weighed.annotate(known=Case(When(lightest__gt=0, then=F("grams")), default=Value(0))).values(
                "known"
            )
        ),
        "room": Subquery(
            kept.annotate(largest=Max(Case(*rooms, output_field=IntegerField()))).values("largest")
        ),
    }


def load_of(row: Any) -> Load:
    """The load of a row with `COLUMNS`; one without a piece has none of them."""
    read = row.get if isinstance(row, dict) else lambda name: getattr(row, name)
    return Load(*(read(name) or 0 for name in COLUMNS))
