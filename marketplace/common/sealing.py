"""What the database keeps encrypted, with a key made from SECRET_KEY: another one for each purpose.

After SECRET_KEY was changed, what the former one sealed is read as long as that stands in SECRET_KEY_FALLBACKS.
What no key reads any more is lost.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def cipher_of(purpose: str, key: str) -> Fernet:
    """The cipher that one key makes for one purpose."""
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"{purpose}:{key}".encode()).digest()))


def cipher(purpose: str) -> MultiFernet:
    """The present key's cipher, which also reads what former keys sealed."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([cipher_of(purpose, key) for key in keys])


def seal(purpose: str, text: str) -> str:
    """`text` under the present key."""
    return cipher(purpose).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str) -> str | None:
    """What `seal` was given; None for what no key reads."""
    try:
        return cipher(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def seal_anew(purpose: str, sealed: str) -> str | None:
    """`sealed` under the present key; None where it is so already, or where no key reads it."""
    try:
        cipher_of(purpose, settings.SECRET_KEY).decrypt(sealed.encode())
    except InvalidToken:
        text = unseal(purpose, sealed)
        return None if text is None else seal(purpose, text)
    return None
