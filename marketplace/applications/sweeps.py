"""What the clock does for shops."""

from django.utils.translation import gettext_lazy as _

from marketplace.common.sweeping import Sweep

from .names import find_by_new_names
from .pictures import forget_orphan_shop_pictures
from .vacations import tell_who_is_back

SWEEPS = [
    Sweep("tell_who_is_back", _("Tell sellers whose vacation is over"), tell_who_is_back, turn=45, every=600),
    Sweep(
        "find_by_new_names",
        _("Find the goods of renamed shops by their new names"),
        find_by_new_names,
        turn=85,
        by_any_clock=True,
    ),
    Sweep(
        "forget_orphan_shop_pictures",
        _("Remove logos and banners of nothing"),
        forget_orphan_shop_pictures,
        turn=95,
        every=86_400,
    ),
]
