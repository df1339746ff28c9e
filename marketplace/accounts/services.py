"""Accounts: opening one, saying who and where one is."""

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError
from django.utils.translation import gettext as _

from marketplace.common.authorisation import Actor, authorize
from marketplace.common.cleaning import clean_email
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.transactions import service

from .address_book import save_location as save_location
from .checking import check
from .models import Profile, Role, User
from .selectors import is_address_kept_back


class EmailTaken(Invalid):
    """Somebody has an account with this address. Who asks to sign up is not to learn it."""

    code = "email_taken"


def create_account(
    *,
    email: str,
    password: str | None = None,
    password_hash: str = "",
    role: str = Role.USER,
    name: str = "",
    verified: bool = False,
) -> User:
    """Open an account with its profile and its (primary) e-mail address, in one transaction.

    The address is stored as `clean_email` writes it and is unique in that spelling. The password is
    not judged here, a form does that; None makes one that nobody can type. Raises `EmailTaken`, or `Invalid`
    with the field for what an account cannot keep. `password_hash` is for whoever has hashed it already.
    """
    # Hashing takes a tenth of a second: before the transaction, never in it.
    password_hash = password_hash or make_password(password)
    try:
        user = _open_account(
            email=clean_email(email), password_hash=password_hash, role=role, name=name, verified=verified
        )
    except IntegrityError as error:  # somebody else took the address between the question and the answer
        raise email_taken() from error
    return user


@service
def _open_account(*, email: str, password_hash: str, role: str, name: str, verified: bool) -> User:
    if User.objects.filter(email=email).exists() or is_address_kept_back(email):
        raise email_taken()
    user = User(email=email, password=password_hash, role=role)
    check(user, "email", "role")
    profile = Profile(user=user, name=name)
    check(profile, "name")
    user.save(force_insert=True)
    profile.user = user
    profile.save(force_insert=True)
    user.emailaddress_set.create(email=email, primary=True, verified=verified)
    return user


def change_unconfirmed_address(*, user_id: int, email: str) -> User:
    """Give an account whose address was never confirmed another one: whoever signed up had mistyped it.

    Raises `EmailTaken`, `Invalid` for what is no address, `StaleState` once one was confirmed.
    """
    try:
        return _change_unconfirmed_address(user_id=user_id, email=clean_email(email))
    except IntegrityError as error:
        raise email_taken() from error


@service
def _change_unconfirmed_address(*, user_id: int, email: str) -> User:
    user = User(pk=user_id, email=email)
    check(user, "email")
    require_free_address(email, user_id)
    # The update is also the lock: of two that race, one waits here and then sees what the other one did.
    User.objects.filter(pk=user_id).update(email=email)
    user = User.objects.get(pk=user_id)
    if user.emailaddress_set.filter(verified=True).exists():
        raise StaleState(_("This address is confirmed already."))
    user.emailaddress_set.all().delete()
    user.emailaddress_set.create(email=email, primary=True, verified=False)
    return user


@service
def save_profile(*, user_id: int, name: str, phone: str, time_zone: str, actor: Actor) -> Profile:
    """Save what somebody is called, their phone number and their time zone ("" is "as my device").

    Raises `Invalid` with the field, `Profile.DoesNotExist`, PermissionDenied unless it is the actor's own.
    """
    profile = _own_profile(user_id, actor)
    profile.name, profile.phone, profile.time_zone = name, phone, time_zone
    return _save(profile, "name", "phone", "time_zone")


def _own_profile(user_id: int, actor: Actor) -> Profile:
    profile = Profile.objects.select_related("user").get(pk=user_id)
    authorize(actor, "accounts.change_profile", profile.user)
    return profile


def require_free_address(email: str, user_id: int) -> None:
    """Raise `EmailTaken` unless the account may have this address: nobody has it or could come back to it."""
    has_account = User.objects.filter(email=email).exclude(pk=user_id).exists()
    if has_account or is_address_kept_back(email, besides=user_id):
        raise email_taken()


def email_taken() -> EmailTaken:
    """The refusal of an address that another account has."""
    return EmailTaken(_("There is an account with this e-mail address already."), field="email")


def _save(profile: Profile, *fields: str) -> Profile:
    check(profile, *fields)
    profile.save(update_fields=fields)
    return profile
