"""Which listings open orders still need (marketplace/products/needed.py)."""

from collections.abc import Collection

from .models import ShipmentLine
from .states import FINAL


def in_open_orders(product_ids: Collection[int]) -> set[int]:
    """Those of these listings of which a piece is bought and its parcel not at its end: one query.

    Asked under the locks of all their variants, which a checkout takes as well: none is being bought meanwhile.
    """
    return set(
        ShipmentLine.objects.filter(variant__product_id__in=product_ids)
        .exclude(shipment__status__in=FINAL)
        .order_by()
        .values_list("variant__product_id", flat=True)
        .distinct()
    )


NEEDING = [in_open_orders]
