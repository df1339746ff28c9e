"""The secret that ends a parcel's way: a PIN of six digits and a QR token of 128 bits (docs/reliability.md §3.5).

Neither is stored. Both are an HMAC, with a key made from SECRET_KEY for this alone, over what the proof
is for, its consignment, its issue and a random nonce: the buyer's page can show them again, and somebody
who has the database has nothing. After SECRET_KEY was changed the pages show new ones at once, and the
old ones count as long as the old key is in SECRET_KEY_FALLBACKS.
"""

import base64
import re
import secrets
from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from marketplace.common.cleaning import clean_phone
from marketplace.common.errors import Invalid

from .models import Proof
from .states import Method

PIN_DIGITS = 6
TOKEN_BYTES = 16

_SALT = "marketplace.delivery.proof"
_PIN = re.compile(rf"[0-9]{{{PIN_DIGITS}}}\Z")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}\Z")


def new_nonce() -> str:
    """16 random bytes in hex: what makes an issue's PIN and token differ from every other's."""
    return secrets.token_hex(16)


def pin_of(proof: Proof) -> str:
    """The six digits that whoever takes the parcel says to the courier."""
    return _pin(proof, settings.SECRET_KEY)


def token_of(proof: Proof) -> str:
    """The 22 URL-safe characters (128 bits) that the QR code holds."""
    return _token(proof, settings.SECRET_KEY)


def qr_payload(proof: Proof) -> str:
    """What the QR code says: the courier's scan page with the token behind "#", which no server is sent."""
    return f"{settings.SITE_URL}/courier/scan/#{token_of(proof)}"


@dataclass(frozen=True)
class Code:
    """What a courier gave: a PIN that was typed or a token that was scanned."""

    method: Method
    value: str

    @classmethod
    def parse(cls, *, pin: str = "", token: str = "") -> Self:
        """Take six digits (of any script, with spaces and dashes between them), or a QR code's text or bare token.

        Raises `Invalid` (field "pin" or "token") for what cannot be a code of ours: that is a slip, and
        is not counted as a wrong try.
        """
        if token.strip():
            value = token.strip().rpartition("#")[2]
            if not _TOKEN.match(value):
                raise Invalid(_("This is not a QR code for handing over a parcel."), field="token")
            return cls(Method.QR, value)
        value = re.sub(r"[ -]", "", clean_phone(pin))
        if not _PIN.match(value):
            raise Invalid(_("The PIN has six digits."), field="pin")
        return cls(Method.PIN, value)

    def fits(self, proof: Proof) -> bool:
        """Whether this is the proof's PIN or token; takes the same time either way."""
        derive = _token if self.method == Method.QR else _pin
        fitting = [
            constant_time_compare(derive(proof, secret), self.value)
            for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        ]
        return any(fitting)

    @property
    def fingerprint(self) -> str:
        """Tells two codes apart where a form's content is remembered, and cannot be searched for the code."""
        return self._fingerprint(settings.SECRET_KEY)

    @property
    def former_fingerprints(self) -> list[str]:
        """What `fingerprint` was before SECRET_KEY was changed: a form that was sent then may be sent again now."""
        return [self._fingerprint(key) for key in settings.SECRET_KEY_FALLBACKS]

    def _fingerprint(self, secret: str) -> str:
        about = f"{self.method}:{self.value}"
        return salted_hmac(f"{_SALT}.fingerprint", about, secret=secret, algorithm="sha256").hexdigest()


def _digest(proof: Proof, kind: str, secret: str) -> bytes:
    about = f"{kind}:{proof.purpose}:{proof.consignment_id}:{proof.issue}:{proof.nonce}"
    return salted_hmac(_SALT, about, secret=secret, algorithm="sha256").digest()


def _pin(proof: Proof, secret: str) -> str:
    number = int.from_bytes(_digest(proof, "pin", secret), "big") % 10**PIN_DIGITS
    return f"{number:0{PIN_DIGITS}d}"


def _token(proof: Proof, secret: str) -> str:
    digest = _digest(proof, "token", secret)[:TOKEN_BYTES]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
