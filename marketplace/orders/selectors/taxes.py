"""What of a seller's sales was tax."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Sum

from marketplace.orders.models import ShipmentLine
from marketplace.orders.states import ShipmentStatus
from marketplace.orders.taxes import TaxSum, add_up


@dataclass(frozen=True)
class TaxOfSales:
    """The goods that were paid to a seller within a time, by rate; what they sold as a small business has none."""

    sums: list[TaxSum]
    as_small_business: bool

    @property
    def is_shown(self) -> bool:
        return bool(self.sums) or self.as_small_business


def tax_of_sales(seller_id: int, begins: datetime, ends: datetime) -> TaxOfSales:
    """The tax in a seller's sales that were completed from `begins` up to `ends`: one query."""
    kept = F("quantity") - F("cancelled_quantity") - F("returned_quantity")
    rows = list(
        ShipmentLine.objects.filter(
            shipment__seller_id=seller_id,
            shipment__status=ShipmentStatus.COMPLETED,
            shipment__completed_at__gte=begins,
            shipment__completed_at__lt=ends,
        )
        .order_by()
        .values("tax_rate", "shipment__is_small_business")
        .annotate(gross=Sum(F("unit_price") * kept - F("coupon_off")), tax_sum=Sum("tax"))
    )
    taxed = [
        TaxSum(row["tax_rate"], int(row["gross"]), int(row["tax_sum"]))
        for row in rows
        if row["tax_rate"] is not None
    ]
    return TaxOfSales(
        add_up(taxed),
        any(row["shipment__is_small_business"] for row in rows),
    )
