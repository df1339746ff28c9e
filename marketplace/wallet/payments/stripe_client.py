"""Speaking with Stripe: one client, how its silence is told apart, and reading what it signed.

Top-ups (`stripe.py`) and payouts (marketplace/payouts/providers/stripe.py) share it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import stripe
from django.conf import settings

from . import ForgedCallback, ProviderDown, UnreadableCallback

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

TIMEOUT = 10
"""Seconds that we wait for Stripe; a person may wait on the other side."""

MOST_LETTERS = 120
"""Of an event's id, a name of ours, a kind: as the columns have room for."""


def stripe_client() -> stripe.StripeClient:
    """A client with this store's key, that waits for `TIMEOUT` seconds and tries a lost connection twice more."""
    return stripe.StripeClient(
        settings.STRIPE_SECRET_KEY,
        base_addresses={"api": settings.STRIPE_API_BASE},
        http_client=stripe.RequestsClient(timeout=TIMEOUT),
        max_network_retries=2,
    )


def or_down(method: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Raise `ProviderDown` where Stripe gave no answer that says anything about what was asked."""

    @wraps(method)
    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return method(*args, **kwargs)
        except (stripe.APIConnectionError, stripe.RateLimitError) as error:
            raise ProviderDown from error
        except stripe.APIError as error:
            if error.http_status is None or error.http_status >= 500:
                raise ProviderDown from error
            raise

    return call


def read_event(
    body: bytes,
    headers: Mapping[str, str],
    secrets: Sequence[str],
    read: Callable[[dict[str, Any]], Result],
) -> Result:
    """What `read` makes of a message that one of `secrets` signed within the last five minutes.

    Raises `ForgedCallback`, and `UnreadableCallback` for a genuine one in which `read` does not find what it looks for.
    """
    if not any(
        secret and _signed(body, headers, secret) for secret in secrets
    ):  # an empty key signs anything
        raise ForgedCallback
    try:
        return read(json.loads(body))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise UnreadableCallback(repr(error)[:200]) from error


def _signed(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body.decode(), headers.get("Stripe-Signature", ""), secret, 300)
    except (stripe.SignatureVerificationError, ValueError):
        return False
    return True


def word(value: object) -> str:
    """A name as Stripe gives it: what a column can hold. Raises `ValueError`."""
    if isinstance(value, str) and 0 < len(value) <= MOST_LETTERS and value.isascii() and value.isprintable():
        return value
    raise ValueError("a name is missing or no name")
