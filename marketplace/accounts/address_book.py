"""Saved addresses: where somebody's parcels go, and where couriers pick up what they sell. One of each is the default.

The default address is what the profile says of where somebody is (`location_lat`, `location_lng`,
`location_address`, `access_notes`): both are written here, together, under the profile's lock.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.common import idempotency
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.cleaning import clean_text
from marketplace.common.errors import Invalid
from marketplace.common.ids import new_public_id
from marketplace.common.limits import limited
from marketplace.common.locking import lock_row
from marketplace.common.places import SIXTH_DECIMAL
from marketplace.common.shown import require_as_shown
from marketplace.common.transactions import service

from .checking import check
from .models import Profile, SavedAddress
from .saved import AddressKind
from .shown import mark_of_address

COLUMNS = ("label", "name", "phone", "address", "lat", "lng", "notes", "is_rough")


@dataclass(frozen=True)
class AddressWish:
    """What somebody says of an address: degrees in WGS 84; `is_rough` where the pin is only the town's."""

    label: str
    address: str
    lat: Decimal
    lng: Decimal
    name: str = ""
    phone: str = ""
    notes: str = ""
    is_rough: bool = False


@limited("addresses", by="actor")
@service
def add_address(
    *,
    user_id: int,
    kind: str,
    wish: AddressWish,
    as_default: bool = False,
    form_key: str,
    actor: Actor,
) -> SavedAddress:
    """Save another address of that kind; the first one is the default. The same `form_key` again returns it.

    Raises `Invalid` with the field, or where somebody has as many as they may (ADDRESSES_MAX); `TooMany`;
    PermissionDenied unless it is the actor's own, and for a pick-up place unless they sell; `Profile.DoesNotExist`.
    """
    public_id = new_public_id()
    payload = {"kind": kind, "default": as_default, **{name: str(getattr(wish, name)) for name in COLUMNS}}
    done = idempotency.begin(
        form_key=form_key, user_id=user_id, action="add_address", payload=payload, result=public_id
    )
    if done:
        return SavedAddress.objects.get(owner_id=user_id, public_id=done)
    profile = _lock_book(user_id, actor)
    if kind == AddressKind.PICK_UP:
        authorize(actor, "accounts.add_pick_up", profile.user)
    return add_to_book(profile, kind=kind, wish=wish, as_default=as_default, public_id=public_id)


@service
def change_address(
    *,
    address_id: int,
    wish: AddressWish,
    as_default: bool = False,
    actor: Actor,
    expected: str | None = None,
) -> SavedAddress:
    """Change a saved address; orders keep the place they were made with.

    Raises `Invalid` with the field, `StaleState` where it was changed since the form was drawn, PermissionDenied
    unless it is the actor's own, `SavedAddress.DoesNotExist`.
    """
    profile, address = _lock_address(address_id, actor)
    as_it_is = mark_of_address(address)
    _fill(address, wish)
    if mark_of_address(address) != as_it_is:  # sent twice, it is so already
        require_as_shown(expected, as_it_is)
    address.save(update_fields=COLUMNS)
    if as_default or is_default(profile, address):
        _set_default(profile, address)
    return address


@service
def remove_address(*, address_id: int, actor: Actor, expected: str | None = None) -> None:
    """Forget a saved address. If it was the default, the oldest of the others is; without one there is none.

    What is removed already stays so: a second click is a success. Raises `StaleState` where it was changed since the
    form was drawn, PermissionDenied unless it is the actor's own.
    """
    try:
        profile, address = _lock_address(address_id, actor)
    except SavedAddress.DoesNotExist:
        return
    require_as_shown(expected, mark_of_address(address))
    if is_default(profile, address):
        others = SavedAddress.objects.filter(owner_id=profile.pk, kind=address.kind).exclude(pk=address.pk)
        _set_default(profile, others.first(), kind=address.kind)
    address.delete()


@service
def make_default_address(*, address_id: int, actor: Actor) -> SavedAddress:
    """Make a saved address the one that is meant where nothing else is said. Repeating it changes nothing.

    Raises PermissionDenied unless it is the actor's own, `SavedAddress.DoesNotExist`.
    """
    profile, address = _lock_address(address_id, actor)
    _set_default(profile, address)
    return address


@service
def save_location(
    *,
    user_id: int,
    lat: Decimal,
    lng: Decimal,
    address: str,
    access_notes: str = "",
    is_rough: bool = False,
    kind: str = AddressKind.DOOR,
    actor: Actor,
) -> Profile:
    """Save where parcels are brought, or picked up: the default address is changed, or the first one made.

    A pin (degrees, WGS 84; kept to six decimals), address and notes. Orders keep the location they were placed with.
    Raises `Invalid` with the field as a profile calls it, `Profile.DoesNotExist`, PermissionDenied unless it is the
    actor's own.
    """
    profile = _lock_book(user_id, actor)
    default_id = _default_id(profile, kind)
    saved = SavedAddress.objects.filter(pk=default_id).first() if default_id else None
    wish = AddressWish(
        label=saved.label if saved else _first_label(kind),
        name=saved.name if saved else "",
        phone=saved.phone if saved else "",
        address=address,
        lat=lat,
        lng=lng,
        notes=access_notes,
        is_rough=is_rough,
    )
    try:
        if saved is None:
            add_to_book(profile, kind=kind, wish=wish, as_default=True)
        else:
            _fill(saved, wish)
            saved.save(update_fields=COLUMNS)
            _set_default(profile, saved)
    except Invalid as error:
        error.field = {
            "lat": "location_lat",
            "lng": "location_lng",
            "address": "location_address",
            "notes": "access_notes",
        }.get(error.field or "", error.field)
        raise
    return profile


def is_default(profile: Profile, address: SavedAddress) -> bool:
    """Whether this is the address of its kind that is meant where nothing else is said."""
    return _default_id(profile, address.kind) == address.pk


def who_is_at(address: SavedAddress, profile: Profile) -> dict[str, str]:
    """Who opens at an address of this profile, how to reach them, and what a courier has to know there."""
    return {
        "name": address.name or profile.name,
        "phone": address.phone or profile.phone,
        "notes": address.notes,
    }


def add_to_book(
    profile: Profile, *, kind: str, wish: AddressWish, as_default: bool = False, public_id: str = ""
) -> SavedAddress:
    """Step: save another address into the book of a locked profile (`lock_book`). Raises `Invalid`."""
    if SavedAddress.objects.filter(owner_id=profile.pk, kind=kind).count() >= settings.ADDRESSES_MAX:
        raise Invalid(
            _("You have saved %(most)d addresses. Please remove one of them first.")
            % {"most": settings.ADDRESSES_MAX}
        )
    address = SavedAddress(owner_id=profile.pk, kind=kind)
    address.public_id = public_id or address.public_id
    _fill(address, wish)
    address.save(force_insert=True)
    if as_default or _default_id(profile, kind) is None:
        _set_default(profile, address)
    return address


def lock_book(user_id: int) -> Profile:
    """Step: lock somebody's address book, which is their profile. Raises `Profile.DoesNotExist`."""
    return lock_row(Profile, user_id)


def _lock_book(user_id: int, actor: Actor) -> Profile:
    profile = lock_book(user_id)
    authorize(actor, "accounts.change_profile", profile.user)
    return profile


def _lock_address(address_id: int, actor: Actor) -> tuple[Profile, SavedAddress]:
    """The book and the address in it, read again under the lock."""
    owner_id = SavedAddress.objects.values_list("owner_id", flat=True).get(pk=address_id)
    profile = _lock_book(owner_id, actor)
    return profile, SavedAddress.objects.get(pk=address_id)


def _fill(address: SavedAddress, wish: AddressWish) -> None:
    """Write what `wish` says into a row that is not saved yet. Raises `Invalid` with the field."""
    for name in ("lat", "lng"):
        value = Decimal(getattr(wish, name))
        if not value.is_finite() or abs(value) > 180:
            raise Invalid(_("This is not a place on Earth."), field=name)
        setattr(address, name, value.quantize(SIXTH_DECIMAL))
    if not clean_text(wish.address):
        raise Invalid(_("Please say where parcels should go."), field="address")
    for name in ("label", "name", "phone", "address", "notes", "is_rough"):
        setattr(address, name, getattr(wish, name))
    check(address, *(name for name in COLUMNS if name != "is_rough"))


def _set_default(profile: Profile, address: SavedAddress | None, *, kind: str = "") -> None:
    """Point at the default and, of the addresses where parcels go, copy it into the profile."""
    if (kind or (address.kind if address else "")) == AddressKind.PICK_UP:
        profile.default_pick_up = address
        profile.save(update_fields=["default_pick_up"])
        return
    profile.default_address = address
    profile.location_lat = address.lat if address else None
    profile.location_lng = address.lng if address else None
    profile.location_address = address.address if address else ""
    profile.access_notes = address.notes if address else ""
    profile.save(
        update_fields=["default_address", "location_lat", "location_lng", "location_address", "access_notes"]
    )


def _default_id(profile: Profile, kind: str) -> int | None:
    return profile.default_pick_up_id if kind == AddressKind.PICK_UP else profile.default_address_id


def _first_label(kind: str) -> str:
    return _("Pick-up place") if kind == AddressKind.PICK_UP else _("Home")
