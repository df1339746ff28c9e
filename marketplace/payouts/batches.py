"""Which payouts go into which file of the bank's, and what became of the files. Nothing here locks or writes."""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db.models import Q, QuerySet

from marketplace.accounts.models import User
from marketplace.common.authorisation import Actor, authorize

from .accounts import BankAccount, read_number
from .bank_files import SEPA
from .models import Payout, PayoutBatch
from .sealed_files import unseal_file
from .selectors import may_go_out
from .states import BatchKind, PayoutStatus, Provider

MOST = 200
"""So many payouts a file at most: they are noted as sent in one transaction."""


def paying_account() -> BankAccount | None:
    """The store's own account; None where the settings name none."""
    number = read_number(settings.PAYOUT_FROM_IBAN)
    return BankAccount(number, settings.PAYOUT_FROM_NAME or settings.SITE_NAME) if number else None


def writes_sepa() -> bool:
    """Whether this store writes pain.001: it counts in euros, and says from which account it pays."""
    return settings.STORE_CURRENCY == "EUR" and paying_account() is not None


def ready_for(kind: str) -> QuerySet[Payout]:
    """The approved payouts that a file of this kind would take, oldest first."""
    rows = Payout.objects.filter(
        status=PayoutStatus.APPROVED,
        batch=None,
        address__provider=Provider.MANUAL,
        address__current_for__isnull=False,
        owner__is_active=True,
    )
    goes_by_sepa = Q(address__country__in=SEPA) if writes_sepa() else Q(pk__in=[])
    return rows.filter(goes_by_sepa if kind == BatchKind.SEPA else ~goes_by_sepa).order_by("pk")


def kinds_that_wait(actor: User) -> Iterator[tuple[BatchKind, int, int]]:
    """Each kind of file for which anything waits: how many payouts, and their sum in minor units."""
    for kind in BatchKind:
        amounts = list(ready_for(kind).exclude(owner_id=actor.pk).values_list("amount", flat=True)[:MOST])
        if amounts:
            yield kind, len(amounts), sum(amounts)


def batches(actor: Actor) -> QuerySet[PayoutBatch]:
    """Every batch, newest first, for staff, who alone may ask. Raises PermissionDenied."""
    authorize(actor, "payouts.decide")
    people = ("made_by__profile", "sent_by__profile", "withdrawn_by__profile")
    return PayoutBatch.objects.select_related(*people).order_by("-number")


def payouts_in(batch: PayoutBatch) -> QuerySet[Payout]:
    """The payouts that a batch holds, or held until it was withdrawn."""
    rows = Payout.objects.select_related("owner__profile", "address").order_by("pk")
    return rows.filter(withdrawals__batch=batch) if batch.withdrawn_at else rows.filter(batch=batch)


def not_to_go_out(batch: PayoutBatch, payouts: Iterable[Payout]) -> list[Payout]:
    """Of a batch's payouts those whose owner has changed their account since, or was shut out, while it is not sent:
    where the bank has not got the file yet, another one without them is better."""
    if batch.sent_at or batch.withdrawn_at:
        return []
    return [row for row in payouts if row.status == PayoutStatus.APPROVED and not may_go_out(row)]


def file_of(actor: Actor, batch: PayoutBatch) -> bytes | None:
    """The file as it was made, byte for byte; None where no key reads it any more, and of a batch that was withdrawn,
    so that nobody gives it to the bank. Raises PermissionDenied."""
    authorize(actor, "payouts.decide")
    if batch.withdrawn_at is not None:
        return None
    return unseal_file(batch.sealed)
