"""What the checkout page says."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import phone_number
from marketplace.common.money import MAX_MONEY
from marketplace.orders.services import Recipient

_TOTAL = re.compile(r"[0-9]{1,16}")
_LINE = re.compile(r"([0-9]{1,18}):([0-9]{1,2})")


class CheckoutForm(forms.Form):
    """Who takes the parcels in; and, hidden, what the page showed when it was sent."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    phone = forms.CharField(
        label=_("Phone"),
        max_length=32,
        validators=[phone_number],
        widget=forms.TextInput({"autocomplete": "tel", "type": "tel"}),
        help_text=_("For the courier, if nobody opens."),
    )
    notes = forms.CharField(
        label=_("Notes for the courier"),
        max_length=300,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    total = forms.CharField(widget=forms.HiddenInput)
    lines = forms.CharField(widget=forms.HiddenInput)

    def clean_total(self) -> int:
        text = self.cleaned_data["total"]
        if not _TOTAL.fullmatch(text) or int(text) > MAX_MONEY:
            raise ValidationError(_("Please look the page over and send it again."))
        return int(text)

    def clean_lines(self) -> dict[int, int]:
        """Product id → pieces, as the page showed them."""
        parts = [_LINE.fullmatch(part) for part in self.cleaned_data["lines"].split(",")]
        if not all(parts):
            raise ValidationError(_("Please look the page over and send it again."))
        return {int(part[1]): int(part[2]) for part in parts}

    @property
    def recipient(self) -> Recipient:
        return Recipient(self.cleaned_data["name"], self.cleaned_data["phone"], self.cleaned_data["notes"])


def shown(lines: dict[int, int]) -> str:
    """`lines` as the hidden field holds them."""
    return ",".join(f"{product_id}:{quantity}" for product_id, quantity in lines.items())
