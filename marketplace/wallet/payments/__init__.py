"""The payment port: what the store asks of whoever takes people's money.

A provider is a module's class with these methods; `settings.PAYMENT_PROVIDER` names the one that
new payments use, and a payment stays with the provider that it began with. Why a port of our own, and
why Stripe's Checkout behind it: docs/decisions/0002-payment-port.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.common.errors import Busy
from marketplace.wallet.models import TopUp


class PaymentState(Enum):
    """What a provider says of a payment. Everything but PENDING is its last word, for now."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class PaymentReport:
    """A provider's word on one payment: amount in minor units as the books count, currency in capitals."""

    reference: str
    state: PaymentState
    amount: int
    currency: str


@dataclass(frozen=True)
class StartedPayment:
    """A payment that the provider made for us, and where the person pays it."""

    reference: str
    url: str


@dataclass(frozen=True)
class Callback:
    """A genuine message from a provider: which of our top-ups it is about, if any of ours."""

    event_id: str
    kind: str
    public_id: str


class ProviderDown(Busy):
    """The provider did not answer; the same may be tried again."""

    code = "payment_provider_down"

    def __init__(self) -> None:
        super().__init__(_("The payment service does not answer right now. Please try again."))


class ForgedCallback(Exception):
    """A message that says it is from a provider and is not."""


class UnreadableCallback(Exception):
    """A genuine message that does not say what a message says."""


class PaymentProvider(Protocol):
    """Every method may speak HTTP, so none is called inside a transaction. All raise `ProviderDown`."""

    name: str

    @property
    def hosts(self) -> Sequence[str]:
        """Where a form of ours may lead: Chromium holds redirects after a POST against `form-action`."""

    def step(self, currency: str) -> int:
        """What amounts must be a multiple of, in minor units: providers cannot take every part of every currency."""

    def start(self, top_up: TopUp, return_url: str) -> StartedPayment:
        """Make the payment. The same top-up again gives the same payment, never a second one."""

    def resume(self, top_up: TopUp) -> str:
        """Where the person goes on paying a started payment; "" where that is over."""

    def ask(self, top_up: TopUp) -> PaymentReport:
        """What became of a started payment."""

    def cancel(self, top_up: TopUp) -> None:
        """See to it that a started payment can no longer be made, where it still could."""

    def read_callback(self, body: bytes, headers: Mapping[str, str]) -> Callback | None:
        """Check a message's signature and read it; None for one that is not about a payment's end.

        Raises `ForgedCallback`, and `UnreadableCallback` for a genuine one that does not say what one says.
        """


def provider(name: str = "") -> PaymentProvider:
    """The provider of that name; of new payments when empty. Imported on first use: Stripe's is large."""
    name = name or settings.PAYMENT_PROVIDER
    if name == "stripe":
        from .stripe import StripeCheckout

        return StripeCheckout()
    if name == "demo":
        from .demo import DemoProvider

        return DemoProvider()
    raise LookupError(f"there is no payment provider {name!r}")
