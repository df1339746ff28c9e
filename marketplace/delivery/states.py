"""Courier jobs, tries at the door and proofs (docs/states.md)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeliveryStatus(models.TextChoices):
    """A courier's job. While it is one of ACTIVE it takes one of the courier's slots."""

    CLAIMED = "claimed", _("To pick up")
    CARRYING = "carrying", _("On its way")
    RETURNING = "returning", _("Going back")
    DELIVERED = "delivered", _("Delivered")
    RETURNED = "returned", _("Brought back")
    GIVEN_BACK = "given_back", _("Given back")
    TAKEN_AWAY = "taken_away", _("Taken back by the store")
    CANCELLED = "cancelled", _("Cancelled")


DELIVERY_NEXT = {
    DeliveryStatus.CLAIMED: {
        DeliveryStatus.CARRYING,
        DeliveryStatus.GIVEN_BACK,
        DeliveryStatus.TAKEN_AWAY,
        DeliveryStatus.CANCELLED,
    },
    DeliveryStatus.CARRYING: {
        DeliveryStatus.DELIVERED,
        DeliveryStatus.RETURNING,
        DeliveryStatus.TAKEN_AWAY,
    },
    DeliveryStatus.RETURNING: {DeliveryStatus.RETURNED, DeliveryStatus.TAKEN_AWAY},
    DeliveryStatus.DELIVERED: set(),
    DeliveryStatus.RETURNED: set(),
    DeliveryStatus.GIVEN_BACK: set(),
    DeliveryStatus.TAKEN_AWAY: set(),
    DeliveryStatus.CANCELLED: set(),
}
# Sets of states that rules and pages name; whoever asks for one of them takes it from here.
ACTIVE = (DeliveryStatus.CLAIMED, DeliveryStatus.CARRYING, DeliveryStatus.RETURNING)
CARRIED = (DeliveryStatus.CARRYING, DeliveryStatus.RETURNING)
# What a courier is paid for: the parcel reached its receiver, or its sender again.
DONE = (DeliveryStatus.DELIVERED, DeliveryStatus.RETURNED)


class AttemptOutcome(models.TextChoices):
    """What came of a try at the door. VOID: an admin took a failed one back; it does not count."""

    SUCCEEDED = "succeeded", _("Delivered")
    FAILED = "failed", _("Failed")
    VOID = "void", _("Does not count")


class FailReason(models.TextChoices):
    ABSENT = "absent", _("Nobody was there")
    REFUSED = "refused", _("It was refused")
    WRONG_ADDRESS = "wrong_address", _("The address is wrong")
    UNSAFE = "unsafe", _("It was not safe")
    DAMAGED = "damaged", _("The parcel is damaged")


GOES_BACK_AT_ONCE = (FailReason.REFUSED, FailReason.DAMAGED)
MAX_ATTEMPTS = 3


class Purpose(models.TextChoices):
    """Whose PIN ends the way: the receiver's at the door, or the sender's when it comes back."""

    DELIVERY = "delivery", _("Handing over to the buyer")
    RETURN = "return", _("Handing back to the seller")


class ProofStatus(models.TextChoices):
    ISSUED = "issued", _("Waiting")
    LOCKED = "locked", _("Locked")
    CONFIRMED = "confirmed", _("Confirmed")
    BYPASSED = "bypassed", _("Confirmed by the store")
    REPLACED = "replaced", _("Replaced by a new one")


PROOF_NEXT = {
    ProofStatus.ISSUED: {
        ProofStatus.LOCKED,
        ProofStatus.CONFIRMED,
        ProofStatus.BYPASSED,
        ProofStatus.REPLACED,
    },
    ProofStatus.LOCKED: {ProofStatus.BYPASSED, ProofStatus.REPLACED},
    ProofStatus.CONFIRMED: set(),
    ProofStatus.BYPASSED: set(),
    ProofStatus.REPLACED: set(),
}
OPEN_PROOFS = (ProofStatus.ISSUED, ProofStatus.LOCKED)
MAX_TRIES = 5


class Method(models.TextChoices):
    PIN = "pin", _("PIN")
    QR = "qr", _("QR code")
    BYPASS = "bypass", _("By the store")


# One colour a meaning across the whole store (templates/components/status_pill.html).
TONES = {
    "claimed": "waiting",
    "carrying": "moving",
    "returning": "moving",
    "delivered": "done",
    "returned": "done",
    "given_back": "trouble",
    "taken_away": "trouble",
    "cancelled": "trouble",
}
