"""Listings and brands: who may move them where is in docs/states.md."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketplace.common.moving import Steps


class ListingStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PENDING = "pending", _("Waiting for review")
    LIVE = "live", _("Live")
    REJECTED = "rejected", _("Rejected")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    PAUSED = "paused", _("Paused")
    SUSPENDED = "suspended", _("Suspended")
    ARCHIVED = "archived", _("Archived")


class BrandStatus(models.TextChoices):
    PENDING = "pending", _("Waiting for review")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    SUSPENDED = "suspended", _("Suspended")


IN_THE_SHOP = (ListingStatus.LIVE, ListingStatus.PAUSED)
"""Listings whose prices their seller may reduce."""

LISTING_NEXT: Steps = {
    ListingStatus.DRAFT: {ListingStatus.PENDING, ListingStatus.ARCHIVED},
    ListingStatus.PENDING: {
        ListingStatus.DRAFT,
        ListingStatus.LIVE,
        ListingStatus.REJECTED,
        ListingStatus.CHANGES_REQUESTED,
        ListingStatus.ARCHIVED,
    },
    ListingStatus.REJECTED: {ListingStatus.ARCHIVED},
    ListingStatus.CHANGES_REQUESTED: {ListingStatus.PENDING, ListingStatus.ARCHIVED},
    ListingStatus.LIVE: {ListingStatus.PAUSED, ListingStatus.SUSPENDED, ListingStatus.ARCHIVED},
    ListingStatus.PAUSED: {ListingStatus.LIVE, ListingStatus.ARCHIVED},
    ListingStatus.SUSPENDED: {ListingStatus.LIVE, ListingStatus.ARCHIVED},
    ListingStatus.ARCHIVED: set(),
}


# One colour a meaning across the whole store (templates/components/status_pill.html).
LISTING_TONES = {
    ListingStatus.DRAFT: "waiting",
    ListingStatus.PENDING: "moving",
    ListingStatus.LIVE: "done",
    ListingStatus.REJECTED: "trouble",
    ListingStatus.CHANGES_REQUESTED: "trouble",
    ListingStatus.PAUSED: "waiting",
    ListingStatus.SUSPENDED: "trouble",
    ListingStatus.ARCHIVED: "waiting",
}


def listing_not_possible(before: str, to: str) -> str:
    """The sentence for a step that is not there."""
    return gettext("A listing that is “%(now)s” cannot become “%(next)s”.") % {
        "now": ListingStatus(before).label,
        "next": ListingStatus(to).label,
    }
