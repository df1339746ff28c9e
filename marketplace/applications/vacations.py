"""A vacation ends by itself: whoever asks whether a shop is open looks at the clock. Its seller is told of it."""

from datetime import datetime
from functools import partial

from marketplace.accounts import shops
from marketplace.accounts.models import SellerProfile
from marketplace.common.locking import lock_row_if_free
from marketplace.common.sweeping import Swept, sweep_rows
from marketplace.common.transactions import service
from marketplace.notifications.services import notify

from .notices import SHOP_IS_BACK


def tell_who_is_back(now: datetime) -> Swept:
    """Sweep: forget vacations that are over, and tell their sellers that their shops sell again."""
    due = SellerProfile.objects.filter(away_until__lte=now).order_by("pk")
    return sweep_rows("tell_who_is_back", due, partial(_tell, now=now), now=now)


@service
def _tell(pk: int, *, now: datetime) -> bool:
    shop = lock_row_if_free(SellerProfile, pk)
    if shop is None or shop.away_until is None or shop.away_until > now:
        return False
    event = f"shop_is_back:{shop.pk}:{shop.away_until.timestamp()}"
    shops.end_vacation(shop)
    notify(recipient_id=shop.pk, kind=SHOP_IS_BACK, subject=shop, event_key=event)
    return True
