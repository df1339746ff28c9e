"""The pages of the courier's console."""

from .looks import COURIER, VISITOR, Shown, its_job, shown

PAGES: dict[str, Shown] = {
    "courier:home": shown(COURIER, query=("", "radius=2&sort=waiting")),
    "courier:jobs": shown(COURIER),
    "courier:me": shown(COURIER),
    "courier:job": shown(COURIER, address=its_job("claimed")),
    "courier:arrive": shown(COURIER, address=its_job("failed")),
    "courier:fail": shown(COURIER, address=its_job("failed")),
    "courier:scan": shown(COURIER),
    "courier:confirm": shown(COURIER, address=its_job("locked")),
    "courier:offline": shown(VISITOR, COURIER),
}

NOT_PAGES: dict[str, str] = {
    "courier:manifest": "JSON for phones",
    "courier:service_worker": "a script",
}
