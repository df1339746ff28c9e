"""What is reviewed here (marketplace/reviewing/kinds.py), and the reasons that are given often."""

from django.utils.translation import gettext_lazy as _

from marketplace.reviewing.kinds import Kind, ReasonTemplate

from .models import Wanted

SELLER_APPLICATION = Kind(
    "seller_application",
    _("Would like to sell"),
    "store",
    (
        ReasonTemplate(
            "say_more",
            _("Say more about the goods"),
            _(
                "Please say more about what you would like to sell: what it is, where it comes from, how many."
            ),
        ),
        ReasonTemplate(
            "other_name",
            _("Another name"),
            _("Please choose another shop name: this one could be taken for somebody else's."),
        ),
        ReasonTemplate(
            "pick_up",
            _("Pick-up place"),
            _(
                "Couriers cannot find the pick-up place. Please check the address and move the pin to the door."
            ),
        ),
        ReasonTemplate(
            "not_sold_here",
            _("Not sold here"),
            _("What you would like to sell is not sold in this store."),
        ),
    ),
)
COURIER_APPLICATION = Kind(
    "courier_application",
    _("Would like to deliver"),
    "truck",
    (
        ReasonTemplate(
            "reach",
            _("Phone number"),
            _("We could not reach you. Please check your phone number."),
        ),
        ReasonTemplate(
            "area",
            _("Say which area"),
            _("Please say more exactly where you would like to deliver: town and districts."),
        ),
        ReasonTemplate(
            "enough",
            _("Enough couriers"),
            _("There are enough couriers in your area at the moment. Please try again in a few months."),
        ),
    ),
)
KIND_OF = {Wanted.SELLER: SELLER_APPLICATION, Wanted.COURIER: COURIER_APPLICATION}
KINDS = [SELLER_APPLICATION, COURIER_APPLICATION]
