"""A payout that a provider carries out: what was asked, and what it said. Nothing here speaks to a provider: that is
`marketplace.payouts.providers.desk`, between these transactions."""

import logging
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from marketplace.accounts.selectors import active_admins
from marketplace.common.authorisation import SYSTEM
from marketplace.common.cleaning import clean_line
from marketplace.common.locking import lock_row_if_free
from marketplace.common.transactions import service
from marketplace.notifications.services import Notice, notify_many
from marketplace.payouts.accounts import Account
from marketplace.payouts.models import TROUBLE_LENGTH, Payout, PayoutTransfer
from marketplace.payouts.notices import PAYOUT_MATTER
from marketplace.payouts.providers import TransferReport, TransferState
from marketplace.payouts.selectors import may_go_out, transfer_of
from marketplace.payouts.states import Matter, PayoutStatus, Provider
from marketplace.wallet.errors import PaymentMismatch

from .deciding import book_as_back, book_as_declined, book_as_sent
from .steps import lock_payout

logger = logging.getLogger(__name__)

WITH_PROVIDER = (PayoutStatus.APPROVED, PayoutStatus.SENT)
"""A provider may have its money, or has."""
ANSWERS_WITHIN = timedelta(minutes=5)
"""Whoever asked and is not heard of for so long was killed, or the answer was lost: it is asked again."""
TRY_AGAIN_AFTER = timedelta(hours=1)
LOOK_AGAIN_AFTER = timedelta(days=1)
LOOKED_AT_FOR = timedelta(days=14)
"""So long the clock looks whether what was sent came back; after that, only where the provider says so."""


@service
def begin_transfer(*, payout_id: int, now: datetime) -> PayoutTransfer | None:
    """Note that a payout's provider is asked now, before it is; None where there is nothing to ask.

    From here on its money may have left, and nobody ends the payout by hand. Of two runners one gets it. Internal:
    a step of the payout desk.
    """
    payout = lock_row_if_free(Payout, payout_id)
    if payout is None or payout.address.provider == Provider.MANUAL:
        return None
    transfer = _transfer_of(payout)
    if transfer.look_at is not None and transfer.look_at > now:
        return None
    if payout.status == PayoutStatus.SENT:
        is_over = transfer.asked_at is None or now - transfer.asked_at > LOOKED_AT_FOR
        _change(transfer, look_at=None if is_over else now + LOOK_AGAIN_AFTER)
        return transfer
    if payout.status != PayoutStatus.APPROVED or not (transfer.is_asked or may_go_out(payout)):
        _change(transfer, look_at=None)
        return None
    _change(transfer, asked_at=transfer.asked_at or now, look_at=now + ANSWERS_WITHIN)
    return transfer


@service
def settle_transfer(*, payout_id: int, report: TransferReport, account: Account | None = None) -> bool:
    """Act on what a provider says of a payout: it was sent, or it came back; whether that changed anything.

    However often and from wherever it comes, each is booked once. Raises `PaymentMismatch` where reference, amount,
    currency or account differ from what was asked. Internal: what counts is the provider's word.
    """
    payout = lock_payout(payout_id)
    if report.state == TransferState.WAITING:
        return False
    transfer = _transfer_of(payout)
    asked = (transfer.reference or report.reference, payout.amount, payout.currency)
    is_theirs = account is None or account.spaced == report.account_id
    if (report.reference, report.amount, report.currency) != asked or not is_theirs or not transfer.asked_at:
        logger.error("%s does not match what its provider reports: %s", payout, report)
        raise PaymentMismatch
    if transfer.matter == Matter.MISMATCH:
        _change(transfer, matter="")
    changed = False
    if payout.status == PayoutStatus.APPROVED:
        book_as_sent(payout, reference=report.reference, actor=SYSTEM)
        again = transfer.asked_at + LOOK_AGAIN_AFTER
        _change(transfer, reference=report.reference, trouble="", look_at=again)
        changed = True
    if payout.status == PayoutStatus.SENT and report.state == TransferState.CAME_BACK:
        book_as_back(payout, reason=_("Your account did not take it."), actor=SYSTEM)
        _change(transfer, look_at=None, trouble="", matter="", part_back=0)
        changed = True
    if payout.status == PayoutStatus.SENT and report.part_back > transfer.part_back:
        _raise_matter(payout, transfer, Matter.IN_PART, part_back=report.part_back)
        changed = True
    return changed


@service
def note_matter(*, payout_id: int, matter: Matter, words: str = "") -> bool:
    """Note that an admin must look at what a provider did with a payout, and tell them once; whether that is news.

    `words` are the provider's. Internal, as `settle_transfer`.
    """
    payout = lock_payout(payout_id)
    transfer = _transfer_of(payout)
    if payout.status not in WITH_PROVIDER or transfer.matter == matter:
        return False
    _raise_matter(payout, transfer, matter, trouble=clean_line(words)[:TROUBLE_LENGTH])
    return True


def _raise_matter(payout: Payout, transfer: PayoutTransfer, matter: Matter, **changes: object) -> None:
    logger.error("%s needs somebody to look at it: %s", payout, matter)
    _change(transfer, matter=matter, **changes)
    key = f"{payout.hold_key}:{matter}:{transfer.attempt}:{transfer.part_back}"
    extra = {"amount": payout.amount, "provider": payout.address.get_provider_display()}
    notify_many([Notice(admin.pk, PAYOUT_MATTER, payout, key, extra) for admin in active_admins()])


@service
def refuse_transfer(*, payout_id: int, attempt: int, words: str, is_final: bool, now: datetime) -> bool:
    """Note that a provider has refused a payout at its `attempt`, so that nothing was sent; always True.

    Where it will never pay to this account (`is_final`), the payout is declined and its owner is told; else it is
    asked again in an hour, under a name of its own. Internal, as `settle_transfer`.
    """
    payout = lock_payout(payout_id)
    transfer = _transfer_of(payout)
    if payout.status != PayoutStatus.APPROVED or transfer.attempt != attempt or not transfer.is_asked:
        return True
    trouble = clean_line(words)[:TROUBLE_LENGTH]
    again = None if is_final else now + TRY_AGAIN_AFTER
    _change(transfer, attempt=attempt + 1, asked_at=None, trouble=trouble, look_at=again)
    if is_final:
        reason = _("%(provider)s does not pay to this account: %(words)s") % {
            "provider": payout.address.get_provider_display(),
            "words": trouble,
        }
        book_as_declined(payout, reason=reason, actor=SYSTEM)
    return True


def _transfer_of(payout: Payout) -> PayoutTransfer:
    """What was asked about a locked payout; made at the first time."""
    return transfer_of(payout) or PayoutTransfer.objects.create(payout=payout)


def _change(transfer: PayoutTransfer, **changes: object) -> None:
    for name, value in changes.items():
        setattr(transfer, name, value)
    transfer.save(update_fields=list(changes))
