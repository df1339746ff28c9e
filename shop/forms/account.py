"""Who somebody is."""

from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import Profile


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
