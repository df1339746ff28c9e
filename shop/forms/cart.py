"""What the cart's forms say."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketplace.common.money import MAX_MONEY, QuantityFormField

_DIGITS = re.compile(r"[0-9]{1,18}")


class IdField(forms.CharField):
    """A row's number as our own forms send it: digits only, within a BIGINT."""

    widget = forms.HiddenInput

    def to_python(self, value):
        text = super().to_python(value)
        if text in self.empty_values:
            return None
        if not _DIGITS.fullmatch(text):
            raise ValidationError(_("This form is not whole. Please look the page over and send it again."))
        return int(text)


class AddForm(forms.Form):
    product = IdField()
    quantity = QuantityFormField(label=_("Quantity"), required=False)

    def clean_quantity(self) -> int:
        return self.cleaned_data["quantity"] or 1


class QuantityForm(forms.Form):
    line = IdField()
    quantity = QuantityFormField(label=_("Quantity"))


class LineForm(forms.Form):
    line = IdField()


class SellerForm(forms.Form):
    seller = IdField()


class CouponForm(SellerForm):
    code = forms.CharField(label=_("Coupon code"), max_length=60, required=False)


def accepted_prices(values: list[str]) -> dict[int, int]:
    """Variant id → price from "12:1999" as the cart page sends them; what is not one is left out."""
    prices = {}
    for value in values[:200]:
        match = re.fullmatch(r"([0-9]{1,18}):([0-9]{1,16})", value)
        if match and 1 <= int(match[2]) <= MAX_MONEY:
            prices[int(match[1])] = int(match[2])
    return prices
