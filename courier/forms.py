"""What a courier types at a door."""

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.common.fields import ProseFormField
from marketplace.common.texts import MAX_REASON
from marketplace.delivery.states import FailReason


class GiveBackForm(forms.Form):
    """Why a parcel that was not picked up yet goes back to the list."""

    reason = ProseFormField(
        label=_("Why do you give it back?"),
        max_length=MAX_REASON,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Please say why.")},
        help_text=_("The seller and the store read it."),
    )


class FailForm(forms.Form):
    """What happened at the door."""

    reason = forms.ChoiceField(
        label=_("What happened?"),
        choices=FailReason,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose a reason.")},
    )
    note = ProseFormField(
        label=_("Note"),
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("What the store and the next courier should know."),
    )
    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        widget=forms.FileInput({"accept": "image/*", "capture": "environment", "data-shrink": True}),
        help_text=_("Of the door or the parcel; no faces."),
    )
