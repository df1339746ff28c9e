"""Cancelling, in the words of whoever does it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.common.fields import ProseFormField
from marketplace.common.money import QuantityFormField


class CancelForm(forms.Form):
    """Why; the seller and the staff must say it, the buyer may."""

    reason = ProseFormField(
        label=_("Reason"),
        max_length=300,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("The seller reads it."),
    )

    def __init__(self, *args, must_say_why: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if must_say_why:
            self.fields["reason"].required = True
            self.fields["reason"].help_text = _("The buyer and the seller read it.")


class CancelLineForm(CancelForm):
    quantity = QuantityFormField(label=_("How many"))

    field_order = ["quantity", "reason"]

    def __init__(self, *args, most: int, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["quantity"]
        field.max_value = most
        field.widget.attrs["max"] = most
