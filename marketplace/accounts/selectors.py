"""What is read of people and of how they sign in."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import QuerySet

from .models import STAFF_ROLES, Profile, SellerProfile, User


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


def profile_of(user_id: int) -> Profile:
    """Somebody's profile; everybody has one."""
    return Profile.objects.get(pk=user_id)


def shop_of(user_id: int) -> SellerProfile | None:
    """Somebody's shop; None for a person who does not sell."""
    return SellerProfile.objects.filter(user_id=user_id).first()


def sign_in_of(user_id: int) -> SignIn:
    """How somebody signs in, and on how many devices they are signed in."""
    factors = set(Authenticator.objects.filter(user_id=user_id).values_list("type", flat=True))
    return SignIn(
        has_app=Authenticator.Type.TOTP in factors,
        has_passkey=Authenticator.Type.WEBAUTHN in factors,
        session_count=UserSession.objects.filter(user_id=user_id).count(),
    )
