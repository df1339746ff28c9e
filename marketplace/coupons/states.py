"""What a coupon is at a moment: worked out of what its row says, never stored."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CouponState(models.TextChoices):
    RUNNING = "running", _("Running")
    PLANNED = "planned", _("Not begun yet")
    USED_UP = "used_up", _("Used up")
    ENDED = "ended", _("Ended")
    STOPPED = "stopped", _("Stopped")


# The colour of each (templates/components/status_pill.html).
TONES = {
    CouponState.RUNNING: "done",
    CouponState.PLANNED: "waiting",
    CouponState.USED_UP: "trouble",
    CouponState.ENDED: "trouble",
    CouponState.STOPPED: "trouble",
}
