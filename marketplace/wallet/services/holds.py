"""Money set aside: held for a purpose, then paid on or given back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, Model
from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.errors import KeyReused
from marketplace.common.inserting import insert
from marketplace.common.locking import lock_all, lock_by_ids
from marketplace.common.transactions import service
from marketplace.wallet.errors import HoldNotOpen, InsufficientFunds
from marketplace.wallet.ledger import Movement, open_wallets, post, store_wallet
from marketplace.wallet.models import Hold, HoldKind, StoreWallet, Transaction, TransactionKind, Wallet
from marketplace.wallet.states import HoldStatus


@dataclass(frozen=True)
class HoldRequest:
    """Hold `amount` minor units for `subject`; `open_key` ("shipment:7") names the purpose."""

    amount: int
    open_key: str
    subject: Model


@service
def place_holds(
    *, owner_id: int, kind: HoldKind, requests: Sequence[HoldRequest], memo: str = ""
) -> list[Hold]:
    """Move the sum of `requests` from the owner's balance into one open hold each, all or nothing.

    Three statements after the lock however many requests there are, one journal. A purpose has one
    open hold at most (the unique `open_key` refuses a second). Raises `InsufficientFunds`.
    """
    if any(request.amount < 1 for request in requests):
        raise ValueError("a hold is at least one minor unit")
    needed = sum(request.amount for request in requests)
    wallet = next(iter(lock_all(Wallet.objects.filter(owner_id=owner_id))), None)
    available = wallet.balance if wallet else 0
    if needed > available:
        raise InsufficientFunds(needed=needed, available=available)
    if not requests:
        return []
    now = clock.now()
    holds = insert(
        Hold(
            wallet=wallet,
            kind=kind,
            amount=request.amount,
            open_key=request.open_key,
            content_type=ContentType.objects.get_for_model(request.subject),
            object_id=request.subject.pk,
            created_at=now,
        )
        for request in requests
    )
    if any(hold.pk is None for hold in holds):  # MySQL does not tell the new keys
        holds = list(Hold.objects.filter(open_key__in=[hold.open_key for hold in holds]).order_by("pk"))
    post(
        [
            Movement(
                wallet,
                TransactionKind.ESCROW_HOLD,
                key=f"hold:{hold.pk}:open",
                balance=-hold.amount,
                held=hold.amount,
                hold=hold,
                memo=memo,
            )
            for hold in holds
        ]
    )
    return holds


@service
def release_hold(*, open_key: str, amount: int | None = None, memo: str = "", key: str) -> Hold:
    """Give `amount` minor units of an open hold (all that is left, when None) back to its owner.

    Giving back the last of it closes the hold. The same `key` again changes nothing and returns the hold as
    it is; with another amount it raises `KeyReused`. Raises `HoldNotOpen` where nothing is held under
    `open_key`, ValueError for more than is held. Internal: called by services that authorised.
    """
    hold, wallet, _nobody = _lock_open_hold(open_key, key, [])
    if hold.is_done:
        return _same_release(hold, key, amount)
    amount = hold.outstanding if amount is None else amount
    if not 1 <= amount <= hold.outstanding:
        raise ValueError(f"{hold} cannot give back {amount}")
    hold.released += amount
    if not hold.outstanding:
        _close(hold, HoldStatus.RELEASED)
    hold.save(update_fields=["released", "status", "open_key", "resolved_at"])
    post(
        [
            Movement(
                wallet,
                TransactionKind.ESCROW_RELEASE,
                key=key,
                balance=amount,
                held=-amount,
                hold=hold,
                memo=memo,
            )
        ]
    )
    return hold


@service
def capture_hold(*, open_key: str, payees: Mapping[int, int], fee: int = 0, key: str, memo: str = "") -> Hold:
    """Pay an open hold on: `payees` (person → minor units) and the store's `fee`; the rest goes back.

    All wallets are locked in one call, so nobody may hold a wallet's lock before. The same `key`
    again changes nothing; with another sum it raises `KeyReused`. Raises `HoldNotOpen`; ValueError
    for more than is held.
    """
    if fee < 0 or any(share < 1 for share in payees.values()):
        raise ValueError("shares are at least one minor unit, a fee is not negative")
    hold, payer, receivers = _lock_open_hold(open_key, key, list(payees))
    spent = sum(payees.values()) + fee
    if hold.is_done:
        if hold.captured != spent:
            raise KeyReused(_("This was already used for another amount."))
        return hold
    rest = hold.outstanding - spent
    if spent < 1 or rest < 0:
        raise ValueError(f"{hold} cannot pay {spent}")
    movements = [
        Movement(payer, TransactionKind.PAYMENT, key=key, held=-spent, hold=hold, memo=memo),
        *(
            Movement(
                receivers[payee_id],
                TransactionKind.PAYMENT,
                key=f"{key}:{payee_id}",
                balance=share,
                hold=hold,
                memo=memo,
            )
            for payee_id, share in payees.items()
        ),
    ]
    if fee:
        store = store_wallet(StoreWallet.FEES)
        movements.append(
            Movement(store, TransactionKind.FEE, key=f"{key}:fee", balance=fee, hold=hold, memo=memo)
        )
    if rest:
        movements.append(
            Movement(
                payer,
                TransactionKind.ESCROW_RELEASE,
                key=f"{key}:rest",
                balance=rest,
                held=-rest,
                hold=hold,
                memo=memo,
            )
        )
    hold.captured, hold.released = spent, hold.released + rest
    _close(hold, HoldStatus.CAPTURED)
    hold.save(update_fields=["captured", "released", "status", "open_key", "resolved_at"])
    post(movements)
    return hold


def _close(hold: Hold, status: HoldStatus) -> None:
    hold.status, hold.open_key, hold.resolved_at = status, None, clock.now()


def _find(open_key: str, key: str) -> Hold:
    """The hold that is open under `open_key`, or that `key` was already used on. Not locked."""
    hold = Hold.objects.filter(open_key=open_key).first()
    if hold is None:
        hold = Hold.objects.filter(transactions__key=key).first()
    if hold is None:
        raise HoldNotOpen
    return hold


def _reread(hold_id: int, key: str) -> Hold:
    """The hold as it is under its wallet's lock; `is_done` tells whether `key` was used on it."""
    done = Transaction.objects.filter(key=key, hold_id=hold_id)
    hold = Hold.objects.annotate(is_done=Exists(done)).get(pk=hold_id)
    if not hold.is_done and hold.status != HoldStatus.OPEN:
        raise HoldNotOpen
    return hold


def _lock_open_hold(
    open_key: str, key: str, payee_ids: Sequence[int]
) -> tuple[Hold, Wallet, dict[int, Wallet]]:
    """The hold, its wallet and those of the payees, all locked in one call.

    Every writer of a hold has its wallet's lock, so what is read after that lock stays.
    """
    found = _find(open_key, key)
    wallet_ids = open_wallets(payee_ids) if payee_ids else {}
    wallets = lock_by_ids(Wallet, [found.wallet_id, *wallet_ids.values()])
    receivers = {payee_id: wallets[wallet_id] for payee_id, wallet_id in wallet_ids.items()}
    return _reread(found.pk, key), wallets[found.wallet_id], receivers


def _same_release(hold: Hold, key: str, amount: int | None) -> Hold:
    """The hold, if `key` released the same amount before."""
    if amount is not None and amount != Transaction.objects.get(key=key).balance_delta:
        raise KeyReused(_("This was already used for another amount."))
    return hold
