"""What admins are told about the clock's work."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marketplace.notifications.kinds import Extra, Kind


def _sweep_trouble(extra: Extra) -> str:
    if extra.get("stopped"):
        return _("“%(sweep)s” is stopped: the store's clock looks wrong. Please look at it.") % extra
    values = {
        "sweep": extra["sweep"],
        "errors": int(extra.get("errors", 0)),
        "object": extra.get("object_id"),
    }
    return (
        ngettext(
            "“%(sweep)s” failed %(errors)d time at number %(object)s. It is tried again, ever more rarely.",
            "“%(sweep)s” failed %(errors)d times at number %(object)s. It is tried again, ever more rarely.",
            values["errors"],
        )
        % values
    )


SWEEP_TROUBLE = Kind(
    "sweep_trouble",
    gettext_lazy("A sweep has trouble"),
    "alert",
    _sweep_trouble,
    needs={"sweep"},
    allows={"object_id", "errors", "stopped"},
)

KINDS = [SWEEP_TROUBLE]
