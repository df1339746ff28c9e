"""The payout port: what the store asks of whoever carries payouts out.

In the shape of the top-ups' port (marketplace/wallet/payments). An account says by its kind who pays to it
(`PayoutAddress.provider`), and a payout goes with its account: IBANs are the store's own bank's, told by files or by
hand (`manual`), accounts at Stripe are Stripe's. Which accounts people may give, `settings.PAYOUT_PROVIDER` says.
Why: docs/decisions/0030-payout-port-and-reserve.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from marketplace.payouts.accounts import Account
from marketplace.payouts.models import Payout
from marketplace.payouts.states import Provider


class TransferState(Enum):
    """What a provider says of a payout."""

    WAITING = "waiting"
    SENT = "sent"
    CAME_BACK = "came_back"


@dataclass(frozen=True)
class TransferReport:
    """A provider's word on one payout: amounts in minor units as the books count, currency in capitals.

    `part_back` is how much of it came back, where that is not all of it.
    """

    reference: str
    state: TransferState
    amount: int
    currency: str
    account_id: str
    part_back: int = 0


@dataclass(frozen=True)
class Callback:
    """A genuine message from a provider: the transfer that it is about, or somebody's payout at their own bank."""

    event_id: str
    kind: str
    reference: str
    account_id: str = ""


class TransferRefused(Exception):
    """The provider has refused, and nothing was sent. `is_final`: it will never pay to this account."""

    def __init__(self, words: str, *, is_final: bool) -> None:
        super().__init__(words)
        self.words, self.is_final = words, is_final


class PayoutProvider(Protocol):
    """Every method but `step` may speak HTTP, so none is called inside a transaction. All raise `ProviderDown`."""

    name: str

    def step(self, currency: str) -> int:
        """What amounts must be a multiple of, in minor units."""

    def check(self, account: Account) -> None:
        """See that money can be sent to an account. Raises `Invalid` (field "number") where it cannot."""

    def send(self, payout: Payout, account: Account, name: str) -> TransferReport:
        """Send it, under a `name` of ours. The same name again gives the same transfer, never a second one, however
        long ago it was. Raises `TransferRefused`."""

    def ask(self, reference: str) -> TransferReport:
        """What became of a transfer."""

    def take_back(self, reference: str) -> None:
        """See to it that a transfer comes back, where it still can. Raises `TransferRefused`."""

    def failed_transfers(self, callback: Callback) -> Sequence[str]:
        """The transfers whose money did not reach its owner's own bank, as a message says; none for most."""

    def read_callback(self, body: bytes, headers: Mapping[str, str]) -> Callback | None:
        """Check a message's signature and read it; None for one that is about nothing of ours.

        Raises `ForgedCallback`, `UnreadableCallback` (marketplace.wallet.payments).
        """


def payout_provider(name: str) -> PayoutProvider:
    """The provider of that name. Imported on first use: Stripe's is large. Raises `LookupError`."""
    if name == Provider.STRIPE:
        from .stripe import StripeTransfers

        return StripeTransfers()
    if name == Provider.MANUAL:
        from .manual import ByHand

        return ByHand()
    raise LookupError(f"there is no payout provider {name!r}")
