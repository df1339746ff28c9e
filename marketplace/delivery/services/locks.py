"""The first locks of a service of this domain: couriers (2), then the order (5) and its shipment (6)."""

from collections.abc import Iterable

from marketplace.common.locking import lock_by_ids
from marketplace.delivery.models import Courier
from marketplace.orders.services.shipments import lock_shipment

__all__ = ["lock_couriers", "lock_shipment"]


def lock_couriers(user_ids: Iterable[int]) -> dict[int, Courier]:
    """Lock what the store knows of these couriers, made on first need: the first lock of all, in one call."""
    wanted = set(user_ids)
    missing = wanted - set(Courier.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    # Looked for first: on MariaDB an INSERT IGNORE of a row that is there takes a shared lock on it.
    Courier.objects.bulk_create([Courier(pk=pk) for pk in sorted(missing)], ignore_conflicts=True)
    return lock_by_ids(Courier, wanted)
