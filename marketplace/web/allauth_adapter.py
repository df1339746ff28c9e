"""Where allauth meets the store: accounts are opened and e-mailed our way."""

import base64
import hashlib
import ipaddress
from contextlib import suppress
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import User
from marketplace.accounts.services import create_account
from marketplace.common.errors import Busy, Invalid

from . import cart_cookie, session_age
from .access import client_address
from .addresses import at_home

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(user: User) -> bool:
    """Whether signing in asks for more than the password (recovery codes alone do not count)."""
    return Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists()


def shorten_session_of_staff(request: HttpRequest) -> None:
    """An admin who does not sign out is signed out after a working day."""
    if request.user.is_authenticated and request.user.is_store_staff:
        request.session.set_expiry(settings.STAFF_SESSION_AGE)


class AccountAdapter(DefaultAccountAdapter):
    def get_client_ip(self, request: HttpRequest) -> str:
        """As `client_address`, and always an address: behind a Unix socket there is none to see."""
        try:
            return str(ipaddress.ip_address(client_address(request, settings.TRUSTED_PROXIES)))
        except ValueError:
            return "0.0.0.0"  # noqa: S104  nobody listens on it, it stands for "not known"

    def is_safe_url(self, url: str) -> bool:
        """Whether `?next=` may be followed; an address that cannot be read ("http://[") may not."""
        try:
            return super().is_safe_url(url)
        except ValueError:
            return False

    def render_mail(self, template_prefix: str, email: str, context: dict, *args, **kwargs) -> EmailMessage:
        """Whatever host the form was sent to, a mail's links lead to the store's own address."""
        links = {
            name: at_home(value)
            for name, value in context.items()
            if name.endswith("_url") and isinstance(value, str)
        }
        site = {"name": settings.SITE_NAME, "domain": urlsplit(settings.SITE_URL).netloc}
        return super().render_mail(
            template_prefix, email, context | links | {"current_site": site}, *args, **kwargs
        )

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials) -> str:
        """Wrong passwords count by the person; allauth's key begins with the host that was asked for."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return key.removeprefix(f"{get_current_site(request).domain}:")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """Who is new and was not on their way anywhere says where parcels go, then shops."""
        return reverse("shop:location")

    def post_login(self, request: HttpRequest, user: User, **login) -> HttpResponse:
        """What was put in the cart before signing in comes along; if that cannot be now, next time.

        An admin's session ends sooner than a shopper's.
        """
        response = super().post_login(request, user, **login)
        session_age.begin(request)
        shorten_session_of_staff(request)
        with suppress(Busy):
            cart_cookie.merge_at_login(request, response, user)
        return response

    def logout(self, request: HttpRequest) -> None:
        super().logout(request)
        request.signed_out = True  # PrivacyHeaders tells the browser to forget the pages it kept


class MFAAdapter(DefaultMFAAdapter):
    """TOTP secrets and recovery seeds are encrypted with a key made from SECRET_KEY."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Where admins must have a second factor, they cannot give up the last one."""
        user = authenticator.user
        if not (settings.STAFF_NEED_SECOND_FACTOR and user.is_store_staff):
            return True
        others = Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exclude(pk=authenticator.pk)
        return others.exists()

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """What a new key is called until its owner says otherwise."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey") if number == 1 else gettext("Passkey %(number)d") % {"number": number}

    def _get_site_name(self) -> str:
        return settings.SITE_NAME


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"second factor:{key}".encode()).digest()))
            for key in keys
        ]
    )


class AddKeyForm(AddWebAuthnForm):
    """A key opens the account by itself unless its owner wants it as a second step only."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        passwordless = self.fields["passwordless"]
        passwordless.initial = True
        passwordless.label = _("Sign in with it alone")
        passwordless.help_text = _(
            "As a passkey it asks for your finger, face or PIN, and no password is needed."
        )


class LoginForm(AllauthLoginForm):
    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """allauth gives everybody the same session after `post_login`; admins keep their shorter one."""
        response = super().login(request, redirect_url=redirect_url)
        shorten_session_of_staff(request)
        return response


class SignupForm(AllauthSignupForm):
    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        try:
            return super().try_save(request)
        except Invalid:
            # A double click: the address was free when the form was checked and is taken now.
            self.account_already_exists = True
            return super().try_save(request)

    def save(self, request: HttpRequest) -> User:
        """The account, its profile and its address in one transaction."""
        data = self.cleaned_data
        user = create_account(email=data["email"], password=data["password1"])
        EmailAddress.objects.fill_cache_for_user(user, list(user.emailaddress_set.all()))
        return user
