"""A hold is open until it is captured or released, once."""

from django.db import models
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
