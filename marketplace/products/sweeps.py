"""What the clock does about goods: sale prices begin and end, what is popular is counted, files tidied up."""

from django.utils.translation import gettext_lazy as _

from marketplace.common.sweeping import Sweep

from .files import forget_orphans
from .services import refresh_popularity, refresh_prices

SWEEPS = [
    Sweep("refresh_prices", _("Start and end sale prices"), refresh_prices, turn=10, by_any_clock=True),
    Sweep(
        "refresh_popularity",
        _("Count what is popular"),
        refresh_popularity,
        turn=80,
        every=600,
        by_any_clock=True,
    ),
    Sweep("forget_orphans", _("Remove pictures of nothing"), forget_orphans, turn=90, every=86_400),
]
