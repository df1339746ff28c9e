"""What somebody says who applies: as a form has it, and as a row keeps it."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext as _

from marketplace.accounts.checking import check
from marketplace.accounts.shops import require_free_name
from marketplace.common.cleaning import clean_line, clean_text
from marketplace.common.errors import Invalid
from marketplace.common.places import Place

from .models import Application, Wanted


@dataclass(frozen=True)
class SellerWish:
    """Somebody would like to sell: a shop, and where couriers pick up (degrees, WGS 84)."""

    role: ClassVar[Wanted] = Wanted.SELLER

    shop_name: str
    about: str
    ships_from: str
    location_address: str
    location_lat: Decimal
    location_lng: Decimal
    access_notes: str = ""

    def require_whole(self) -> None:
        """Raise `Invalid` with the field for what a shop cannot go without, or a name that is taken."""
        if not clean_line(self.shop_name):
            raise Invalid(_("What is your shop called?"), field="shop_name")
        if not clean_text(self.about):
            raise Invalid(_("Please say what you would like to sell."), field="about")
        if not clean_text(self.location_address):
            raise Invalid(_("Please say where couriers pick up."), field="location_address")
        require_free_name(self.shop_name)


@dataclass(frozen=True)
class CourierWish:
    """Somebody would like to deliver."""

    role: ClassVar[Wanted] = Wanted.COURIER

    name: str
    phone: str
    area: str
    vehicle: str

    def require_whole(self) -> None:
        """Raise `Invalid` with the field for what a courier cannot go without."""
        for field, sentence in (
            ("name", _("What are you called?")),
            ("phone", _("Buyers and the store must be able to reach you.")),
            ("area", _("Where would you like to deliver?")),
            ("vehicle", _("What do you carry parcels with?")),
        ):
            if not clean_line(getattr(self, field)):
                raise Invalid(sentence, field=field)


Wish = SellerWish | CourierWish


def fill(row: Application, wish: Wish) -> None:
    """Write what `wish` says into a row that is not saved yet.

    Raises `Invalid` with the field for what is missing, too long, a taken name, or no place on Earth.
    """
    wish.require_whole()
    said = asdict(wish)
    if isinstance(wish, SellerWish):
        place = Place.parse(str(wish.location_lat), str(wish.location_lng))
        if place is None:
            raise Invalid(_("Please set the pin, or type the latitude."), field="location_lat")
        said |= {"location_lat": place.lat, "location_lng": place.lng}
    for name, value in said.items():
        setattr(row, name, value)
    check(row, *said)


def wish_of(row: Application) -> dict[str, object]:
    """What an application says, for the form that changes it."""
    fields = SellerWish.__dataclass_fields__ if row.is_for_shop else CourierWish.__dataclass_fields__
    return {name: getattr(row, name) for name in fields}
