"""What a delivery costs besides its way: further tries at the door, and waiting there."""

from dataclasses import dataclass

from django.conf import settings

from marketplace.rates.pricing import waiting_price

from .models import Attempt, Delivery
from .states import AttemptOutcome, DeliveryStatus


@dataclass(frozen=True)
class Extras:
    """What a job's courier earns, and how much of it its receiver owes, in minor units; the rest is the store's."""

    courier: int = 0
    receiver: int = 0


def extras_of(delivery: Delivery) -> Extras:
    """The extras of a job that is done, by its shipment's own table: of the tries that its courier made and that count.

    A try after one that failed costs `again_fee`, waiting what `waiting_price` says. The receiver owes them where it
    was theirs that it failed (`BUYER_PAYS_WAY_THERE`), and the wait of the try that succeeded.
    """
    table = delivery.shipment.rates
    if table is None or not (table.again_fee or table.wait_most):
        return Extras()
    tries = list(
        Attempt.objects.filter(delivery=delivery).exclude(outcome=AttemptOutcome.VOID).order_by("number")
    )
    failed = [attempt for attempt in tries if attempt.outcome == AttemptOutcome.FAILED]
    # After the last one that failed, a parcel that came back was not tried again.
    repeated = failed if delivery.status == DeliveryStatus.DELIVERED else failed[:-1]
    costs = [(attempt, table.again_fee) for attempt in repeated]
    costs += [(attempt, waiting_price(table, attempt.waited_seconds)) for attempt in tries]
    return Extras(
        courier=sum(cost for _attempt, cost in costs),
        receiver=sum(cost for attempt, cost in costs if _is_the_receivers(attempt)),
    )


def _is_the_receivers(attempt: Attempt) -> bool:
    return not attempt.reason or attempt.reason in settings.BUYER_PAYS_WAY_THERE
