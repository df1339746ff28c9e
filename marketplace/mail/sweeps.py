"""What the clock does with mail."""

from django.utils.translation import gettext_lazy as _

from marketplace.common.sweeping import Sweep

from .delivery import send_due
from .services import forget_old_mail

SWEEPS = [
    Sweep("send_mail", _("Send mail that waits"), send_due, turn=65, by_any_clock=True),
    Sweep("forget_old_mail", _("Forget mail of a month ago"), forget_old_mail, turn=115, every=3600),
]
