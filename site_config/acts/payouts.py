"""Money comes out."""

from datetime import timedelta

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.payouts import services
from marketplace.payouts.batches import ready_for
from marketplace.payouts.models import Payout, PayoutAddress, PayoutBatch
from marketplace.payouts.states import BatchKind

from . import form_key

IBAN = "DE89 3704 0044 0532 0130 00"


def give_account(owner: User, *, number: str = IBAN, holder: str = "", waited: bool = True) -> PayoutAddress:
    """Somebody says where their payouts go, and their wait is over (`waited`)."""
    holder = holder or str(owner.profile)
    address = services.change_address(actor=owner, number=number, holder=holder)
    if waited:
        wait_for_account(owner)
        address.refresh_from_db()
    return address


def wait_for_account(owner: User) -> None:
    """Two days later: the wait of somebody's account is over."""
    usable_from = clock.now() - timedelta(minutes=1)
    PayoutAddress.objects.filter(current_for=owner.pk).update(usable_from=usable_from)


def ask(owner: User, amount: int) -> Payout:
    """Somebody asks for a payout."""
    return services.request_payout(actor=owner, amount=amount, form_key=form_key(owner, "payout"))


def approve(payout: Payout, admin: User) -> Payout:
    return services.approve_payout(payout_id=payout.pk, actor=admin)


def send(payout: Payout, admin: User, *, reference: str = "BANK-2026-1") -> Payout:
    """An admin approves it, if nobody has, and notes that the bank has sent it."""
    payout.refresh_from_db()
    if payout.status == "requested":
        approve(payout, admin)
    return services.send_payout(payout_id=payout.pk, reference=reference, actor=admin)


def make_file(admin: User) -> PayoutBatch:
    """An admin makes the file of what is approved, of the first kind for which anything waits."""
    kind = next(kind for kind in BatchKind if ready_for(kind).exists())
    return services.make_batch(actor=admin, kind=kind, form_key=form_key(admin, "payout_batch"))


def withdraw_file(batch: PayoutBatch, admin: User, *, reason: str = "Wrong day") -> PayoutBatch:
    """An admin takes a file back before the bank has it."""
    return services.withdraw_batch(batch_id=batch.pk, reason=reason, actor=admin)


def send_file(batch: PayoutBatch, admin: User, *, reference: str = "BANK-2026-2") -> PayoutBatch:
    """An admin notes that the bank has carried a file out."""
    return services.send_batch(batch_id=batch.pk, reference=reference, actor=admin)
