"""Stripe behind the port: hosted Checkout, so that no card number and no foreign script comes here.

A top-up is one Checkout Session. Whatever Stripe tells us (webhook, return of the person, sweep) only
makes us look at the session as it is now; its state, amount and currency decide.
"""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import ParamSpec, TypeVar

import stripe
from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.wallet.models import TopUp

from . import (
    Callback,
    ForgedCallback,
    PaymentReport,
    PaymentState,
    ProviderDown,
    StartedPayment,
    UnreadableCallback,
)

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

TIMEOUT = 10
"""Seconds that we wait for Stripe; a person waits on the other side."""

MOST_LETTERS = 120
"""Of an event's id, a top-up's name, a kind: as `PaymentEvent` has room for."""

# What ends a session one way or another; everything else Stripe sends is not for us.
_EVENTS = {
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
}


def _or_down(method: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
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


class StripeCheckout:
    name = "stripe"

    def __init__(self) -> None:
        self.hosts = (settings.STRIPE_CHECKOUT_HOST,)
        self.sessions = stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            base_addresses={"api": settings.STRIPE_API_BASE},
            http_client=stripe.RequestsClient(timeout=TIMEOUT),
            max_network_retries=2,
        ).v1.checkout.sessions

    @_or_down
    def start(self, top_up: TopUp, return_url: str) -> StartedPayment:
        session = self.sessions.create(
            params={
                "mode": "payment",
                "client_reference_id": top_up.public_id,
                "line_items": [
                    {
                        "quantity": 1,
                        "price_data": {
                            "currency": top_up.currency.lower(),
                            "unit_amount": top_up.amount,
                            "product_data": {"name": _("Wallet top-up at %s") % settings.SITE_NAME},
                        },
                    }
                ],
                "payment_intent_data": {"metadata": {"top_up": top_up.public_id}},
                "success_url": return_url,
                "cancel_url": return_url,
            },
            options={"idempotency_key": f"top-up-{top_up.public_id}"},
        )
        return StartedPayment(session.id, session.url or "")

    @_or_down
    def resume(self, top_up: TopUp) -> str:
        session = self.sessions.retrieve(_reference(top_up))
        return session.url or "" if session.status == "open" else ""

    @_or_down
    def ask(self, top_up: TopUp) -> PaymentReport:
        session = self.sessions.retrieve(_reference(top_up), params={"expand": ["payment_intent"]})
        return PaymentReport(
            reference=session.id,
            state=_state_of(session),
            amount=session.amount_total or 0,
            currency=(session.currency or "").upper(),
        )

    @_or_down
    def cancel(self, top_up: TopUp) -> None:
        try:
            self.sessions.expire(_reference(top_up))
        except stripe.InvalidRequestError:
            return  # it is not open any more: what `ask` says next counts

    def read_callback(self, body: bytes, headers: Mapping[str, str]) -> Callback | None:
        if not settings.STRIPE_WEBHOOK_SECRET:  # an empty key would sign anything
            raise ForgedCallback
        try:
            stripe.WebhookSignature.verify_header(
                body.decode(), headers.get("Stripe-Signature", ""), settings.STRIPE_WEBHOOK_SECRET, 300
            )
        except (stripe.SignatureVerificationError, ValueError) as error:
            raise ForgedCallback from error
        try:
            event = json.loads(body)
            kind = _word(event["type"])
            if kind not in _EVENTS:
                return None
            public_id = event["data"]["object"].get("client_reference_id")
            return Callback(event_id=_word(event["id"]), kind=kind, public_id=_word(public_id or "none"))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise UnreadableCallback(repr(error)[:200]) from error


def _word(value: object) -> str:
    """A name as Stripe gives it: what a column can hold. Raises `ValueError`."""
    if isinstance(value, str) and 0 < len(value) <= MOST_LETTERS and value.isascii() and value.isprintable():
        return value
    raise ValueError("a name is missing or no name")


def _reference(top_up: TopUp) -> str:
    assert top_up.provider_reference, "only what was started is asked about"
    return top_up.provider_reference


def _state_of(session: stripe.checkout.Session) -> PaymentState:
    if session.payment_status == "paid":
        return PaymentState.SUCCEEDED
    if session.status == "expired":
        return PaymentState.CANCELLED
    intent = session.payment_intent
    is_refused = isinstance(intent, stripe.PaymentIntent) and intent.status in (
        "requires_payment_method",
        "canceled",
    )
    if session.status == "complete" and is_refused:
        return PaymentState.FAILED  # a transfer that was promised and then refused
    return PaymentState.PENDING
