"""What the clock does about invoices."""

from django.utils.translation import gettext_lazy as _

from marketplace.common.sweeping import Sweep

from .services import write_invoices

SWEEPS = [
    Sweep(
        "write_invoices",
        _("Write the commission invoices of the month that is over"),
        write_invoices,
        turn=56,
        every=3600,
        moves_money=True,
    ),
]
