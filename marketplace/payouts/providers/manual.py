"""The store's own bank: people give it the file, or type the transfer, and note here what it did.

So it is never asked: what it says of a payout is what an admin notes.
"""

from collections.abc import Mapping, Sequence

from marketplace.payouts.accounts import Account
from marketplace.payouts.models import Payout
from marketplace.payouts.states import Provider
from marketplace.wallet.payments import ForgedCallback

from . import Callback, TransferReport, TransferState


class ByHand:
    name: str = Provider.MANUAL

    def step(self, currency: str) -> int:
        return 1

    def check(self, account: Account) -> None:
        """An IBAN's own digits say that it is one; more a bank does not tell."""

    def send(self, payout: Payout, account: Account, name: str) -> TransferReport:
        return TransferReport(
            "", TransferState.WAITING, payout.amount, payout.currency, account_id=account.last4
        )

    def ask(self, reference: str) -> TransferReport:
        raise NotImplementedError("what the bank did, an admin notes")

    def take_back(self, reference: str) -> None:
        raise NotImplementedError("what the bank did, an admin notes")

    def failed_transfers(self, callback: Callback) -> Sequence[str]:
        return []

    def read_callback(self, body: bytes, headers: Mapping[str, str]) -> Callback | None:
        """A bank sends none: whatever arrives is not from it."""
        raise ForgedCallback
