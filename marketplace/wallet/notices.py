"""What people are told about their wallets."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.common.money import format_money
from marketplace.notifications.kinds import Extra, Kind
from marketplace.wallet.models import TopUp, Wallet


def _wallet_topped_up(extra: Extra) -> str:
    return _("%(amount)s arrived in your wallet.") % {"amount": format_money(extra["amount"])}


def _reserve_changed(extra: Extra) -> str:
    return _(
        "From now on %(percent)s of each sale is kept in reserve for %(days)s days. Reason: %(reason)s"
    ) % {
        "percent": f"{extra['bps'] / 100:g}%",
        "days": extra["days"],
        "reason": extra["reason"],
    }


def _its_wallet(top_up: TopUp) -> Wallet:
    return top_up.wallet


# "amount" is in minor units; "number" is the payment's.
WALLET_TOPPED_UP = Kind(
    "wallet_topped_up",
    gettext_lazy("Wallet topped up"),
    "wallet",
    _wallet_topped_up,
    needs={"amount"},
    allows={"number"},
    leads_to=_its_wallet,
)

RESERVE_CHANGED = Kind(
    "reserve_changed",
    gettext_lazy("Reserve changed"),
    "wallet",
    _reserve_changed,
    needs={"bps", "days", "reason"},
)

KINDS = [WALLET_TOPPED_UP, RESERVE_CHANGED]
