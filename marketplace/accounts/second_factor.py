"""What second factors rest on, encrypted in the database with a key made from SECRET_KEY.

After SECRET_KEY was changed, what the former one encrypted is read as long as that stands in SECRET_KEY_FALLBACKS, and
is written anew when its owner signs in, or by `manage.py renew_second_factors` for everybody. What no key
reads any more is lost: it opens nothing, and its owner is told.
"""

import base64
import logging
import secrets
from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from marketplace.common.locking import for_update
from marketplace.common.sealing import cipher, cipher_of
from marketplace.common.transactions import service

logger = logging.getLogger(__name__)

# Where in `Authenticator.data` something encrypted stands: of an app, of recovery codes, of codes from elsewhere.
ENCRYPTED = ("secret", "seed", "migrated_codes")


PURPOSE = "second factor"


def _fernet(key: str) -> Fernet:
    return cipher_of(PURPOSE, key)


def _cipher() -> MultiFernet:
    return cipher(PURPOSE)


def encrypt(text: str) -> str:
    """`text` under the present key."""
    return _cipher().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """What `encrypt` was given; for what no key reads, chance in its place, which fits nothing that anybody types."""
    try:
        return _cipher().decrypt(encrypted.encode()).decode()
    except InvalidToken:
        logger.warning("a second factor cannot be read: was SECRET_KEY changed without SECRET_KEY_FALLBACKS?")
        return base64.b32encode(secrets.token_bytes(20)).decode()


def _encrypted_in(factor: Authenticator) -> Iterator[str]:
    for name in ENCRYPTED:
        value = factor.data.get(name, [])
        yield from [value] if isinstance(value, str) else value


def _is_lost(factor: Authenticator) -> bool:
    any_key = _cipher()
    for text in _encrypted_in(factor):
        try:
            any_key.decrypt(text.encode())
        except InvalidToken:
            return True
    return False


def lost_factors(user_id: int) -> set[str]:
    """The types of somebody's second factors that no key reads any more: one query."""
    return {factor.type for factor in Authenticator.objects.filter(user_id=user_id) if _is_lost(factor)}


def renew_if_key_is_new(user_id: int) -> int:
    """Write somebody's second factors under the present key, if there was another one. Returns how many were."""
    return renew_factors(user_id=user_id) if settings.SECRET_KEY_FALLBACKS else 0


@service
def renew_factors(*, user_id: int) -> int:
    """Write what a former key encrypted of somebody's second factors under the present one; says how many.

    What is lost stays as it is: its key may come back.
    """
    mine = Authenticator.objects.filter(user_id=user_id).order_by("pk")
    return sum(_renew(factor) for factor in for_update(mine))


def _renew(factor: Authenticator) -> bool:
    present, any_key = _fernet(settings.SECRET_KEY), _cipher()

    def anew(text: str) -> str:
        try:
            present.decrypt(text.encode())
        except InvalidToken:
            return any_key.rotate(text.encode()).decode()
        return text

    data = dict(factor.data)
    try:
        for name in ENCRYPTED:
            if value := data.get(name):
                data[name] = anew(value) if isinstance(value, str) else [anew(text) for text in value]
    except InvalidToken:
        return False
    if data == factor.data:
        return False
    factor.data = data
    factor.save(update_fields=["data"])
    return True
