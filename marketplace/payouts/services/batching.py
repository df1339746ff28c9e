"""Approved payouts go to the bank in one file, and are noted as sent together."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import clock, idempotency
from marketplace.common.authorisation import authorize
from marketplace.common.cleaning import clean_line, clean_text
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.ids import new_public_id
from marketplace.common.inserting import insert
from marketplace.common.locking import lock_all, lock_by_ids, lock_row
from marketplace.common.numbering import lock_series, next_number
from marketplace.common.shown import require_as_shown
from marketplace.common.texts import clean_reason
from marketplace.common.transactions import service
from marketplace.payouts.accounts import BankAccount, unseal_account
from marketplace.payouts.bank_files import Transfer, csv_file, sepa_file
from marketplace.payouts.batches import MOST, paying_account, ready_for
from marketplace.payouts.errors import NothingToBatch
from marketplace.payouts.models import Payout, PayoutBatch, WithdrawnPayout
from marketplace.payouts.sealed_files import seal_file
from marketplace.payouts.selectors import may_go_out
from marketplace.payouts.shown import mark_of_batch
from marketplace.payouts.states import BatchKind, PayoutStatus
from marketplace.reviewing.conflicts import ConflictOfInterest
from marketplace.wallet.services import lock_wallets

from .deciding import book_as_sent, read_reference

SERIES = "payout batch"
ACTION = "payout_batch"


@service
def make_batch(*, actor: User, kind: str, form_key: str) -> PayoutBatch:
    """Write the file of the approved payouts that are in none yet, `MOST` at most, and keep it as it is.

    Of two admins at once one makes it; the other is told that nothing is left. The same form again returns the
    first batch. Whose account no key reads stays out, so do the admin's own. Raises PermissionDenied, `Invalid` (field
    "kind"), `NothingToBatch`, `KeyReused`.
    """
    authorize(actor, "payouts.decide")
    if kind not in BatchKind.values:
        raise Invalid(_("Please choose one of these."), field="kind")
    public_id = new_public_id()
    first = idempotency.begin(
        form_key=form_key, user_id=actor.pk, action=ACTION, payload={"kind": kind}, result=public_id
    )
    if first:
        return PayoutBatch.objects.get(public_id=first)
    series = lock_series(SERIES)
    ids = list(ready_for(kind).exclude(owner_id=actor.pk).values_list("pk", flat=True)[:MOST])
    rows = [row for row in lock_by_ids(Payout, ids).values() if row.batch_id is None]
    prefetch_related_objects(rows, "address", "owner")
    accounts = {row.pk: unseal_account(row.address.sealed) for row in rows if may_go_out(row)}
    transfers = {
        row.pk: Transfer(row.public_id, account, row.amount)
        for row in rows
        if isinstance(account := accounts.get(row.pk), BankAccount)
    }
    if not transfers:
        raise NothingToBatch
    now, listed = clock.now(), list(transfers.values())
    batch = PayoutBatch(
        number=next_number(series),
        public_id=public_id,
        kind=kind,
        currency=settings.STORE_CURRENCY,
        payout_count=len(listed),
        total=sum(one.amount for one in listed),
        made_by=actor,
        made_at=now,
    )
    batch.sealed = seal_file(_file(batch, listed))
    batch.save(force_insert=True)
    Payout.objects.filter(pk__in=transfers).update(batch=batch)
    return batch


def _file(batch: PayoutBatch, transfers: list[Transfer]) -> bytes:
    purpose = _("%(store)s payout") % {"store": settings.SITE_NAME}
    payer = paying_account()
    if batch.kind == BatchKind.CSV or payer is None:
        return csv_file(transfers=transfers, currency=batch.currency, purpose=purpose)
    day = batch.made_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()  # the store's, so its bank's
    return sepa_file(
        name=batch.name, payer=payer, transfers=transfers, at=batch.made_at, day=day, purpose=purpose
    )


def require_batch_sendable(actor: User, batch: PayoutBatch) -> None:
    """Whether `actor` may note that this batch was sent.

    Raises PermissionDenied, `StaleState`, `ConflictOfInterest`.
    """
    authorize(actor, "payouts.decide")
    if batch.sent_at is not None:
        raise StaleState(_("This batch was noted as sent already."))
    if batch.withdrawn_at is not None:
        raise StaleState(_("This batch was withdrawn: its payouts wait for another one."))
    if batch.payouts.filter(owner_id=actor.pk).exists():
        raise ConflictOfInterest(_("One of these is your own. Another admin decides about it."))


@service
def send_batch(*, batch_id: int, reference: str, actor: User, expected: str | None = None) -> PayoutBatch:
    """Note that the bank has carried a batch out, under its `reference`: each of its payouts that still waits is sent.

    What was declined, or noted by itself before, stays as it is. Who has noted it already finds it so. Raises
    PermissionDenied, `StaleState`, `ConflictOfInterest`, `Invalid` (field "reference").
    """
    batch = lock_row(PayoutBatch, batch_id)
    authorize(actor, "payouts.decide")
    if batch.sent_by_id == actor.pk and batch.reference == clean_line(reference):
        return batch
    require_batch_sendable(actor, batch)
    require_as_shown(expected, mark_of_batch(batch))
    reference = read_reference(reference)
    waiting = lock_all(batch.payouts.filter(status=PayoutStatus.APPROVED))
    lock_wallets(owner_ids={payout.owner_id for payout in waiting})
    for payout in waiting:
        book_as_sent(payout, reference=reference, actor=actor)
    batch.reference, batch.sent_by, batch.sent_at = reference, actor, clock.now()
    batch.save(update_fields=["reference", "sent_by", "sent_at"])
    return batch


def require_batch_withdrawable(actor: User, batch: PayoutBatch) -> None:
    """Whether `actor` may take this batch back. Raises as `require_batch_sendable`."""
    require_batch_sendable(actor, batch)
    if batch.payouts.filter(status__in=[PayoutStatus.SENT, PayoutStatus.CAME_BACK]).exists():
        raise StaleState(_("One of its payouts was noted as sent: the bank has the file."))


@service
def withdraw_batch(*, batch_id: int, reason: str, actor: User, expected: str | None = None) -> PayoutBatch:
    """Take a batch back that the bank has not got: its payouts are approved and in no file again, its number stays
    used. Who, when and why is kept with it, and which payouts they were.

    Who has withdrawn it already finds it so. Raises PermissionDenied, `StaleState`, `ConflictOfInterest`, `Invalid`
    (field "reason").
    """
    batch = lock_row(PayoutBatch, batch_id)
    authorize(actor, "payouts.decide")
    if batch.withdrawn_by_id == actor.pk and batch.withdrawn_reason == clean_text(reason):
        return batch
    payouts = lock_all(batch.payouts.all())
    require_batch_withdrawable(actor, batch)
    require_as_shown(expected, mark_of_batch(batch))
    batch.withdrawn_reason = clean_reason(reason)
    batch.withdrawn_by, batch.withdrawn_at = actor, clock.not_before(batch.made_at)
    batch.save(update_fields=["withdrawn_reason", "withdrawn_by", "withdrawn_at"])
    insert([WithdrawnPayout(batch=batch, payout=payout) for payout in payouts])
    batch.payouts.update(batch=None)
    return batch
