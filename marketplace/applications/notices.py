"""What people are told about their applications and shops."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.notifications.kinds import Extra, Kind
from marketplace.notifications.sentences import because

from .models import Wanted


def _approved(extra: Extra) -> str:
    if extra["role"] == Wanted.SELLER:
        return _("Welcome: you are a seller now. Your workspace is open.")
    return _("Welcome: you are a courier now. Parcels wait in your console.")


def _changes(extra: Extra) -> str:
    return because(_("Please change something in your application and send it again."), extra)


def _rejected(extra: Extra) -> str:
    return because(_("Your application was not accepted. You may apply again."), extra)


def _suspended(extra: Extra) -> str:
    return because(
        _("Your shop is suspended: nothing can be bought from it for now. Your open orders go on."), extra
    )


def _lifted(extra: Extra) -> str:
    return _("Your shop is open again.")


def _back(extra: Extra) -> str:
    return _("Welcome back: your vacation is over and your shop sells again.")


APPLICATION_APPROVED = Kind(
    "application_approved",
    gettext_lazy("Application accepted"),
    "check-circle",
    _approved,
    needs={"role"},
    allows={"reason"},
)
APPLICATION_CHANGES = Kind(
    "application_changes",
    gettext_lazy("Changes asked for"),
    "pencil",
    _changes,
    needs={"role"},
    allows={"reason"},
)
APPLICATION_REJECTED = Kind(
    "application_rejected",
    gettext_lazy("Application not accepted"),
    "close",
    _rejected,
    needs={"role"},
    allows={"reason"},
)
SHOP_SUSPENDED = Kind(
    "shop_suspended",
    gettext_lazy("Shop suspended"),
    "alert",
    _suspended,
    needs={"reason"},
)
SHOP_REOPENED = Kind("shop_reopened", gettext_lazy("Shop open again"), "store", _lifted)
SHOP_IS_BACK = Kind("shop_is_back", gettext_lazy("Vacation over"), "store", _back)

KINDS = [
    APPLICATION_APPROVED,
    APPLICATION_CHANGES,
    APPLICATION_REJECTED,
    SHOP_SUSPENDED,
    SHOP_REOPENED,
    SHOP_IS_BACK,
]
