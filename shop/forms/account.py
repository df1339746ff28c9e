"""Who somebody is and where their parcels go."""

import re
from decimal import Decimal
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import Profile

# What map programs copy: "52.520008, 13.404954"; geo links: "geo:52.520008,13.404954". A comma alone
# between whole numbers is a decimal one ("52,5"), so a pair has a point or a space to tell it by.
_NUMBER = r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,15})?"
_PAIR = re.compile(
    rf"^(?=geo:|.*[.;]|.*,\s)(?:geo:)?\s*({_NUMBER})\s*[,;]\s*({_NUMBER})\s*(?:\?.*)?$", re.ASCII
)
_DEGREES = re.compile(r"^[+-]?[0-9]{1,3}(?:[.,][0-9]{1,15})?$")


def time_zone_choices() -> list[tuple[str, object]]:
    """Every zone of the world by region, the person's device first."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(available_timezones()):
        region, _slash, place = name.partition("/")
        if place and region not in ("Etc", "posix", "right", "SystemV"):
            regions.setdefault(region, []).append((name, place.replace("_", " ").replace("/", " · ")))
    return [("", _("As my device")), ("UTC", "UTC"), *regions.items()]


class ProfileForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zone_choices,
        required=False,
        help_text=_("Times of deliveries and auctions are shown in this zone."),
    )

    class Meta:
        model = Profile
        fields = ["name", "phone", "time_zone"]
        labels = {"name": _("Name"), "phone": _("Phone")}
        help_texts = {
            "name": _("The courier asks for this name at the door."),
            "phone": _("Only the courier who brings your parcel sees it."),
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        }


class DegreesInput(forms.TextInput):
    def use_required_attribute(self, initial: object) -> bool:
        """Never: a pair pasted into one field leaves the other one empty."""
        return False


class DegreesField(forms.CharField):
    """Degrees with a decimal point or comma, as people type and paste them."""

    def __init__(self, *, limit: int, **kwargs) -> None:
        self.limit = limit
        super().__init__(max_length=80, **kwargs)

    def clean(self, value: object) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        if not _DEGREES.match(text):
            raise forms.ValidationError(_("Please type degrees as a number, such as 52.520008."))
        degrees = Decimal(text.replace(",", "."))
        if abs(degrees) > self.limit:
            raise forms.ValidationError(
                _("Please type a number from −%(limit)d to %(limit)d."), params={"limit": self.limit}
            )
        return degrees

    def prepare_value(self, value: object) -> object:
        """Without the zeros that the database adds: 52.52, not 52.520000."""
        return format(value.normalize(), "f") if isinstance(value, Decimal) else value


class LocationForm(forms.Form):
    """The pin and the address. A pair of degrees pasted into either field is understood."""

    location_address = forms.CharField(
        label=_("Address"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
        help_text=_("Street and number, postcode, town."),
        error_messages={"required": _("Please say where parcels should go.")},
    )
    access_notes = forms.CharField(
        label=_("Notes for the courier"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Floor, door code, where to park, a neighbour who takes parcels."),
    )
    location_lat = DegreesField(
        label=_("Latitude"),
        limit=90,
        widget=DegreesInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Please set the pin, or type the latitude.")},
    )
    location_lng = DegreesField(
        label=_("Longitude"),
        limit=180,
        widget=DegreesInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Please set the pin, or type the longitude.")},
    )

    def __init__(self, data=None, **kwargs) -> None:
        if data is not None:
            data = data.copy()
            for field in ("location_lat", "location_lng"):
                if pair := _PAIR.match(data.get(field, "").strip()[:100]):
                    data["location_lat"], data["location_lng"] = pair.groups()
                    break
        super().__init__(data, **kwargs)
