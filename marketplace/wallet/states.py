"""Holds are open until all of them is captured or released; payments are pending until the provider's word."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class HoldStatus(models.TextChoices):
    OPEN = "open", _("Held")
    CAPTURED = "captured", _("Paid out")
    RELEASED = "released", _("Released")


NEXT = {
    HoldStatus.OPEN: {HoldStatus.CAPTURED, HoldStatus.RELEASED},
    HoldStatus.CAPTURED: set(),
    HoldStatus.RELEASED: set(),
}


def hold_not_possible(before: str, to: str) -> str:
    """The sentence for a step of a hold that there is not."""
    return gettext("This money is “%(before)s” now; it cannot become “%(to)s”.") % {
        "before": HoldStatus(before).label,
        "to": HoldStatus(to).label,
    }


class TopUpStatus(models.TextChoices):
    PENDING = "pending", _("Waiting for the payment")
    SUCCEEDED = "succeeded", _("Paid in")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


# A payment that arrives after we gave up is still the person's money: every end may become SUCCEEDED.
TOP_UP_NEXT = {
    TopUpStatus.PENDING: {
        TopUpStatus.SUCCEEDED,
        TopUpStatus.FAILED,
        TopUpStatus.CANCELLED,
        TopUpStatus.EXPIRED,
    },
    TopUpStatus.FAILED: {TopUpStatus.SUCCEEDED},
    TopUpStatus.CANCELLED: {TopUpStatus.SUCCEEDED},
    TopUpStatus.EXPIRED: {TopUpStatus.SUCCEEDED},
    TopUpStatus.SUCCEEDED: set(),
}


# One colour a meaning across the whole store (templates/components/status_pill.html).
TOP_UP_TONES = {
    "pending": "waiting",
    "succeeded": "done",
    "failed": "trouble",
    "cancelled": "trouble",
    "expired": "trouble",
}


def top_up_not_possible(before: str, to: str) -> str:
    """The sentence for a step of a payment that there is not."""
    return gettext("This payment is “%(before)s” now; it cannot become “%(to)s”.") % {
        "before": TopUpStatus(before).label,
        "to": TopUpStatus(to).label,
    }


class DemoState(models.TextChoices):
    """Where a payment stands at the demo provider."""

    OPEN = "open", _("Not decided")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    SLOW = "slow", _("On its way")
    CANCELLED = "cancelled", _("Cancelled")
