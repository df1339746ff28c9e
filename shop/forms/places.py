"""Where a door is: an address, and a pin that may be left to the address."""

import re
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.address_book import AddressWish
from marketplace.accounts.models import SavedAddress, phone_number
from marketplace.accounts.saved import AddressKind
from marketplace.common.fields import LineFormField, PhoneFormField, ProseFormField
from marketplace.common.places import Place, distance_m
from marketplace.geocoding.doubts import TOLERANCE_M, doubts_about
from marketplace.geocoding.search import pin_for

# What map programs copy: "52.520008, 13.404954"; geo links: "geo:52.520008,13.404954". A comma alone
# between whole numbers is a decimal one ("52,5"), so a pair has a point or a space to tell it by.
_NUMBER = r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,15})?"
_PAIR = re.compile(
    rf"^(?=geo:|.*[.;]|.*,\s)(?:geo:)?\s*({_NUMBER})\s*[,;]\s*({_NUMBER})\s*(?:\?.*)?$", re.ASCII
)
# A pin that is so near to what was found is that one, as a browser writes it.
SAME_M = 1
_DEGREES = re.compile(r"^[+-]?[0-9]{1,3}(?:[.,][0-9]{1,15})?$")


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


class PlaceForm(forms.Form):
    """An address and its pin. A pair of degrees pasted into either field is understood.

    Without a pin the address says where it is; a pin that speaks against it is asked about once (`doubts`).
    """

    location_address = ProseFormField(
        label=_("Address"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
        help_text=_("Street and number, postcode, town."),
        error_messages={"required": _("Please say where parcels should go.")},
    )
    location_lat = DegreesField(
        label=_("Latitude"),
        limit=90,
        required=False,
        widget=DegreesInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    location_lng = DegreesField(
        label=_("Longitude"),
        limit=180,
        required=False,
        widget=DegreesInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    pin_is_right = forms.BooleanField(label=_("The pin is right as it is."), required=False)

    def __init__(self, data=None, **kwargs) -> None:
        self.doubts: list[str] = []
        self.is_rough = False
        if data is not None:
            data = data.copy()
            for field in ("location_lat", "location_lng"):
                if pair := _PAIR.match(data.get(field, "").strip()[:100]):
                    data["location_lat"], data["location_lng"] = pair.groups()
                    break
        super().__init__(data, **kwargs)

    @property
    def shows_numbers(self) -> bool:
        """Whether "Advanced" is open: something is wrong with what it holds."""
        return bool(self.is_bound and {"location_lat", "location_lng"} & set(self.errors))

    @property
    def place(self) -> Place | None:
        """Where what stands in the fields is, as far as it is known, also before the form is sent."""
        if not self.is_bound:
            names = ("location_address", "location_lat", "location_lng")
            typed = {name: str(self.initial.get(name) or "") for name in names}
            return PlaceForm(typed).place if typed["location_address"] else None
        self.full_clean()
        return Place.if_known(self.cleaned_data.get("location_lat"), self.cleaned_data.get("location_lng"))

    def takes_place(self) -> bool:
        """Whether this form's address is meant; a page may offer others beside it."""
        return True

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        if self.takes_place() and not {"location_address", "location_lat", "location_lng"} & set(self.errors):
            self._settle_pin(cleaned)
        return cleaned

    def _settle_pin(self, cleaned: dict) -> None:
        """Take the pin that was set, or the place that the address names; ask where the two disagree."""
        lat, lng = cleaned["location_lat"], cleaned["location_lng"]
        if (lat is None) != (lng is None):
            missing = "location_lat" if lat is None else "location_lng"
            self.add_error(missing, _("Please type both numbers, or none of them."))
            return
        found = pin_for(cleaned["location_address"])
        pin = None if lat is None else Place(lat, lng)
        if pin is not None and not (
            found and self._stayed_behind(pin, found.place, TOLERANCE_M[found.exactness])
        ):
            if found and distance_m(pin, found.place) <= SAME_M:  # a browser has put in what was found
                self.is_rough = found.is_rough
            else:
                self.is_rough = not self._moves(pin) and bool(self.initial.get("is_rough"))
            if not cleaned["pin_is_right"]:
                self.doubts = doubts_about(pin, found)
            if self.doubts:
                self.add_error(None, _("Please look at the pin once more."))
            return
        if found is None:
            sentence = _("We could not find this address. Please add its postcode and town, or set the pin.")
            self.add_error("location_address", sentence)
            return
        cleaned["location_lat"], cleaned["location_lng"] = found.place.lat, found.place.lng
        self.is_rough = found.is_rough

    def _stayed_behind(self, pin: Place, found: Place, tolerance: int) -> bool:
        """Whether somebody changed the address and left the pin where the one of before was."""
        is_new_address = "location_address" in self.changed_data
        return is_new_address and not self._moves(pin) and distance_m(pin, found) > tolerance

    def _moves(self, pin: Place) -> bool:
        before = (self.initial.get("location_lat"), self.initial.get("location_lng"))
        return None in before or (pin.lat, pin.lng) != before


class LocationForm(PlaceForm):
    """Where somebody's parcels go, with what a courier has to know there."""

    access_notes = ProseFormField(
        label=_("Notes for the courier"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Floor, door code, where to park, a neighbour who takes parcels."),
    )


class AddressForm(LocationForm):
    """A saved address: the place, what it is called, and who lives there."""

    label = LineFormField(
        label=_("Name of the address"),
        max_length=40,
        help_text=_("Home, work, grandma’s."),
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("What is this address called?")},
    )
    name = LineFormField(
        label=_("Who takes parcels there"),
        max_length=120,
        required=False,
        help_text=_("Empty: you."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    phone = PhoneFormField(
        label=_("Their phone"),
        max_length=32,
        required=False,
        validators=[phone_number],
        help_text=_("Empty: yours."),
        widget=forms.TextInput({"autocomplete": "off", "type": "tel"}),
    )
    as_default = forms.BooleanField(label=_("Use it where nothing else is said."), required=False)

    field_order = ["label", "location_address", "access_notes", "name", "phone"]

    def __init__(self, *args, kind: str = AddressKind.DOOR, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if kind == AddressKind.PICK_UP:
            fields = self.fields
            fields["label"].label, fields["label"].help_text = (
                _("Name of the place"),
                _("Workshop, shop, warehouse."),
            )
            fields["label"].error_messages["required"] = _("What is this place called?")
            fields["location_address"].error_messages["required"] = _("Please say where couriers pick up.")
            fields["access_notes"].help_text = _("Yard, bell, opening hours, where to park.")
            fields["name"].label = _("Who hands parcels over there")

    @property
    def wish(self) -> AddressWish:
        """What was said, as the services take it."""
        said = self.cleaned_data
        return AddressWish(
            label=said["label"],
            name=said["name"],
            phone=said["phone"],
            address=said["location_address"],
            lat=said["location_lat"],
            lng=said["location_lng"],
            notes=said["access_notes"],
            is_rough=self.is_rough,
        )


def said_of(address: SavedAddress) -> dict[str, object]:
    """A saved address, for the form that changes it."""
    return {
        "label": address.label,
        "name": address.name,
        "phone": address.phone,
        "location_address": address.address,
        "location_lat": address.lat,
        "location_lng": address.lng,
        "access_notes": address.notes,
        "is_rough": address.is_rough,
    }
