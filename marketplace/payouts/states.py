"""A payout is asked for, approved and sent; or it ends before, and once sent it may still come back."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class PayoutStatus(models.TextChoices):
    REQUESTED = "requested", _("Asked for")
    APPROVED = "approved", _("Approved")
    SENT = "sent", _("Sent")
    DECLINED = "declined", _("Declined")
    CANCELLED = "cancelled", _("Cancelled")
    CAME_BACK = "came_back", _("Came back")


NEXT = {
    PayoutStatus.REQUESTED: {PayoutStatus.APPROVED, PayoutStatus.DECLINED, PayoutStatus.CANCELLED},
    PayoutStatus.APPROVED: {PayoutStatus.SENT, PayoutStatus.DECLINED},
    PayoutStatus.SENT: {PayoutStatus.CAME_BACK},
    PayoutStatus.DECLINED: set(),
    PayoutStatus.CANCELLED: set(),
    PayoutStatus.CAME_BACK: set(),
}

OPEN = (PayoutStatus.REQUESTED, PayoutStatus.APPROVED)
"""Its money is held."""

SETTLING = (*OPEN, PayoutStatus.SENT)
"""Its entries are settled by it; every other payout has given its entries back."""

# One colour a meaning across the whole store (templates/components/status_pill.html).
TONES = {
    PayoutStatus.REQUESTED: "waiting",
    PayoutStatus.APPROVED: "moving",
    PayoutStatus.SENT: "done",
    PayoutStatus.DECLINED: "trouble",
    PayoutStatus.CANCELLED: "trouble",
    PayoutStatus.CAME_BACK: "trouble",
}


def not_possible(before: str, to: str) -> str:
    """The sentence for a step of a payout that there is not."""
    return gettext("This payout is “%(before)s” now; it cannot become “%(to)s”.") % {
        "before": PayoutStatus(before).label,
        "to": PayoutStatus(to).label,
    }


class Every(models.TextChoices):
    """How often somebody is paid out by themselves."""

    NEVER = "never", _("Only when I ask")
    WEEK = "week", _("Every week")


class Provider(models.TextChoices):
    """Who carries a payout out: the store's own bank, told by people, or a service that is asked for a transfer."""

    MANUAL = "manual", _("Bank")
    STRIPE = "stripe", "Stripe"


class Matter(models.TextChoices):
    """Why somebody must look at what a provider did with a payout: the books cannot follow it by themselves."""

    IN_PART = "in_part", _("Came back in part")
    NOT_BACK = "not_back", _("Refused by their bank")
    MISMATCH = "mismatch", _("Not what was asked for")


class BatchKind(models.TextChoices):
    """How a batch is told to the bank."""

    SEPA = "sepa", _("SEPA (pain.001)")
    CSV = "csv", _("CSV")
