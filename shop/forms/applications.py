"""What somebody says who would like to sell or to deliver. The services hold the rules."""

from dataclasses import fields

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import Vehicle
from marketplace.applications.wishes import CourierWish, SellerWish, Wish
from marketplace.common.fields import LineFormField, PhoneFormField, ProseFormField

from .places import LocationForm


class AgreesField(forms.BooleanField):
    """A tick that is asked for."""

    def __init__(self, **kwargs) -> None:
        super().__init__(
            label=_("I have read these rules and keep to them."),
            error_messages={"required": _("Please read the rules and tick this.")},
            **kwargs,
        )


class SellForm(LocationForm):
    """A shop, and where couriers pick up."""

    shop_name = LineFormField(
        label=_("Shop name"),
        max_length=80,
        help_text=_("Shoppers see it everywhere. It must not look like another shop's."),
        widget=forms.TextInput({"autocomplete": "organization"}),
        error_messages={"required": _("What is your shop called?")},
    )
    about = ProseFormField(
        label=_("About the shop"),
        max_length=2000,
        help_text=_(
            "What you would like to sell and where it comes from; later it stands on your shop's page."
        ),
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": _("Please say what you would like to sell.")},
    )
    ships_from = LineFormField(
        label=_("Ships from"),
        max_length=120,
        required=False,
        help_text=_("A town or district: shoppers see this, not your address."),
    )
    agrees = AgreesField()

    field_order = ["shop_name", "about", "ships_from", "location_address", "access_notes"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location_address"].label = _("Where couriers pick up")
        self.fields["location_address"].error_messages["required"] = _("Please say where couriers pick up.")

    @property
    def wish(self) -> Wish:
        """What was said, as the service takes it."""
        return SellerWish(**{field.name: self.cleaned_data[field.name] for field in fields(SellerWish)})


class DeliverForm(forms.Form):
    """A person with a vehicle."""

    name = LineFormField(
        label=_("Name"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("What are you called?")},
    )
    phone = PhoneFormField(
        label=_("Phone"),
        max_length=32,
        help_text=_("Buyers and the store reach you here while you carry parcels."),
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
        error_messages={"required": _("Buyers and the store must be able to reach you.")},
    )
    area = LineFormField(
        label=_("Area"),
        max_length=120,
        help_text=_("Where you would like to deliver: town and districts."),
        error_messages={"required": _("Where would you like to deliver?")},
    )
    vehicle = forms.ChoiceField(
        label=_("Vehicle"),
        choices=[("", _("Please choose")), *Vehicle.choices],
        error_messages={"required": _("What do you carry parcels with?")},
    )
    agrees = AgreesField()

    @property
    def wish(self) -> Wish:
        """What was said, as the service takes it."""
        return CourierWish(**{name: value for name, value in self.cleaned_data.items() if name != "agrees"})
