"""What a courier has earned stays held for a day, in a hold of its own, so that a dispute finds it."""

from datetime import datetime, timedelta

from django.conf import settings

from marketplace.common.sweeping import Swept, sweep_rows
from marketplace.common.transactions import service
from marketplace.delivery.models import Delivery
from marketplace.wallet.models import Hold, HoldKind
from marketplace.wallet.services import HoldRequest, place_holds, release_hold
from marketplace.wallet.states import HoldStatus


def hold_earning(delivery: Delivery, amount: int) -> None:
    """Set what was just paid for a job aside. An inner step: the courier's wallet is locked."""
    request = HoldRequest(amount, delivery.earning_key, delivery)
    place_holds(owner_id=delivery.courier_id, kind=HoldKind.EARNING, requests=[request])


def pending_for() -> timedelta:
    """How long an earning stays held."""
    return timedelta(hours=settings.EARNING_PENDING_HOURS)


def release_earnings(now: datetime) -> Swept:
    """Sweep: couriers may spend what they earned `EARNING_PENDING_HOURS` ago."""
    held = Hold.objects.filter(
        kind=HoldKind.EARNING, status=HoldStatus.OPEN, created_at__lte=now - pending_for()
    )
    return sweep_rows("release_earnings", held.order_by("created_at", "pk"), _release, now=now)


@service
def _release(hold_id: int) -> bool:
    """Closed already is nothing to do: `release_hold` looks again under the wallet's lock."""
    hold = Hold.objects.filter(pk=hold_id, status=HoldStatus.OPEN).first()
    if hold is None or hold.open_key is None:
        return False
    release_hold(open_key=hold.open_key, key=f"{hold.open_key}:released")
    return True
