"""What the clock does about payouts."""

from django.utils.translation import gettext_lazy as _

from marketplace.common.sweeping import Sweep

from .providers.desk import send_transfers
from .services.planning import ask_by_plan

SWEEPS = [
    Sweep(
        "ask_by_plan",
        _("Ask for the payouts that people planned"),
        ask_by_plan,
        turn=55,
        every=300,
        moves_money=True,
    ),
    Sweep(
        "send_transfers",
        _("Send approved payouts through their provider"),
        send_transfers,
        turn=57,
        moves_money=True,
    ),
]
