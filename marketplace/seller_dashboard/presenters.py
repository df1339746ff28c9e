"""What the workspace says about a listing, or its edit, in each state, and how it offers what can be done."""

from dataclasses import dataclass, fields

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marketplace.products.edit_states import EditStatus
from marketplace.products.selectors import OwnListing
from marketplace.products.services import Move
from marketplace.products.states import ListingStatus

from .edited import EDITED

SAYS: dict[ListingStatus, str | Promise] = {
    ListingStatus.DRAFT: _("A draft: only you see it."),
    ListingStatus.PENDING: _("It waits for our review. You are told as soon as somebody has looked at it."),
    ListingStatus.LIVE: _("Shoppers see it and can buy it. A new price or stock counts at once."),
    ListingStatus.REJECTED: _("It was not accepted. Duplicate it to begin again with what it says."),
    ListingStatus.CHANGES_REQUESTED: _("It needs some changes before it can go into the shop."),
    ListingStatus.PAUSED: _("Shoppers do not see it. Open orders go on."),
    ListingStatus.SUSPENDED: _("The store has taken it off the shop. Open orders go on."),
    ListingStatus.ARCHIVED: _("It is not sold any more. Orders still show what it said."),
}

EDIT_SAYS: dict[EditStatus, str | Promise] = {
    EditStatus.DRAFT: _("You have begun to change what it says. Shoppers see it as before."),
    EditStatus.PENDING: _("What you changed waits for our review. Shoppers see it as before."),
    EditStatus.CHANGES_REQUESTED: _("What you changed needs some more changes. Shoppers see it as before."),
    EditStatus.CONFIRMED: _("Your change was confirmed: shoppers see it."),
    EditStatus.DECLINED: _("Your change was not accepted: it says what it said before."),
    EditStatus.CANCELLED: _("You have let your change go: it says what it said before."),
}


@dataclass(frozen=True)
class Steps:
    """The routes of the editor for what it edits."""

    edit: str
    keep: str
    preview: str
    submit: str
    pictures: str
    sort: str
    picture: str

    @classmethod
    def of(cls, kind: str) -> "Steps":
        return cls(*(f"seller_dashboard:{kind}_{step.name}" for step in fields(cls)))


STEPS = {kind: Steps.of(kind) for kind in EDITED}


@dataclass(frozen=True)
class Words:
    """What the editor says otherwise about a listing and about the edit of one."""

    here: str | Promise
    save: str | Promise
    before: str | Promise
    closed: str | Promise


WORDS = {
    "listing": Words(
        _("Edit"),
        _("Save the draft"),
        _("Somebody of the store looks at it before shoppers see it."),
        _("What it says cannot be changed in this state."),
    ),
    "change": Words(
        _("Change"),
        _("Save the change"),
        _("Somebody of the store looks at it. Until they confirm it, shoppers see the listing as before."),
        _("This change cannot be worked on in this state."),
    ),
}


@dataclass(frozen=True)
class Button:
    """Something that can be done with a listing."""

    value: str
    label: str | Promise
    route: str
    look: str
    warning: str | Promise = ""


BUTTONS = {
    Move.PAUSE: Button("pause", _("Pause"), "seller_dashboard:listing_pause", "btn-secondary"),
    Move.RESUME: Button(
        "resume", _("Put it back into the shop"), "seller_dashboard:listing_resume", "btn-primary"
    ),
    Move.ARCHIVE: Button(
        "archive",
        _("Archive"),
        "seller_dashboard:listing_archive",
        "btn-outline-danger",
        _("It leaves the shop for good and cannot come back. Orders keep what it said."),
    ),
}


def buttons_of(listing: OwnListing) -> list[Button]:
    """What its seller may do with it now."""
    return [BUTTONS[move] for move in listing.moves]
