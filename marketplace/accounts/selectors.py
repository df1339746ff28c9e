"""What is read of people and of how they sign in."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q, QuerySet

from marketplace.common import clock

from .models import DEMO_DOMAIN, STAFF_ROLES, AddressChange, Profile, SavedAddress, SellerProfile, User
from .saved import AddressKind


@dataclass(frozen=True)
class SignIn:
    """The ways in which somebody guards their account."""

    has_app: bool
    has_passkey: bool
    session_count: int

    @property
    def has_second_step(self) -> bool:
        return self.has_app or self.has_passkey


def active_admins() -> QuerySet[User]:
    """Whoever is told when the store needs a person: all staff whose account is open."""
    return User.objects.filter(role__in=STAFF_ROLES, is_active=True).order_by("pk")


def has_real_staff() -> bool:
    """Whether somebody runs this store: an open account of staff that is not one of the demo's."""
    return active_admins().exclude(email__endswith=DEMO_DOMAIN).exists()


def demo_accounts() -> QuerySet[User]:
    """Open accounts whose password everybody can read."""
    return User.objects.filter(email__endswith=DEMO_DOMAIN, is_active=True).order_by("email")


def profile_of(user_id: int) -> Profile:
    """Somebody's profile; everybody has one."""
    return Profile.objects.get(pk=user_id)


def addresses_of(user_id: int, kind: str = AddressKind.DOOR) -> QuerySet[SavedAddress]:
    """Somebody's saved addresses of a kind, the oldest first. Nobody else's are ever in it."""
    return SavedAddress.objects.filter(owner_id=user_id, kind=kind).order_by("pk")


def shop_is_open(prefix: str = "", *, now: datetime) -> Q:
    """What a shop must be for its goods to be bought at that moment: not suspended, not away.

    `prefix` is the way from the queried model to its shop, such as "seller__seller_profile"; where there is none,
    the seller without a shop counts as open. Of one shop in hand, `SellerProfile.is_open` says the same.
    """
    way = f"{prefix}__" if prefix else ""
    here = Q(**{f"{way}away_from": None}) | Q(**{f"{way}away_from__gt": now})
    return Q(**{f"{way}suspended_at": None}) & (here | Q(**{f"{way}away_until__lte": now}))


def closed_shops(now: datetime) -> QuerySet[SellerProfile]:
    """Shops that sell nothing at that moment, because the store or a vacation says so."""
    return SellerProfile.objects.exclude(shop_is_open(now=now))


def shop_of(user_id: int) -> SellerProfile | None:
    """Somebody's shop; None for a person who does not sell."""
    return SellerProfile.objects.filter(user_id=user_id).first()


def open_address_changes() -> QuerySet[AddressChange]:
    """Changes of address that the old one can still undo."""
    return AddressChange.objects.filter(undone_at=None, changed_at__gt=clock.now() - AddressChange.UNDO_FOR)


def is_address_kept_back(email: str, *, besides: int | None = None) -> bool:
    """Whether an account could still come back to this address, other than the one of `besides`."""
    changes = open_address_changes().filter(old_email=email)
    return (changes if besides is None else changes.exclude(user_id=besides)).exists()


def sign_in_of(user_id: int) -> SignIn:
    """How somebody signs in, and on how many devices they are signed in."""
    factors = set(Authenticator.objects.filter(user_id=user_id).values_list("type", flat=True))
    return SignIn(
        has_app=Authenticator.Type.TOTP in factors,
        has_passkey=Authenticator.Type.WEBAUTHN in factors,
        session_count=UserSession.objects.filter(user_id=user_id).count(),
    )
