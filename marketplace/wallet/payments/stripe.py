"""Stripe behind the port: hosted Checkout, so that no card number and no foreign script comes here.

A top-up is one Checkout Session. Whatever Stripe tells us (webhook, return of the person, sweep) only
makes us look at the session as it is now; its state, amount and currency decide.
"""

import logging
from collections.abc import Mapping
from typing import Any

import stripe
from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.wallet.errors import PaymentMismatch
from marketplace.wallet.models import TopUp

from . import Callback, PaymentReport, PaymentState, StartedPayment
from .stripe_amounts import from_stripe, stripe_step, to_stripe
from .stripe_client import or_down, read_event, stripe_client, word

logger = logging.getLogger(__name__)

# What ends a session one way or another; everything else Stripe sends is not for us.
_EVENTS = {
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
}


class StripeCheckout:
    name = "stripe"

    def __init__(self) -> None:
        self.hosts = (settings.STRIPE_CHECKOUT_HOST,)
        self.sessions = stripe_client().v1.checkout.sessions

    def step(self, currency: str) -> int:
        return stripe_step(currency)

    @or_down
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
                            "unit_amount": to_stripe(top_up.amount, top_up.currency),
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

    @or_down
    def resume(self, top_up: TopUp) -> str:
        session = self.sessions.retrieve(_reference(top_up))
        return session.url or "" if session.status == "open" else ""

    @or_down
    def ask(self, top_up: TopUp) -> PaymentReport:
        session = self.sessions.retrieve(_reference(top_up), params={"expand": ["payment_intent"]})
        currency = (session.currency or "").upper()
        try:
            amount = from_stripe(session.amount_total or 0, currency)
        except (ValueError, LookupError) as error:
            logger.error("%s does not match what Stripe reports: %s", top_up, error)
            raise PaymentMismatch from error
        return PaymentReport(session.id, _state_of(session), amount, currency)

    @or_down
    def cancel(self, top_up: TopUp) -> None:
        try:
            self.sessions.expire(_reference(top_up))
        except stripe.InvalidRequestError:
            return  # it is not open any more: what `ask` says next counts

    def read_callback(self, body: bytes, headers: Mapping[str, str]) -> Callback | None:
        return read_event(body, headers, [settings.STRIPE_WEBHOOK_SECRET], _read)


def _read(event: dict[str, Any]) -> Callback | None:
    kind = word(event["type"])
    if kind not in _EVENTS:
        return None
    public_id = event["data"]["object"].get("client_reference_id")
    return Callback(event_id=word(event["id"]), kind=kind, public_id=word(public_id or "none"))


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
