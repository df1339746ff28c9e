"""What the clock does about payments."""

from django.utils.translation import gettext_lazy as _

from marketplace.common.sweeping import Sweep

from .payments.desk import expire_top_ups
from .services.reserves import release_reserves

SWEEPS = [
    Sweep("expire_top_ups", _("Give up top-ups that were not paid"), expire_top_ups, turn=50, every=60),
    Sweep(
        "release_reserves",
        _("Release what was kept in reserve"),
        release_reserves,
        turn=52,
        every=300,
        moves_money=True,
    ),
]
