"""What the clock does about imports: it does their work, and tidies up after them."""

from django.utils.translation import gettext_lazy as _

from marketplace.common.sweeping import Sweep

from .services import forget_old_imports, run_imports

SWEEPS = [
    Sweep("run_imports", _("Go on with imports of products"), run_imports, turn=75, by_any_clock=True),
    Sweep("forget_old_imports", _("Remove files of old imports"), forget_old_imports, turn=105, every=86_400),
]
