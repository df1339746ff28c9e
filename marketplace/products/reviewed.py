"""What of the catalogue is reviewed (marketplace/reviewing/kinds.py), and the reasons that are given often."""

from django.utils.translation import gettext_lazy as _

from marketplace.reviewing.kinds import Kind, ReasonTemplate

_PICTURES = ReasonTemplate(
    "pictures",
    _("Better pictures"),
    _("Please add pictures of the thing itself, bright and sharp, without text or other shops' marks."),
)
_CATEGORY = ReasonTemplate(
    "category",
    _("Another category"),
    _("Please choose another category: shoppers would not look for it in this one."),
)
LISTING = Kind(
    "listing",
    _("Would like to list"),
    "tag",
    (
        _PICTURES,
        ReasonTemplate(
            "say_more",
            _("Say more"),
            _("Please say more about it: what it is made of, its size, its condition, what comes with it."),
        ),
        _CATEGORY,
        ReasonTemplate("not_sold_here", _("Not sold here"), _("Such a thing is not sold in this store.")),
    ),
)
LISTING_EDIT = Kind(
    "listing_edit",
    _("Would like to change"),
    "pencil",
    (
        _PICTURES,
        ReasonTemplate(
            "another_thing",
            _("Another thing"),
            _(
                "This makes another thing of it. Please list that as new: those who bought, rated or saved this one"
                " meant this one."
            ),
        ),
        _CATEGORY,
        ReasonTemplate(
            "not_true",
            _("Please check"),
            _("Please check what you changed: it does not fit with the rest of what the listing says."),
        ),
    ),
)
KINDS = [LISTING, LISTING_EDIT]
