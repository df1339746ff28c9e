"""allauth's forms, our way: addresses as an account keeps them, accounts opened by our service."""

import re

from allauth.account import forms as allauth_forms
from allauth.account.fields import EmailField
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from allauth.account.models import EmailAddress
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.forms import BaseForm, CharField
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import User
from marketplace.accounts.passwords import RULES
from marketplace.accounts.second_factor import lost_factors
from marketplace.accounts.services import EmailTaken, create_account
from marketplace.common.cleaning import clean_phone
from marketplace.common.fields import AddressFormField

from .allauth_adapter import shorten_session_of_staff
from .passkeys import ReadsCredential

PASSWORD_HASH = "password_hash"  # noqa: S105  where a sign-up with a taken address remembers it


class AddressField(AddressFormField, EmailField):
    """allauth's field for an e-mail address, cleaned and no longer than an account keeps it (Django's takes 320)."""

    def __init__(self, *args, **kwargs) -> None:
        kwargs["max_length"] = User._meta.get_field("email").max_length
        super().__init__(*args, **kwargs)


def _take_address(form: BaseForm, name: str) -> None:
    """allauth's field for an address becomes ours, with its words."""
    theirs = form.fields[name]
    form.fields[name] = AddressField(label=theirs.label, required=theirs.required)


class SaysTheRules:
    """A form for a new password says in one line what it must be."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = RULES


class LoginForm(allauth_forms.LoginForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        _take_address(self, "login")

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """allauth gives everybody the same session after `post_login`; admins keep their shorter one."""
        response = super().login(request, redirect_url=redirect_url)
        shorten_session_of_staff(request)
        return response


class SignupForm(SaysTheRules, allauth_forms.SignupForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        _take_address(self, "email")

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """A taken address gets the answer of a free one, after the same work: hashing is nearly all of it.

        What was typed is remembered, hashed, as an account would: who mistyped changes the address there.
        """
        self.password_hash = make_password(self.cleaned_data["password1"])
        try:
            user, response = super().try_save(request)
        except EmailTaken:
            # A double click: the address was free when the form was checked and is taken now.
            self.account_already_exists = True
            user, response = super().try_save(request)
        if user is None and (process := EmailVerificationProcess.resume(request)):
            process.state[PASSWORD_HASH] = self.password_hash
            process.persist()
        return user, response

    def save(self, request: HttpRequest) -> User:
        """The account, its profile and its address in one transaction."""
        user = create_account(email=self.cleaned_data["email"], password_hash=self.password_hash)
        EmailAddress.objects.fill_cache_for_user(user, list(user.emailaddress_set.all()))
        return user


class AddEmailForm(allauth_forms.AddEmailForm):
    email = AddressField()


class ChangeEmailForm(allauth_forms.ChangeEmailForm):
    email = AddressField()


class ResetPasswordForm(allauth_forms.ResetPasswordForm):
    email = AddressField()


class ChangePasswordForm(SaysTheRules, allauth_forms.ChangePasswordForm):
    pass


class SetPasswordForm(SaysTheRules, allauth_forms.SetPasswordForm):
    pass


class ResetPasswordKeyForm(SaysTheRules, allauth_forms.ResetPasswordKeyForm):
    pass


def _is_first_use(user_id: int, code: str) -> bool:
    """Whether a right code of somebody's app was not used yet; remembered for as long as it could be right.

    allauth remembers it for one period only; with a tolerance it is right for one more on either side. The key
    is one of those that the database keeps while the cache is away (marketplace/common/caching.py).
    """
    key = f"allauth.mfa.totp.once:{user_id}:{normalize_user_code(code)}"
    periods = 2 * mfa_settings.TOTP_TOLERANCE + 1
    return cache.add(key, "y", timeout=mfa_settings.TOTP_PERIOD * periods)


class CodeField(CharField):
    """A code as a mail or an app shows it: pasted with blanks, dashes or invisible signs, typed on any keyboard."""

    def to_python(self, value: object) -> str:
        return re.sub("[ -]", "", clean_phone(super().to_python(value)))


class TakesCodes:
    """allauth's field for a code becomes ours, with its words."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        theirs = self.fields["code"]
        self.fields["code"] = CodeField(label=theirs.label, widget=theirs.widget)


class ConfirmAddressForm(TakesCodes, allauth_forms.ConfirmEmailVerificationCodeForm):
    pass


class ActivateAppForm(TakesCodes, ActivateTOTPForm):
    pass


class ChecksCodes(TakesCodes):
    """A form for a code of the second factor: it says where no code can be right, and takes each of an app once."""

    def clean_code(self) -> str:
        try:
            code = super().clean_code()
        except ValidationError as error:
            if error.code != "incorrect_code" or not lost_factors(self.user.pk):
                raise
            raise ValidationError(
                _(
                    "This code is not right, or it cannot be checked any more: the store has lost the key to your "
                    "authenticator app or recovery codes. Sign in with a passkey, or ask the store for help."
                ),
                code="second_factor_lost",
            ) from error
        if self.authenticator.type == Authenticator.Type.TOTP and not _is_first_use(self.user.pk, code):
            raise get_mfa_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(ChecksCodes, mfa_forms.AuthenticateForm):
    pass


class ReauthenticateForm(ChecksCodes, mfa_forms.ReauthenticateForm):
    pass


class AddKeyForm(ReadsCredential, AddWebAuthnForm):
    """A key opens the account by itself unless its owner wants it as a second step only."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        passwordless = self.fields["passwordless"]
        passwordless.initial = True
        passwordless.label = _("Sign in with it alone")
        passwordless.help_text = _(
            "As a passkey it asks for your finger, face or PIN, and no password is needed."
        )
