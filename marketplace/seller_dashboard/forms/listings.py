"""What sellers type about their listings. The services hold the rules."""

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.saved import AddressKind
from marketplace.accounts.selectors import addresses_of
from marketplace.common.fields import LineFormField
from marketplace.common.money import MoneyFormField
from marketplace.products.models import Product
from marketplace.products.selectors import OWN_SORTS, OWN_STOCKS
from marketplace.products.services import Move
from marketplace.products.states import ListingStatus

MINUS = "−"
HOW_TO_COUNT = _("Write what came (+5) or went (−2), or how many there are (12).")


class ListingFilter(forms.Form):
    """What the table of listings is asked for; a word that it does not know is no filter."""

    q = LineFormField(max_length=140, required=False)
    status = forms.CharField(max_length=20, required=False)
    stock = forms.CharField(max_length=8, required=False)
    sort = forms.CharField(max_length=12, required=False)

    @classmethod
    def read(cls, data: Any) -> dict[str, str]:
        """The filters that the address holds, without those that say nothing."""
        form = cls(data)
        form.is_valid()
        known = {"status": ListingStatus.values, "stock": OWN_STOCKS, "sort": OWN_SORTS}
        said = {name: form.cleaned_data.get(name, "") for name in form.fields}
        return {name: word for name, word in said.items() if word and word in known.get(name, (word,))}


class PriceForm(forms.Form):
    """What a variant costs from now on."""

    price = MoneyFormField(label=_("Price"), error_messages={"required": _("Please enter a price.")})


@dataclass(frozen=True)
class StockSaid:
    """What somebody typed about stock: pieces that came or went, or how many there are."""

    change: int | None = None
    counted: int | None = None


class StockForm(forms.Form):
    """Pieces that came or went, at once ("+5", "−2"); or how many there are ("12"), which is asked about first."""

    stock = forms.CharField(label=_("Stock"), max_length=12, error_messages={"required": HOW_TO_COUNT})
    # What the page said that there were when somebody counted, once they were asked.
    expected = forms.IntegerField(required=False, min_value=0, max_value=10**7)

    def clean_stock(self) -> StockSaid:
        text = "".join(self.cleaned_data["stock"].split()).replace(MINUS, "-")
        match = re.fullmatch(r"([+-]?)([0-9]{1,7})", text)
        if not match:
            raise ValidationError(HOW_TO_COUNT)
        number = int(match[2])
        if match[1]:
            return StockSaid(change=-number if match[1] == "-" else number)
        return StockSaid(counted=number)


class MoveForm(forms.Form):
    """What happens with the ticked listings."""

    move = forms.ChoiceField(
        choices=Move.choices, error_messages={"required": _("Please choose what to do with them.")}
    )


class PickUpForm(forms.Form):
    """Which of a seller's places a listing's pieces are fetched at; the first choice is their default one."""

    place = forms.ChoiceField(
        label=_("Place"),
        required=False,
        error_messages={
            "invalid_choice": _("This place is saved no more. Please choose another one."),
        },
    )

    def __init__(self, data: Any = None, *, seller_id: int, slug: str = "") -> None:
        super().__init__(data)
        places = list(addresses_of(seller_id, AddressKind.PICK_UP))
        self.offers_several = len(places) > 1
        names = [(place.public_id, f"{place.label}: {place.address}") for place in places]
        place_field = self.fields["place"]
        assert isinstance(place_field, forms.ChoiceField)
        place_field.choices = [("", _("The default place")), *names]
        if self.offers_several and slug:
            named = Product.objects.filter(slug=slug).values_list("pick_up__public_id", flat=True)
            self.initial["place"] = named.first() or ""
