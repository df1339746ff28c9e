"""What the clock does about parcels: what nobody picked up is cancelled, photos are tidied up."""

from django.utils.translation import gettext_lazy as _

from marketplace.common.sweeping import Sweep

from .photos import forget_orphan_photos
from .services import cancel_overdue, release_earnings

SWEEPS = [
    Sweep(
        "cancel_overdue",
        _("Cancel what nobody picked up"),
        cancel_overdue,
        turn=40,
        every=600,
        moves_money=True,
    ),
    Sweep(
        "release_earnings",
        _("Let couriers have what they earned"),
        release_earnings,
        turn=25,
        every=60,
        moves_money=True,
    ),
    Sweep(
        "forget_orphan_photos", _("Remove photos of nothing"), forget_orphan_photos, turn=100, every=86_400
    ),
]
