"""The first locks of a service of this domain: couriers (2), then the order (5) and its shipment (6)."""

from collections.abc import Iterable

from marketplace.common.locking import lock_by_ids, lock_row
from marketplace.delivery.models import Courier
from marketplace.orders.models import Order, Shipment


def lock_couriers(user_ids: Iterable[int]) -> dict[int, Courier]:
    """Lock what the store knows of these couriers, made on first need: the first lock of all, in one call."""
    wanted = set(user_ids)
    missing = wanted - set(Courier.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    # Looked for first: on MariaDB an INSERT IGNORE of a row that is there takes a shared lock on it.
    Courier.objects.bulk_create([Courier(pk=pk) for pk in sorted(missing)], ignore_conflicts=True)
    return lock_by_ids(Courier, wanted)


def lock_shipment(shipment_id: int) -> Shipment:
    """Lock the order and then the shipment, whose order never changes."""
    order_id = Shipment.objects.values_list("order_id", flat=True).get(pk=shipment_id)
    order = lock_row(Order, order_id)
    shipment = lock_row(Shipment, shipment_id)
    shipment.order = order
    return shipment
