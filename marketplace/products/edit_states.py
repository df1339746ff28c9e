"""How a staged edit of a listing goes on (docs/states.md); `services.edit_steps` is the only writer."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketplace.common.moving import Steps

from .states import ListingStatus


class EditStatus(models.TextChoices):
    DRAFT = "draft", _("Begun")
    PENDING = "pending", _("Waiting for review")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    CONFIRMED = "confirmed", _("Confirmed")
    DECLINED = "declined", _("Declined")
    CANCELLED = "cancelled", _("Cancelled")


EDIT_NEXT: Steps = {
    EditStatus.DRAFT: {EditStatus.PENDING, EditStatus.CANCELLED},
    EditStatus.PENDING: {
        EditStatus.DRAFT,
        EditStatus.CONFIRMED,
        EditStatus.DECLINED,
        EditStatus.CHANGES_REQUESTED,
        EditStatus.CANCELLED,
    },
    EditStatus.CHANGES_REQUESTED: {EditStatus.PENDING, EditStatus.CANCELLED},
    EditStatus.CONFIRMED: set(),
    EditStatus.DECLINED: set(),
    EditStatus.CANCELLED: set(),
}
EDIT_OPEN = (EditStatus.DRAFT, EditStatus.PENDING, EditStatus.CHANGES_REQUESTED)
EDIT_CHANGEABLE = (EditStatus.DRAFT, EditStatus.CHANGES_REQUESTED)
"""In which its seller may change what it says."""
STAGED = (ListingStatus.LIVE, ListingStatus.PAUSED, ListingStatus.SUSPENDED)
"""Listings that shoppers have seen: what these say is changed by an edit only."""

EDIT_TONES = {
    EditStatus.DRAFT: "waiting",
    EditStatus.PENDING: "moving",
    EditStatus.CHANGES_REQUESTED: "trouble",
    EditStatus.CONFIRMED: "done",
    EditStatus.DECLINED: "trouble",
    EditStatus.CANCELLED: "waiting",
}


def edit_not_possible(before: str, to: str) -> str:
    """The sentence for a step that is not there."""
    return gettext("A change that is “%(now)s” cannot become “%(next)s”.") % {
        "now": EditStatus(before).label,
        "next": EditStatus(to).label,
    }
