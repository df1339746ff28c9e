"""Whose cart: an account's, or that of a visitor who carries a random token."""

import hashlib
import secrets
from dataclasses import dataclass

from django.db.models import Q


@dataclass(frozen=True)
class CartRef:
    """Names one cart: `CartRef(user_id=7)` or `CartRef(token="…")`, never both."""

    user_id: int | None = None
    token: str | None = None

    def __post_init__(self) -> None:
        if (self.user_id is None) == (self.token is None):
            raise ValueError("a cart belongs to an account or to a token")

    @property
    def token_hash(self) -> str | None:
        """What the row holds instead of the token, so that a leaked table opens no cart."""
        return None if self.token is None else hashlib.sha256(self.token.encode()).hexdigest()

    @property
    def owner(self) -> dict[str, object]:
        """The columns of the cart's row that say whose it is."""
        return {"user_id": self.user_id, "token_hash": self.token_hash}

    def where(self, prefix: str = "") -> Q:
        """The condition that finds the cart's row, from a model that reaches it by `prefix`."""
        if self.user_id is not None:
            return Q(**{f"{prefix}user_id": self.user_id})
        return Q(**{f"{prefix}token_hash": self.token_hash})


def new_token() -> str:
    """A token for a new visitor's cart: 192 random bits."""
    return secrets.token_urlsafe(24)
