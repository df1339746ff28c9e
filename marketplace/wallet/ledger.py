"""How money moves: journals of rows that sum to zero. Only `marketplace.wallet.services` calls this."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.database_clock import require_right
from marketplace.common.errors import Invalid
from marketplace.common.inserting import insert
from marketplace.common.locking import lock_by_ids
from marketplace.common.money import MAX_MONEY
from marketplace.common.transactions import service

from .models import Hold, StoreWallet, Transaction, TransactionKind, Wallet


@dataclass(frozen=True)
class Movement:
    """One row of a journal: what `wallet` gains or loses, in minor units.

    `wallet` is a locked row (or a store wallet, which nobody locks). What it is about is `subject`,
    or else what `hold` is about.
    """

    wallet: Wallet
    kind: TransactionKind
    key: str
    balance: int = 0
    held: int = 0
    hold: Hold | None = None
    subject: Model | None = None
    memo: str = ""


def post(movements: Sequence[Movement]) -> uuid.UUID:
    """Write one journal and the balances of its wallets, in two statements; returns the journal's id.

    The wallets' objects are brought up to date. A journal that does not sum to zero or that takes a
    wallet below zero is a bug of the caller and raises ValueError before anything is written. Raises `ClockOff`.
    """
    require_right()
    if sum(movement.balance + movement.held for movement in movements):
        raise ValueError("a journal must sum to zero")
    journal, now = uuid.uuid4(), clock.now()
    rows = []
    touched: dict[int, Wallet] = {}
    for movement in movements:
        wallet = movement.wallet
        store_owned = wallet.code is not None
        if not store_owned:
            wallet.balance += movement.balance
            wallet.held_balance += movement.held
            if wallet.balance < 0 or wallet.held_balance < 0:
                raise ValueError(f"{wallet} would fall below zero")
            if wallet.balance > MAX_MONEY or wallet.held_balance > MAX_MONEY:
                raise Invalid(_("A wallet cannot hold that much."))
            touched[wallet.pk] = wallet
        content_type_id, object_id = _about(movement)
        rows.append(
            Transaction(
                wallet=wallet,
                kind=movement.kind,
                balance_delta=movement.balance,
                held_delta=movement.held,
                balance_after=None if store_owned else wallet.balance,
                held_after=None if store_owned else wallet.held_balance,
                journal=journal,
                key=movement.key,
                hold=movement.hold,
                content_type_id=content_type_id,
                object_id=object_id,
                memo=movement.memo,
                created_at=now,
            )
        )
    insert(rows)
    _save_balances(list(touched.values()))
    return journal


def _about(movement: Movement) -> tuple[int | None, int | None]:
    if movement.subject is not None:
        return ContentType.objects.get_for_model(movement.subject).pk, movement.subject.pk
    if movement.hold is not None:
        return movement.hold.content_type_id, movement.hold.object_id
    return None, None


def _save_balances(wallets: list[Wallet]) -> None:
    """One UPDATE, whether one wallet moved or many."""
    if len(wallets) == 1:
        [wallet] = wallets
        Wallet.objects.filter(pk=wallet.pk).update(balance=wallet.balance, held_balance=wallet.held_balance)
    else:
        Wallet.objects.bulk_update(wallets, ["balance", "held_balance"])


@service
def lock_wallets(*, owner_ids: Iterable[int]) -> dict[int, Wallet]:
    """Lock the wallets of these people in one call, and open those that are missing; owner → wallet.

    Once in a transaction that moves the money of more than one person, after every other lock. Holds are
    then placed, released, captured and converted, and people paid, in any number: each locks again what is
    locked already, and one that needs another wallet raises `LockOrderError`. Internal: called by services
    that authorised.
    """
    wallet_ids = open_wallets(owner_ids)
    wallets = lock_by_ids(Wallet, wallet_ids.values())
    return {owner_id: wallets[wallet_id] for owner_id, wallet_id in wallet_ids.items()}


def open_wallets(owner_ids: Iterable[int]) -> dict[int, int]:
    """The wallets of these people, owner → wallet id; makes the missing ones. Locks nothing.

    Looks before it inserts: on MariaDB an INSERT IGNORE of a row that is there takes a shared lock
    on it, and two who then ask for the exclusive one deadlock.
    """
    wanted = set(owner_ids)
    found = _wallet_ids(wanted)
    if missing := sorted(wanted - found.keys()):
        Wallet.objects.bulk_create([Wallet(owner_id=pk) for pk in missing], ignore_conflicts=True)
        found = _wallet_ids(wanted)
    return found


def _wallet_ids(owner_ids: Collection[int]) -> dict[int, int]:
    return dict(Wallet.objects.filter(owner_id__in=owner_ids).values_list("owner_id", "pk"))


def store_wallet(code: StoreWallet) -> Wallet:
    """One of the store's own wallets, made on first use; it is never locked."""
    wallet = Wallet.objects.filter(code=code).first()
    if wallet is None:
        Wallet.objects.bulk_create([Wallet(code=code)], ignore_conflicts=True)
        wallet = Wallet.objects.get(code=code)
    return wallet
