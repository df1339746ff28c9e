"""What a seller says of the shop. The services hold the rules."""

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import SellerProfile
from marketplace.common.fields import LineFormField, ProseFormField
from marketplace.common.moments import day_of
from marketplace.common.money import MoneyFormField
from marketplace.common.texts import MAX_REASON


class ShopForm(forms.Form):
    """Name, text, and where it ships from; which names are taken, the service says."""

    shop_name = LineFormField(
        label=_("Shop name"),
        max_length=80,
        help_text=_("It must not look like another shop's. The shop's address stays as it is."),
        error_messages={"required": _("What is your shop called?")},
    )
    about = ProseFormField(
        label=_("About the shop"), max_length=2000, required=False, widget=forms.Textarea({"rows": 5})
    )
    ships_from = LineFormField(
        label=_("Ships from"),
        max_length=120,
        required=False,
        help_text=_("A town or district: shoppers see this, not your address."),
    )

    @classmethod
    def of(cls, shop: SellerProfile) -> "ShopForm":
        """The shop as it is."""
        return cls(initial={name: getattr(shop, name) for name in cls.base_fields})


class PictureForm(forms.Form):
    """A logo or a banner."""

    file = forms.FileField(
        label=_("Picture"),
        widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={"required": _("Please choose a picture.")},
    )

    def __init__(self, data: object = None, files: object = None, *, place: str) -> None:
        # Two of these stand on a page: each has ids of its own.
        super().__init__(data, files, auto_id=f"{place}-%s")  # type: ignore[arg-type]  # what a request has


class VacationForm(forms.Form):
    """From the first day until the one on which the shop sells again, in the seller's own time zone."""

    away_from = forms.DateField(
        label=_("First day away"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("From when are you away?")},
    )
    away_until = forms.DateField(
        label=_("Back on"),
        help_text=_("From this day on your shop sells again, by itself."),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("When are you back?")},
    )
    away_note = ProseFormField(
        label=_("Note for shoppers"),
        max_length=MAX_REASON,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("They read it beside your goods while you are away."),
    )

    @classmethod
    def of(cls, shop: SellerProfile) -> "VacationForm":
        """The vacation as it is set."""
        days = {
            name: day_of(moment)
            for name in ("away_from", "away_until")
            if (moment := getattr(shop, name)) is not None
        }
        return cls(initial=days | {"away_note": shop.away_note})


class TaxForm(forms.Form):
    """Whether the seller charges tax."""

    is_small_business = forms.BooleanField(
        label=_("I am a small business and charge no tax"),
        required=False,
        help_text=_("Receipts then show no tax on your goods, and a sentence says why."),
    )


class FreeDeliveryForm(forms.Form):
    """From which amount of goods on the seller pays the delivery."""

    free_from = MoneyFormField(
        label=_("Free delivery from"),
        help_text=_("What somebody buys of you at once. 0 ends the offer."),
    )
