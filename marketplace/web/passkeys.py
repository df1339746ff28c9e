"""What a passkey or security key answers, as a visitor may send it: a small JSON object, or a bad form.

The libraries below allauth read it as deep as it goes (JSON, and CBOR in it) and complain of what they cannot read
in a dozen ways; it reaches them before anybody is signed in.
"""

import struct
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms
from cryptography.exceptions import InvalidSignature
from django.core.exceptions import ValidationError
from django.forms import HiddenInput, JSONField

MOST_LETTERS = 16_384  # a real answer has one or two thousand
MOST_DEPTH = 16
UNREADABLE = (
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError),
    *(AssertionError, struct.error, InvalidSignature),
)


class CredentialField(JSONField):
    """The JSON of a browser's answer: an object with a `response`, neither long nor deep."""

    def __init__(self) -> None:
        super().__init__(required=True, widget=HiddenInput)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and (len(value) > MOST_LETTERS or _depth(value) > MOST_DEPTH):
            raise self._bad()
        try:
            read = super().to_python(value)
        except UNREADABLE as error:  # a number of five thousand digits
            raise self._bad() from error
        if read is not None and not (isinstance(read, dict) and isinstance(read.get("response"), dict)):
            raise self._bad()
        return read

    def _bad(self) -> ValidationError:
        return ValidationError(self.error_messages["invalid"], code="invalid")


def _depth(text: str) -> int:
    """How deep its brackets go at most, those in strings counted, too."""
    deep = deepest = 0
    for sign in text:
        if sign in "[{":
            deep += 1
            deepest = max(deepest, deep)
        elif sign in "]}":
            deep -= 1
    return deepest


class ReadsCredential:
    """A form of allauth's with a `credential`: whatever cannot be read or is not genuine is a wrong code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField()  # type: ignore[attr-defined]  # of a Form

    def _clean_fields(self) -> None:
        self._or_wrong(super()._clean_fields)  # type: ignore[misc]

    def _clean_form(self) -> None:
        self._or_wrong(super()._clean_form)  # type: ignore[misc]

    def _or_wrong(self, clean: Any) -> None:
        try:
            clean()
        except UNREADABLE:
            self.add_error("credential", get_adapter().validation_error("incorrect_code"))  # type: ignore[attr-defined]


class LoginKeyForm(ReadsCredential, forms.LoginWebAuthnForm):
    """Signing in with a passkey alone."""


class ReauthenticateKeyForm(ReadsCredential, forms.ReauthenticateWebAuthnForm):
    """A key, asked for once more."""


class AuthenticateKeyForm(ReadsCredential, forms.AuthenticateWebAuthnForm):
    """A key as the second step of signing in."""
