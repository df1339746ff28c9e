"""What the clock tidies up behind people's devices."""

from django.utils.translation import gettext_lazy as _

from marketplace.common.sweeping import Sweep

from .sessions import forget_old_sessions

SWEEPS = [
    Sweep(
        "forget_old_sessions", _("Forget sessions that ran out"), forget_old_sessions, turn=120, every=3600
    ),
]
