"""What the clock does about orders: sellers are paid, buyers reminded, old carts forgotten."""

from django.utils.translation import gettext_lazy as _

from marketplace.common.sweeping import Sweep

from .services.cart import forget_old_carts
from .services.settlement import complete_due, remind_of_completion

SWEEPS = [
    Sweep(
        "complete_due",
        _("Pay sellers whose buyers’ time is up"),
        complete_due,
        turn=20,
        every=10,
        moves_money=True,
    ),
    Sweep("remind_of_completion", _("Remind buyers a day before"), remind_of_completion, turn=30, every=600),
    Sweep("forget_old_carts", _("Forget visitors’ old carts"), forget_old_carts, turn=60, every=3600),
]
