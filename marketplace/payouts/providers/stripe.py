"""Stripe Connect behind the port: a transfer from the store's account to one that is connected to it.

Stripe forgets the idempotency key of a request after a day, so before a transfer is asked for, those of the payout's
own transfer group are looked at: what was made is found, however long ago. Whatever Stripe tells us makes us look at
the transfer as it is now.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import stripe
from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.common.errors import Invalid
from marketplace.payouts.accounts import Account, StripeAccount
from marketplace.payouts.models import TROUBLE_LENGTH, Payout
from marketplace.payouts.states import Provider
from marketplace.wallet.errors import PaymentMismatch
from marketplace.wallet.payments import ProviderDown
from marketplace.wallet.payments.stripe_amounts import from_stripe, stripe_step, to_stripe
from marketplace.wallet.payments.stripe_client import or_down, read_event, stripe_client, word

from . import Callback, TransferRefused, TransferReport, TransferState

logger = logging.getLogger(__name__)

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

TRANSFER_REVERSED = "transfer.reversed"
BANK_REFUSED = "payout.failed"
CONFLICT = 409  # the same is being asked by another process right now

# What Stripe says of an account that no transfer can reach; everything else it refuses is the store's to mend.
_FINAL = {
    "account_closed",
    "account_invalid",
    "insufficient_capabilities_for_transfer",
    "transfers_not_allowed",
}


def _or_refused(method: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Raise `TransferRefused` where Stripe said no, and so sent nothing."""

    @wraps(method)
    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return or_down(method)(*args, **kwargs)
        except stripe.StripeError as error:
            if error.http_status == CONFLICT:
                raise ProviderDown from error
            raise TransferRefused(_words(error), is_final=_is_final(error)) from error

    return call


class StripeTransfers:
    name: str = Provider.STRIPE

    def __init__(self) -> None:
        self.api = stripe_client().v1

    def step(self, currency: str) -> int:
        return stripe_step(currency)

    @or_down
    def check(self, account: Account) -> None:
        if not isinstance(account, StripeAccount):
            return
        try:
            found = self.api.accounts.retrieve(account.account_id)
        except (stripe.InvalidRequestError, stripe.PermissionError) as error:
            raise Invalid(
                _("Stripe knows no such account of this store. Please compare it with your Stripe page."),
                field="number",
            ) from error
        if getattr(getattr(found, "capabilities", None), "transfers", None) != "active":
            raise Invalid(
                _("This account cannot be paid to yet: please finish at Stripe what is asked for there."),
                field="number",
            )

    @_or_refused
    def send(self, payout: Payout, account: Account, name: str) -> TransferReport:
        assert isinstance(account, StripeAccount), "an IBAN is the bank's"
        group = f"payout-{payout.public_id}"
        made = self.api.transfers.list(params={"transfer_group": group, "limit": 2}).data
        if len(made) > 1:
            logger.error("%s was sent twice: %s", payout, [one.id for one in made])
            raise PaymentMismatch
        transfer = (
            made[0]
            if made
            else self.api.transfers.create(
                params={
                    "amount": to_stripe(payout.amount, payout.currency),
                    "currency": payout.currency.lower(),
                    "destination": account.account_id,
                    "transfer_group": group,
                    "description": f"{settings.SITE_NAME} {payout.public_id}",
                    "metadata": {"payout": payout.public_id},
                },
                options={"idempotency_key": name},
            )
        )
        return _report(transfer)

    @or_down
    def ask(self, reference: str) -> TransferReport:
        return _report(self.api.transfers.retrieve(reference))

    @_or_refused
    def take_back(self, reference: str) -> None:
        if not self.api.transfers.retrieve(reference).reversed:
            options: stripe.RequestOptions = {"idempotency_key": f"back-{reference}"}
            self.api.transfers.reversals.create(reference, options=options)

    @or_down
    def failed_transfers(self, callback: Callback) -> Sequence[str]:
        if callback.kind != BANK_REFUSED:
            return []
        rows = self.api.balance_transactions.list(
            params={
                "payout": callback.reference,
                "type": "payment",
                "limit": 100,
                "expand": ["data.source"],
            },
            options={"stripe_account": callback.account_id},
        )
        sources = [row.source for row in rows.auto_paging_iter()]
        return [
            source.source_transfer
            for source in sources
            if isinstance(source, stripe.Charge) and isinstance(source.source_transfer, str)
        ]

    def read_callback(self, body: bytes, headers: Mapping[str, str]) -> Callback | None:
        return read_event(body, headers, settings.STRIPE_PAYOUT_WEBHOOK_SECRETS, _read)


def _read(event: dict[str, Any]) -> Callback | None:
    kind = word(event["type"])
    if kind not in (TRANSFER_REVERSED, BANK_REFUSED):
        return None
    account_id = word(event["account"]) if kind == BANK_REFUSED else ""
    return Callback(word(event["id"]), kind, word(event["data"]["object"]["id"]), account_id)


def _report(transfer: stripe.Transfer) -> TransferReport:
    currency = transfer.currency.upper()
    try:
        amount = from_stripe(transfer.amount, currency)
        part_back = 0 if transfer.reversed else from_stripe(transfer.amount_reversed, currency)
    except (ValueError, LookupError) as error:
        logger.error("%s is no amount of the books: %s", transfer.id, error)
        raise PaymentMismatch from error
    state = TransferState.CAME_BACK if transfer.reversed else TransferState.SENT
    destination = transfer.destination
    account_id = destination if isinstance(destination, str) else destination.id if destination else ""
    return TransferReport(transfer.id, state, amount, currency, account_id, part_back)


def _words(error: stripe.StripeError) -> str:
    return (error.user_message or error.code or type(error).__name__)[:TROUBLE_LENGTH]


def _is_final(error: stripe.StripeError) -> bool:
    if isinstance(error, stripe.InvalidRequestError):
        no_such = error.code == "resource_missing" and error.param == "destination"
        return no_such or error.code in _FINAL
    return isinstance(error, stripe.PermissionError) and error.code == "account_invalid"
