"""What the clock tidies up behind forms and limits."""

from django.utils.translation import gettext_lazy as _

from .idempotency import forget_old_keys
from .limits import forget_old_windows
from .sweeping import Sweep

SWEEPS = [
    Sweep("forget_old_keys", _("Forget used form keys"), forget_old_keys, turn=70, every=3600),
    Sweep("forget_old_windows", _("Forget old request counts"), forget_old_windows, turn=110, every=600),
]
