"""What staff are asked before they step in: why, and what shows it. The services hold the rules."""

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.common.texts import MAX_REASON


class DeskFilter(forms.Form):
    """What the list of deliveries is asked for; a word that it does not know is no filter."""

    q = forms.CharField(max_length=40, required=False)
    status = forms.CharField(max_length=12, required=False)
    trouble = forms.CharField(max_length=12, required=False)


class CourierFilter(forms.Form):
    """What the list of couriers is asked for."""

    q = forms.CharField(max_length=80, required=False)
    suspended = forms.BooleanField(required=False)


class LiftForm(forms.Form):
    """Whose suspension is lifted."""

    courier = forms.EmailField(max_length=254)


class ReasonForm(forms.Form):
    """Why: it stays in the shipment's history."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=MAX_REASON,
        widget=forms.Textarea({"rows": 2, "autocomplete": "off"}),
        error_messages={"required": _("Please say why.")},
    )

    def __init__(self, *args, names: str, **kwargs) -> None:
        # Several of these forms stand on a page: each has ids of its own.
        super().__init__(*args, auto_id=f"{names}-%s", **kwargs)


class NoForm(ReasonForm):
    """A button that asks nothing."""

    reason = None


class ReassignForm(ReasonForm):
    """To whom; a name from the list, or any courier's e-mail address."""

    courier = forms.EmailField(
        label=_("New courier"),
        max_length=254,
        help_text=_("E-mail address; those with a free place are suggested."),
        widget=forms.EmailInput({"autocomplete": "off"}),
        error_messages={"required": _("Please say which courier.")},
    )

    field_order = ["courier", "reason"]

    def __init__(self, *args, names: str, **kwargs) -> None:
        super().__init__(*args, names=names, **kwargs)
        self.fields["courier"].widget.attrs["list"] = f"{names}-choices"


class BypassForm(ReasonForm):
    """A reason and a photo that shows it."""

    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("What shows that the parcel is there: the door, the receipt, the message."),
        widget=forms.ClearableFileInput({"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={"required": _("Please add a photo.")},
    )
