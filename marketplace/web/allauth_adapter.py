"""Where allauth meets the store: accounts are opened and e-mailed our way."""

import ipaddress
from contextlib import suppress
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
)
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.sites.shortcuts import get_current_site
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from marketplace.accounts import second_factor
from marketplace.accounts.addresses import confirm_address, undo_token
from marketplace.accounts.models import User
from marketplace.accounts.services import EmailTaken
from marketplace.common.errors import Busy
from marketplace.mail.kinds import CODE, mark

from . import cart_cookie, known_device, session_age
from .access import client_address
from .addresses import absolute, at_home

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
        message = super().render_mail(
            template_prefix, email, context | links | {"current_site": site}, *args, **kwargs
        )
        return mark(message, CODE) if "code" in context else message

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials) -> str:
        """Wrong passwords count by the person; allauth's key begins with the host that was asked for.

        On a device that the person signed in with before they count apart: whoever guesses from elsewhere
        locks out whoever guesses, not the owner.
        """
        key = super()._get_login_attempts_cache_key(request, **credentials)
        email = key.removeprefix(f"{get_current_site(request).domain}:")
        device = known_device.name_of(request, email)
        return f"{email}:{device}" if device else email

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials) -> None:
        """Whoever chose a new password may try again, on every device."""
        super()._delete_login_attempts_cached_email(request, **credentials)
        email = credentials["email"]
        ratelimit.clear(request, app="allauth.account", action="login_failed", key=email)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """The code was right: the address is the account's, and the one before hears of it and can undo it."""
        user = email_address.user
        try:
            change = confirm_address(user_id=user.pk, email=email_address.email)
        except EmailTaken as error:
            self.add_message(request, messages.ERROR, message=str(error))
            return False
        email_address.verified = email_address.primary = True
        user.email = email_address.email
        if change is not None:
            undo_url = absolute(reverse("account_undo_email", args=[undo_token(change)]))
            self.send_notification_mail(
                "account/email/email_changed",
                user,
                {"from_email": change.old_email, "to_email": change.new_email, "undo_url": undo_url},
                email=change.old_email,
            )
        self.add_message(
            request,
            messages.SUCCESS,
            "account/messages/email_confirmed.txt",
            {"email": email_address.email},
        )
        return True

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """Who is new and was not on their way anywhere says where parcels go, then shops."""
        return reverse("shop:location")

    def post_login(self, request: HttpRequest, user: User, **login) -> HttpResponse:
        """What was put in the cart before signing in comes along; if that cannot be now, next time.

        An admin's session ends sooner than a shopper's. What a former SECRET_KEY encrypted is written anew.
        """
        response = super().post_login(request, user, **login)
        _count_as_fresh(request, user)
        known_device.remember(request, response, user.email)
        session_age.begin(request)
        shorten_session_of_staff(request)
        with suppress(Busy):
            second_factor.renew_if_key_is_new(user.pk)
        with suppress(Busy):
            cart_cookie.merge_at_login(request, response, user)
        return response

    def logout(self, request: HttpRequest) -> None:
        super().logout(request)
        request.signed_out = True  # PrivacyHeaders tells the browser to forget the pages it kept


def _count_as_fresh(request: HttpRequest, user: User) -> None:
    """Who has just shown a password, a passkey or a second factor is not asked again for it.

    allauth counts only what its own page "Is it you?" has asked. Who came in by a code out of a mail is asked.
    """
    records = get_authentication_records(request, user)
    if records and records[-1]["method"] in ("password", "mfa"):
        records[-1]["reauthenticated"] = True
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = records


class MFAAdapter(DefaultMFAAdapter):
    """TOTP secrets and recovery seeds are encrypted with a key made from SECRET_KEY."""

    def encrypt(self, text: str) -> str:
        return second_factor.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return second_factor.decrypt(encrypted_text)

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
