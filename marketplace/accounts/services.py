"""Accounts: opening one, saying who and where one is, becoming a seller."""

from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import DomainError, Invalid, StaleState
from marketplace.common.ids import new_public_id
from marketplace.common.transactions import service

from .models import Profile, Role, SellerProfile, User

SIXTH_DECIMAL = Decimal("0.000001")  # of a degree: 11 cm at the equator


def create_account(
    *, email: str, password: str | None, role: str = Role.USER, name: str = "", verified: bool = False
) -> User:
    """Open an account with its profile and its (primary) e-mail address, in one transaction.

    The address is stored in lower case and is unique whatever the letters' case. The password is
    not judged here, a form does that; None makes one that nobody can type. Raises `Invalid`.
    """
    # Hashing takes a tenth of a second: before the transaction, never in it.
    password_hash = make_password(password)
    try:
        user = _open_account(
            email=email.strip().lower(), password_hash=password_hash, role=role, name=name, verified=verified
        )
    except IntegrityError as error:  # somebody else took the address between the question and the answer
        raise _email_taken() from error
    return user


@service
def _open_account(*, email: str, password_hash: str, role: str, name: str, verified: bool) -> User:
    if User.objects.filter(email=email).exists():
        raise _email_taken()
    user = User(email=email, password=password_hash, role=role)
    _check(user, "email", "role")
    profile = Profile(user=user, name=name)
    _check(profile, "name")
    user.save(force_insert=True)
    profile.user = user
    profile.save(force_insert=True)
    user.emailaddress_set.create(email=email, primary=True, verified=verified)
    return user


@service
def save_profile(*, user_id: int, name: str, phone: str, time_zone: str, actor: Actor) -> Profile:
    """Save what somebody is called, their phone number and their time zone ("" is "as my device").

    Raises `Invalid` with the field, `Profile.DoesNotExist`, PermissionDenied unless it is the actor's own.
    """
    profile = _own_profile(user_id, actor)
    profile.name, profile.phone, profile.time_zone = name, phone, time_zone
    return _save(profile, "name", "phone", "time_zone")


@service
def save_location(
    *, user_id: int, lat: Decimal, lng: Decimal, address: str, access_notes: str = "", actor: Actor
) -> Profile:
    """Save where parcels are brought: a pin (degrees, WGS 84; kept to six decimals), address and notes.

    Orders keep the location they were placed with. Raises `Invalid` with the field, `Profile.DoesNotExist`,
    PermissionDenied unless it is the actor's own.
    """
    profile = _own_profile(user_id, actor)
    for field, value in (("location_lat", lat), ("location_lng", lng)):
        value = Decimal(value)
        if not value.is_finite() or abs(value) > 180:
            raise Invalid(_("This is not a place on Earth."), field=field)
        setattr(profile, field, value.quantize(SIXTH_DECIMAL))
    if not address.strip():
        raise Invalid(_("Please say where parcels should go."), field="location_address")
    profile.location_address, profile.access_notes = address.strip(), access_notes.strip()
    return _save(profile, "location_lat", "location_lng", "location_address", "access_notes")


def _own_profile(user_id: int, actor: Actor) -> Profile:
    profile = Profile.objects.select_related("user").get(pk=user_id)
    authorize(actor, "accounts.change_profile", profile.user)
    return profile


@service
def become_seller(
    *, user_id: int, shop_name: str, about: str = "", ships_from: str = "", actor: Actor
) -> SellerProfile:
    """Turn a shopper into a seller with a shop of that name. Who is one already stays as they are.

    Raises `Invalid` for a name that is taken, `StaleState` for couriers and staff: one role each;
    PermissionDenied unless the actor is the shopper.
    """
    authorize(actor, "accounts.become_seller", User.objects.get(pk=user_id))
    # The conditional update is also the lock: of two that race, one waits here and then finds a seller.
    if not User.objects.filter(pk=user_id, role=Role.USER).update(role=Role.SELLER):
        existing = SellerProfile.objects.filter(pk=user_id).first()
        if existing is not None:
            return existing
        if User.objects.get(pk=user_id).role != Role.SELLER:
            raise StaleState(_("Only shoppers can open a shop."))
    shop_name = shop_name.strip()
    if SellerProfile.objects.filter(shop_name__iexact=shop_name).exists():
        raise Invalid(_("Another shop has this name already."), field="shop_name")
    shop = SellerProfile(
        user_id=user_id,
        shop_name=shop_name,
        slug=_free_slug(shop_name),
        about=about.strip(),
        ships_from=ships_from.strip(),
    )
    _check(shop, "shop_name", "about", "ships_from")
    try:
        shop.save(force_insert=True)
    except IntegrityError as error:
        raise Invalid(_("Another shop has this name already."), field="shop_name") from error
    return shop


def _free_slug(shop_name: str) -> str:
    slug = slugify(shop_name)[:80].strip("-")
    if slug and not SellerProfile.objects.filter(slug=slug).exists():
        return slug
    return f"{slug or 'shop'}-{new_public_id()[:6]}"


def _email_taken() -> DomainError:
    return Invalid(_("There is an account with this e-mail address already."), field="email")


def _save(profile: Profile, *fields: str) -> Profile:
    _check(profile, *fields)
    profile.save(update_fields=fields)
    return profile


def _check(row: User | Profile | SellerProfile, *fields: str) -> None:
    """Raise `Invalid` with the first sentence that the model's own validators say about `fields`."""
    try:
        row.clean_fields(exclude={field.name for field in row._meta.fields} - set(fields))
    except ValidationError as error:
        field, sentences = next(iter(error.message_dict.items()))
        raise Invalid(sentences[0], field=field) from error
