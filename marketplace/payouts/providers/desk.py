"""The payout desk: speaks to providers between transactions, never inside one.

Whatever makes us look (the sweep, a message), the answer is settled by the same service, `settle_transfer`, once.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db.models import Q, QuerySet

from marketplace.accounts.models import User
from marketplace.common.authorisation import authorize
from marketplace.common.limits import limited
from marketplace.common.sweeping import Swept, sweep_rows
from marketplace.common.transactions import is_outermost
from marketplace.payouts.accounts import read_account, unseal_account
from marketplace.payouts.models import Payout, PayoutAddress, PayoutTransfer
from marketplace.payouts.services.addresses import change_address
from marketplace.payouts.services.transferring import (
    begin_transfer,
    note_matter,
    refuse_transfer,
    settle_transfer,
)
from marketplace.payouts.states import Matter, PayoutStatus, Provider
from marketplace.wallet.errors import PaymentMismatch
from marketplace.wallet.payments import ProviderDown

from . import Callback, PayoutProvider, TransferRefused, payout_provider

logger = logging.getLogger(__name__)

NO_KEY = "No key of this store reads the account any more."


def _outside() -> None:
    if not is_outermost():
        raise RuntimeError("a provider is never asked inside a transaction")


@limited("payment_check", by="actor")
def give_address(*, actor: User, number: str, holder: str, expected: str | None = None) -> PayoutAddress:
    """`change_address`, once the account's provider has said that money can be sent there.

    Raises as that does, and `ProviderDown`.
    """
    _outside()
    authorize(actor, "payouts.request")
    account = read_account(number=number, holder=holder)
    payout_provider(account.provider).check(account)
    return change_address(actor=actor, number=number, holder=holder, expected=expected)


def due_transfers(now: datetime) -> QuerySet[Payout]:
    """The payouts that a provider is to be asked about, oldest first: approved and not sent, or sent lately."""
    waits = Q(status=PayoutStatus.APPROVED, transfer__asked_at=None, transfer__look_at=None)
    waits &= Q(address__current_for__isnull=False, owner__is_active=True)
    due = Payout.objects.exclude(address__provider=Provider.MANUAL)
    return due.filter(waits | Q(transfer__look_at__lte=now)).order_by("pk")


def send_transfers(now: datetime) -> Swept:
    """Sweep: ask providers for the payouts that are approved, and what became of those that they sent.

    One whose answer was lost is asked about again, under its own name.
    """
    _outside()
    return sweep_rows("send_transfers", due_transfers(now), lambda pk: look_at(pk, now), now=now)


def look_at(payout_id: int, now: datetime) -> bool:
    """Ask a payout's provider for it, or what became of it, and settle what it says; whether that changed anything.

    Internal: the clock, or a provider's message, makes us look.
    """
    _outside()
    transfer = begin_transfer(payout_id=payout_id, now=now)
    if transfer is None:
        return False
    payout = transfer.payout
    port = payout_provider(payout.address.provider)
    try:
        with _noting_mismatch(payout.pk):
            if transfer.reference:
                return settle_transfer(payout_id=payout.pk, report=port.ask(transfer.reference))
            account = unseal_account(payout.address.sealed)
            if account is None:
                raise TransferRefused(NO_KEY, is_final=False)
            report = port.send(payout, account, name_of(transfer))
            return settle_transfer(payout_id=payout.pk, report=report, account=account)
    except TransferRefused as refusal:
        logger.warning("%s was refused: %s", payout, refusal)
        return refuse_transfer(
            payout_id=payout.pk,
            attempt=transfer.attempt,
            words=refusal.words,
            is_final=refusal.is_final,
            now=now,
        )
    except ProviderDown:
        logger.warning("%s waits: its provider does not answer", payout)
        return False


def name_of(transfer: PayoutTransfer) -> str:
    """Under which name a provider is asked for a payout: the same until it has refused."""
    return f"payout-{transfer.payout.public_id}-{transfer.attempt}"


def take_callback(name: str, callback: Callback) -> int:
    """Act on a provider's genuine message: look at each transfer that it is about; says how many of ours there were.

    No person acts here: the message's signature was checked, and it is only a reason to look for ourselves. Money that
    did not reach its owner's bank is taken back first. Raises `ProviderDown` where it may be about a transfer whose
    answer we still wait for: then it is to be sent again.
    """
    _outside()
    port = payout_provider(name)
    failed = set(port.failed_transfers(callback))
    ours = PayoutTransfer.objects.filter(
        reference__in=failed or [callback.reference], payout__address__provider=name
    )
    found = list(ours.order_by("pk"))
    if len(found) < len(failed) and _waits_for_an_answer(name):
        raise ProviderDown  # one of them may be the one that we have not heard of yet: the message comes again
    for transfer in found:
        assert transfer.reference
        if transfer.reference in failed and not _comes_back(port, transfer):
            continue
        with _noting_mismatch(transfer.payout_id):
            settle_transfer(payout_id=transfer.payout_id, report=port.ask(transfer.reference))
    logger.info("%s of %s: %s, %d of ours", callback.kind, name, callback.reference, len(found))
    return len(found)


def _waits_for_an_answer(name: str) -> bool:
    asked = PayoutTransfer.objects.filter(asked_at__isnull=False, reference=None, matter="")
    return asked.filter(payout__address__provider=name).exists()


@contextmanager
def _noting_mismatch(payout_id: int) -> Iterator[None]:
    """What does not fit is for a person: the payout says so, and nothing of it is booked."""
    try:
        yield
    except PaymentMismatch:
        note_matter(payout_id=payout_id, matter=Matter.MISMATCH)
        raise


def _comes_back(port: PayoutProvider, transfer: PayoutTransfer) -> bool:
    assert transfer.reference
    try:
        port.take_back(transfer.reference)
    except TransferRefused as refusal:
        note_matter(payout_id=transfer.payout_id, matter=Matter.NOT_BACK, words=refusal.words)
        return False
    return True
