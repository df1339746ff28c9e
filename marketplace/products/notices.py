"""What sellers are told about their listings."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.notifications.kinds import Extra, Kind
from marketplace.notifications.sentences import because


def _approved(extra: Extra) -> str:
    return _("“%(title)s” is in the shop now.") % {"title": extra["title"]}


def _changes(extra: Extra) -> str:
    sentence = _("“%(title)s” needs some changes before it can go into the shop.")
    return because(sentence % {"title": extra["title"]}, extra)


def _rejected(extra: Extra) -> str:
    return because(_("“%(title)s” was not accepted.") % {"title": extra["title"]}, extra)


def _edit_confirmed(extra: Extra) -> str:
    return _("“%(title)s” says now what you changed.") % {"title": extra["title"]}


def _edit_changes(extra: Extra) -> str:
    sentence = _("What you changed of “%(title)s” needs some more changes. Until then it stays as it is.")
    return because(sentence % {"title": extra["title"]}, extra)


def _edit_declined(extra: Extra) -> str:
    sentence = _("What you changed of “%(title)s” was not accepted: it stays as it is.")
    return because(sentence % {"title": extra["title"]}, extra)


LISTING_APPROVED = Kind(
    "listing_approved",
    gettext_lazy("Listing accepted"),
    "check-circle",
    _approved,
    needs={"title"},
    allows={"reason"},
)
LISTING_CHANGES = Kind(
    "listing_changes",
    gettext_lazy("Changes asked for"),
    "pencil",
    _changes,
    needs={"title"},
    allows={"reason"},
)
LISTING_REJECTED = Kind(
    "listing_rejected",
    gettext_lazy("Listing not accepted"),
    "close",
    _rejected,
    needs={"title"},
    allows={"reason"},
)

EDIT_CONFIRMED = Kind(
    "edit_confirmed",
    gettext_lazy("Change confirmed"),
    "check-circle",
    _edit_confirmed,
    needs={"title"},
    allows={"reason"},
)
EDIT_CHANGES = Kind(
    "edit_changes",
    gettext_lazy("Changes asked for"),
    "pencil",
    _edit_changes,
    needs={"title"},
    allows={"reason"},
)
EDIT_DECLINED = Kind(
    "edit_declined",
    gettext_lazy("Change not accepted"),
    "close",
    _edit_declined,
    needs={"title"},
    allows={"reason"},
)

KINDS = [
    *(LISTING_APPROVED, LISTING_CHANGES, LISTING_REJECTED),
    *(EDIT_CONFIRMED, EDIT_CHANGES, EDIT_DECLINED),
]
