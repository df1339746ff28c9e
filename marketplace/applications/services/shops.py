"""The store closes a shop, with a reason, and opens it again; what was ordered there goes on."""

from django.utils.translation import gettext as _

from marketplace.accounts import shops
from marketplace.accounts.models import SellerProfile
from marketplace.accounts.shown import mark_of_suspension
from marketplace.applications.notices import SHOP_REOPENED, SHOP_SUSPENDED
from marketplace.common import clock
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import StaleState
from marketplace.common.locking import lock_row
from marketplace.common.shown import require_as_shown
from marketplace.common.texts import clean_reason
from marketplace.common.transactions import service
from marketplace.notifications.kinds import Kind
from marketplace.notifications.services import notify


def require_suspendable(actor: Actor, shop: SellerProfile) -> None:
    """Whether `actor` may suspend this shop, as it is now. Raises PermissionDenied, `StaleState`."""
    authorize(actor, "accounts.suspend_shop", shop)
    if shop.is_suspended:
        raise StaleState(_("This shop is suspended already."))


def require_liftable(actor: Actor, shop: SellerProfile) -> None:
    """Whether `actor` may open this shop again, as it is now. Raises PermissionDenied, `StaleState`."""
    authorize(actor, "accounts.suspend_shop", shop)
    if not shop.is_suspended:
        raise StaleState(_("This shop is open."))


@service
def suspend_shop(*, user_id: int, reason: str, actor: Actor, expected: str | None = None) -> SellerProfile:
    """Let a seller's shop sell nothing for now; its seller is told why. Its open orders go on.

    Raises `Invalid` (field `reason`), `StaleState` where it is suspended or the form is of another time,
    PermissionDenied.
    """
    shop = lock_row(SellerProfile, user_id)
    require_suspendable(actor, shop)
    require_as_shown(expected, mark_of_suspension(shop))
    reason = clean_reason(reason)
    shops.suspend(shop, reason)
    _tell(shop, SHOP_SUSPENDED, reason=reason)
    return shop


@service
def lift_shop_suspension(*, user_id: int, actor: Actor, expected: str | None = None) -> SellerProfile:
    """Let a suspended shop sell again; its seller is told.

    Raises `StaleState` where it is not suspended or the form is of another time, PermissionDenied.
    """
    shop = lock_row(SellerProfile, user_id)
    require_liftable(actor, shop)
    require_as_shown(expected, mark_of_suspension(shop))
    shops.lift_suspension(shop)
    _tell(shop, SHOP_REOPENED)
    return shop


def _tell(shop: SellerProfile, kind: Kind, **extra: object) -> None:
    event = f"{kind}:{shop.pk}:{clock.now().timestamp()}"
    notify(recipient_id=shop.pk, kind=kind, subject=shop, event_key=event, **extra)
