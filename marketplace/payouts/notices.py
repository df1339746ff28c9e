"""What people are told about their payouts. "amount" is in minor units."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.common.money import format_money
from marketplace.notifications.kinds import Extra, Kind

MONEY = {"amount"}


def _asked(extra: Extra) -> str:
    return _("As you planned it, a payout of %(amount)s was asked for.") % {
        "amount": format_money(extra["amount"])
    }


def _sent(extra: Extra) -> str:
    return _("Your payout of %(amount)s was sent to your account.") % {
        "amount": format_money(extra["amount"])
    }


def _declined(extra: Extra) -> str:
    return _(
        "Your payout of %(amount)s was declined. The money is in your wallet again. Reason: %(reason)s"
    ) % {
        "amount": format_money(extra["amount"]),
        "reason": extra["reason"],
    }


def _came_back(extra: Extra) -> str:
    return _("Your payout of %(amount)s came back. The money is in your wallet again. Reason: %(reason)s") % {
        "amount": format_money(extra["amount"]),
        "reason": extra["reason"],
    }


def _address_changed(extra: Extra) -> str:
    return _(
        "Your payouts go to the account ending in %(last4)s from now on. Was it not you? Tell us at once."
    ) % {"last4": extra["last4"]}


def _matter(extra: Extra) -> str:
    return _("Something is wrong with a payout of %(amount)s at %(provider)s. Please look at it.") % {
        "amount": format_money(extra["amount"]),
        "provider": extra["provider"],
    }


PAYOUT_PLANNED = Kind("payout_planned", gettext_lazy("Payout asked for"), "wallet", _asked, needs=MONEY)
PAYOUT_SENT = Kind("payout_sent", gettext_lazy("Payout sent"), "wallet", _sent, needs=MONEY)
PAYOUT_DECLINED = Kind(
    "payout_declined", gettext_lazy("Payout declined"), "alert", _declined, needs=MONEY | {"reason"}
)
PAYOUT_CAME_BACK = Kind(
    "payout_came_back", gettext_lazy("Payout came back"), "alert", _came_back, needs=MONEY | {"reason"}
)
PAYOUT_ADDRESS_CHANGED = Kind(
    "payout_address_changed",
    gettext_lazy("Payout account changed"),
    "shield",
    _address_changed,
    needs={"last4"},
)
PAYOUT_MATTER = Kind(
    "payout_matter", gettext_lazy("Payout to be looked at"), "alert", _matter, needs=MONEY | {"provider"}
)

KINDS = [
    PAYOUT_PLANNED,
    PAYOUT_SENT,
    PAYOUT_DECLINED,
    PAYOUT_CAME_BACK,
    PAYOUT_ADDRESS_CHANGED,
    PAYOUT_MATTER,
]
