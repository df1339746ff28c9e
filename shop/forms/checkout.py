"""What the checkout page says."""

import re
from collections.abc import Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.address_book import AddressWish, who_is_at
from marketplace.accounts.models import Profile, SavedAddress, phone_number
from marketplace.common.fields import LineFormField, PhoneFormField, ProseFormField
from marketplace.common.money import MAX_MONEY
from marketplace.orders.selectors import Door
from marketplace.orders.services import Recipient

from .places import PlaceForm

NEW = "new"
_TOTAL = re.compile(r"[0-9]{1,16}")
_LINE = re.compile(r"([0-9]{1,18}):([0-9]{1,2})")


class DoorForm(PlaceForm):
    """Where to and who takes the parcels in.

    `to` is the public id of a saved address, or "new" for the one that is typed here; "" is the default one.
    """

    to = forms.CharField(max_length=12, required=False)
    label = LineFormField(
        label=_("Save it as"),
        max_length=40,
        required=False,
        help_text=_("Home, work, grandma’s. Empty: it is used once."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    name = LineFormField(label=_("Name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    phone = PhoneFormField(
        label=_("Phone"),
        max_length=32,
        validators=[phone_number],
        widget=forms.TextInput({"autocomplete": "tel", "type": "tel"}),
        help_text=_("For the courier, if nobody opens."),
    )
    notes = ProseFormField(
        label=_("Notes for the courier"),
        max_length=300,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    # What can be chosen; the view fills it in where the page is drawn.
    saved: Sequence[SavedAddress] = ()

    @property
    def chosen(self) -> str:
        """Where to, as it stands: what was sent, what was kept, or the only thing that there is."""
        if self.is_bound:
            return str(self.data.get("to", ""))
        asked = self.initial.get("to", "")
        known = {address.public_id for address in self.saved} | {NEW}
        return asked if asked in known else "" if self.saved else NEW

    def choices(self, profile: Profile) -> list[dict[str, object]]:
        """The addresses to choose from, each with who lives there, for shop/checkout/where_to.html."""
        return [
            {
                "address": address,
                "is_chosen": address.public_id == self.chosen,
                **who_is_at(address, profile),
            }
            for address in self.saved
        ]

    def takes_place(self) -> bool:
        return self.chosen == NEW

    @property
    def door(self) -> Door | None:
        """The door that is chosen here, for its price; None is the default one."""
        if self.takes_place():
            return Door(self.place)
        chosen = (address for address in self.saved if address.public_id == self.chosen)
        return next((Door(address.place) for address in chosen), None)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location_address"].required = False  # a browser would ask for it unseen

    def clean(self) -> dict:
        if self.takes_place() and not self.data.get("location_address", "").strip():
            self.add_error("location_address", self.fields["location_address"].error_messages["required"])
        if not self.takes_place():  # what stands in fields that are not meant is nobody's mistake
            for name in ("location_address", "location_lat", "location_lng", "label"):
                self.errors.pop(name, None)
        return super().clean()

    @property
    def new_address(self) -> AddressWish | None:
        """The address that was typed here, if that is meant."""
        said = self.cleaned_data
        if not self.takes_place():
            return None
        return AddressWish(
            label=said["label"],
            address=said["location_address"],
            lat=said["location_lat"],
            lng=said["location_lng"],
            name=said["name"],
            phone=said["phone"],
            notes=said["notes"],
            is_rough=self.is_rough,
        )

    @property
    def recipient(self) -> Recipient:
        return Recipient(self.cleaned_data["name"], self.cleaned_data["phone"], self.cleaned_data["notes"])


class CheckoutForm(DoorForm):
    """As `DoorForm`; and, hidden, what the page showed when it was sent."""

    total = forms.CharField(widget=forms.HiddenInput)
    # A page that was drawn before the store had rates has none.
    delivery = forms.CharField(widget=forms.HiddenInput, required=False)
    lines = forms.CharField(widget=forms.HiddenInput)

    def clean_total(self) -> int:
        return _amount(self.cleaned_data["total"])

    def clean_delivery(self) -> int:
        """How much of the total the page said was for delivery."""
        return _amount(self.cleaned_data["delivery"] or "0")

    def clean_lines(self) -> dict[int, int]:
        """Variant id → pieces, as the page showed them."""
        parts = [_LINE.fullmatch(part) for part in self.cleaned_data["lines"].split(",")]
        if not all(parts):
            raise ValidationError(_("Please look the page over and send it again."))
        return {int(part[1]): int(part[2]) for part in parts}


def _amount(text: str) -> int:
    if not _TOTAL.fullmatch(text) or int(text) > MAX_MONEY:
        raise ValidationError(_("Please look the page over and send it again."))
    return int(text)


def shown(lines: dict[int, int]) -> str:
    """`lines` as the hidden field holds them."""
    return ",".join(f"{variant_id}:{quantity}" for variant_id, quantity in lines.items())
