"""What the console says of a job at each point of its way, and the doors that are still to come."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from marketplace.delivery.selectors.job_page import JobView
from marketplace.delivery.selectors.jobs import Door
from marketplace.delivery.states import DeliveryStatus

# What is to be done now.
HEADINGS = {
    DeliveryStatus.CLAIMED: _("Pick it up"),
    DeliveryStatus.CARRYING: _("Hand it over"),
    DeliveryStatus.RETURNING: _("Bring it back"),
}
# The sender's door, while the courier has to go there.
SENDERS_DOOR = {
    DeliveryStatus.CLAIMED: _("Pick up"),
    DeliveryStatus.RETURNING: _("Back to"),
}


@dataclass(frozen=True)
class ShownDoor:
    """A door on the page of a job; `sign` and `kind` (from | to) are those of its pin on the map."""

    door: Door
    heading: str
    sign: str
    kind: str
    is_goal: bool


def doors(view: JobView) -> list[ShownDoor]:
    """The doors that are still to come, in their order."""
    shown = []
    if view.pick_up and view.status in SENDERS_DOOR:
        heading = SENDERS_DOOR[view.status]
        shown.append(ShownDoor(view.pick_up, heading, sign="A", kind="from", is_goal=True))
    if view.drop:
        is_goal = view.goal is view.drop
        shown.append(ShownDoor(view.drop, _("Bring it to"), sign="B", kind="to", is_goal=is_goal))
    return shown
