"""Money set aside: held for a purpose, then paid on, in parts or all at once, given back, or held for another.

Everything here is internal: called by services that authorised. Each locks the wallets that it moves; where
several belong together, `lock_wallets` comes first.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Subquery, Sum
from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.errors import KeyReused
from marketplace.common.inserting import insert
from marketplace.common.locking import lock_all, lock_by_ids
from marketplace.common.moving import move
from marketplace.common.transactions import service
from marketplace.wallet.errors import HoldNotOpen, InsufficientFunds
from marketplace.wallet.ledger import Movement, open_wallets, post, store_wallet
from marketplace.wallet.models import Hold, HoldKind, StoreWallet, Transaction, TransactionKind, Wallet
from marketplace.wallet.states import NEXT, HoldStatus, hold_not_possible


@dataclass(frozen=True)
class HoldRequest:
    """Hold `amount` minor units for `subject`; `open_key` ("shipment:7") names the purpose."""

    amount: int
    open_key: str
    subject: Model


@dataclass(frozen=True)
class _Locked:
    """A hold under its wallet's lock, and the wallets of those who are paid out of it."""

    hold: Hold
    payer: Wallet
    payees: Mapping[int, Wallet]
    was_used: bool
    """Whether the key of what is asked for was used before: then there is nothing to do."""


@service
def place_holds(
    *, owner_id: int, kind: HoldKind, requests: Sequence[HoldRequest], memo: str = ""
) -> list[Hold]:
    """Move the sum of `requests` from the owner's balance into one open hold each, all or nothing.

    Three statements after the lock however many requests there are, one journal. A purpose has one
    open hold at most (the unique `open_key` refuses a second). Raises `InsufficientFunds`. Internal.
    """
    if any(request.amount < 1 for request in requests):
        raise ValueError("a hold is at least one minor unit")
    if not requests:
        return []
    needed = sum(request.amount for request in requests)
    wallet = next(iter(lock_all(Wallet.objects.filter(owner_id=owner_id))), None)
    available = wallet.balance if wallet else 0
    if wallet is None or needed > available:
        raise InsufficientFunds(needed=needed, available=available)
    holds = _open(wallet, kind, requests)
    post([_opening(hold, wallet, memo) for hold in holds])
    return holds


@service
def release_hold(*, open_key: str, amount: int | None = None, memo: str = "", key: str) -> Hold:
    """Give `amount` minor units of an open hold (all that is left, when None) back to its owner.

    Giving back the last of it closes the hold. The same `key` again changes nothing and returns the hold as
    it is; with another amount it raises `KeyReused`. Raises `HoldNotOpen` where nothing is held under
    `open_key`, ValueError for more than is held. Internal.
    """
    locked = _lock_open_hold(open_key, key)
    hold = locked.hold
    if locked.was_used:
        return _same_release(hold, key, amount)
    amount = hold.outstanding if amount is None else amount
    if not 1 <= amount <= hold.outstanding:
        raise ValueError(f"{hold} cannot give back {amount}")
    _reduce(hold, released=amount)
    post([_giving_back(hold, locked.payer, amount, key, memo)])
    return hold


@service
def capture_hold(
    *, open_key: str, payees: Mapping[int, int], fee: int = 0, keep: int = 0, key: str, memo: str = ""
) -> Hold:
    """Pay an open hold on: `payees` (person → minor units) and the store's `fee`.

    `keep` minor units stay held, for a part that is paid later with a key of its own; the rest goes back, and
    a hold of which nothing is left is closed. The same `key` again changes nothing and returns the hold as it
    is; with other shares, another fee or another `keep` it raises `KeyReused`. Raises `HoldNotOpen`;
    ValueError for more than is held. Internal.
    """
    return capture(open_key, payees, fee=fee, keep=keep, key=key, memo=memo).hold


def capture(
    open_key: str, payees: Mapping[int, int], *, fee: int = 0, keep: int = 0, key: str, memo: str = ""
) -> _Locked:
    """What `capture_hold` does, with the wallets that it has locked. An inner step."""
    spent = sum(payees.values()) + fee
    if fee < 0 or keep < 0 or spent < 1 or any(share < 1 for share in payees.values()):
        raise ValueError("shares are at least one minor unit; a fee and what is kept are not negative")
    locked = _lock_open_hold(open_key, key, payees)
    hold = locked.hold
    if locked.was_used:
        _require_same_capture(hold, key, payees, fee, keep)
        return locked
    back = hold.outstanding - spent - keep
    if back < 0:
        raise ValueError(f"{hold} cannot pay {spent} and keep {keep}")
    _reduce(hold, captured=spent, released=back)
    post([*_payments(locked, payees, fee, key, memo), *_rest(locked, back, key, memo)])
    return locked


@service
def convert_hold(*, open_key: str, kind: HoldKind, into: HoldRequest, key: str, memo: str = "") -> Hold:
    """Turn an open hold into another one of its owner's, and return that: a leading bid becomes an order's escrow.

    `into.amount` stays held, the rest of it goes back; one journal, so that nobody can spend it in between.
    The same `key` again changes nothing and returns the new hold as it is; for another amount, kind or
    subject it raises `KeyReused`. Raises `HoldNotOpen`; ValueError for more than is held. Internal.
    """
    if into.amount < 1:
        raise ValueError("a hold is at least one minor unit")
    locked = _lock_open_hold(open_key, key)
    hold, wallet = locked.hold, locked.payer
    if locked.was_used:
        return _same_conversion(key, kind, into)
    held = hold.outstanding
    if into.amount > held:
        raise ValueError(f"{hold} cannot become a hold of {into.amount}")
    _reduce(hold, released=held)
    [new] = _open(wallet, kind, [into])
    post([_giving_back(hold, wallet, held, key, memo), _opening(new, wallet, memo)])
    return new


# --- locks ----------------------------------------------------------------------------------------


def _lock_open_hold(open_key: str, key: str, payee_ids: Collection[int] = ()) -> _Locked:
    """The hold, its wallet and those of the payees, all locked in one call.

    Every writer of a hold has its wallet's lock, so what is read after that lock stays.
    """
    found = _find(open_key, key)
    wallet_ids = open_wallets(payee_ids)
    wallets = lock_by_ids(Wallet, [found.wallet_id, *wallet_ids.values()])
    payees = {payee_id: wallets[wallet_id] for payee_id, wallet_id in wallet_ids.items()}
    used_on = Transaction.objects.filter(key=key).values("hold_id")
    now = Hold.objects.annotate(used_on=Subquery(used_on)).get(pk=found.pk)
    was_used = now.used_on is not None
    # Where its purpose is held for again, it was another hold that the key was used on.
    hold = Hold.objects.get(pk=now.used_on) if was_used and now.used_on != now.pk else now
    if not was_used and hold.status != HoldStatus.OPEN:
        raise HoldNotOpen
    return _Locked(hold, wallets[found.wallet_id], payees, was_used)


def _find(open_key: str, key: str) -> Hold:
    """The hold that is open under `open_key`, or that `key` was already used on. Not locked."""
    hold = Hold.objects.filter(open_key=open_key).first()
    if hold is None:
        hold = Hold.objects.filter(transactions__key=key).first()
    if hold is None:
        raise HoldNotOpen
    return hold


# --- holds ----------------------------------------------------------------------------------------


def _open(wallet: Wallet, kind: HoldKind, requests: Iterable[HoldRequest]) -> list[Hold]:
    """Write open holds, in the order of `requests`."""
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
    return holds


def _reduce(hold: Hold, *, captured: int = 0, released: int = 0) -> None:
    """Note what was paid on and given back; the last of it closes the hold. The one writer of its status."""
    changes = {"captured": hold.captured + captured, "released": hold.released + released}
    if sum(changes.values()) == hold.amount:
        status = HoldStatus.CAPTURED if changes["captured"] else HoldStatus.RELEASED
        closed = {"open_key": None, "resolved_at": clock.not_before(hold.created_at)}
        move(hold, status, steps=NEXT, refuse=hold_not_possible, **changes, **closed)
        return
    hold.captured, hold.released = changes["captured"], changes["released"]
    hold.save(update_fields=["captured", "released"])


# --- rows of the ledger -----------------------------------------------------------------------------


def _opening(hold: Hold, wallet: Wallet, memo: str) -> Movement:
    key, amount = f"hold:{hold.pk}:open", hold.amount
    return Movement(
        wallet, TransactionKind.ESCROW_HOLD, key=key, balance=-amount, held=amount, hold=hold, memo=memo
    )


def _giving_back(hold: Hold, wallet: Wallet, amount: int, key: str, memo: str) -> Movement:
    return Movement(
        wallet, TransactionKind.ESCROW_RELEASE, key=key, balance=amount, held=-amount, hold=hold, memo=memo
    )


def _rest(locked: _Locked, back: int, key: str, memo: str) -> list[Movement]:
    """What goes back to the payer, if anything does."""
    return [_giving_back(locked.hold, locked.payer, back, f"{key}:rest", memo)] if back else []


def _payments(
    locked: _Locked, payees: Mapping[int, int], fee: int, key: str, memo: str
) -> Iterable[Movement]:
    """What the payer pays, and what each payee and the store get of it."""
    hold, spent = locked.hold, sum(payees.values()) + fee
    yield Movement(locked.payer, TransactionKind.PAYMENT, key=key, held=-spent, hold=hold, memo=memo)
    for payee_id, share in payees.items():
        wallet, theirs = locked.payees[payee_id], f"{key}:{payee_id}"
        yield Movement(wallet, TransactionKind.PAYMENT, key=theirs, balance=share, hold=hold, memo=memo)
    if fee:
        store = store_wallet(StoreWallet.FEES)
        yield Movement(store, TransactionKind.FEE, key=f"{key}:fee", balance=fee, hold=hold, memo=memo)


# --- the same key again -----------------------------------------------------------------------------


def _journal_of(key: str) -> list[Transaction]:
    """The rows of the journal that `key` stands in."""
    journal = Transaction.objects.filter(key=key).values("journal")
    return list(Transaction.objects.filter(journal__in=journal).order_by("pk"))


def _used_otherwise() -> KeyReused:
    return KeyReused(_("This was already used for another amount."))


def _same_release(hold: Hold, key: str, amount: int | None) -> Hold:
    """The hold, if `key` released the same amount before."""
    first, *others = _journal_of(key)
    is_release = first.kind == TransactionKind.ESCROW_RELEASE and not others
    if not is_release or amount not in (None, first.balance_delta):
        raise _used_otherwise()
    return hold


def _require_same_capture(hold: Hold, key: str, payees: Mapping[int, int], fee: int, keep: int) -> None:
    """Raise `KeyReused` unless `key` paid the same shares and fee before, and kept as much."""
    rows = _journal_of(key)
    asked = {f"{key}:{payee_id}": share for payee_id, share in payees.items()}
    if fee:
        asked[f"{key}:fee"] = fee
    so_far = Transaction.objects.filter(hold=hold, pk__lte=rows[-1].pk)
    kept = so_far.aggregate(held=Sum("held_delta"))["held"]
    if kept != keep or asked != {row.key: row.balance_delta for row in rows if not row.held_delta}:
        raise _used_otherwise()


def _same_conversion(key: str, kind: HoldKind, into: HoldRequest) -> Hold:
    """The new hold, if `key` made one of the same kind, amount and subject before."""
    opened = [row for row in _journal_of(key) if row.kind == TransactionKind.ESCROW_HOLD]
    hold = opened[0].hold if opened else None
    if hold is None or (hold.kind, hold.amount, hold.subject) != (kind, into.amount, into.subject):
        raise _used_otherwise()
    return hold
