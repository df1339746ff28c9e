"""Money that comes into the store, and what the store pays out of what it earned."""

from django.db.models import Model
from django.utils.translation import gettext as _

from marketplace.common.errors import KeyReused
from marketplace.common.transactions import service
from marketplace.wallet.ledger import Movement, lock_wallets, post, store_wallet
from marketplace.wallet.models import StoreWallet, Transaction, TransactionKind


@service
def top_up_wallet(
    *, owner_id: int, amount: int, key: str, memo: str = "", subject: Model | None = None
) -> Transaction:
    """Put `amount` minor units into somebody's wallet, against the store's cash wallet.

    `key` makes it happen once: the same key again returns the first row, with another person or
    amount it raises `KeyReused`. Internal: called by services that authorised; a payment of somebody's
    begins with `start_top_up`.
    """
    return pay_in(
        owner_id,
        TransactionKind.TOP_UP,
        amount,
        (StoreWallet.CASH, TransactionKind.TOP_UP),
        key,
        memo,
        subject,
    )


@service
def pay_from_fees(*, owner_id: int, amount: int, key: str, subject: Model, memo: str = "") -> Transaction:
    """Pay somebody `amount` minor units out of the store's fees (a courier for a parcel).

    `key` makes it happen once: the same key again returns the first row, with another person or amount
    it raises `KeyReused`. What the store earned may fall below zero: it owes then, the person does not
    wait. Internal: called by services that authorised, with `lock_wallets` where others are paid as well.
    """
    return pay_in(
        owner_id, TransactionKind.PAYMENT, amount, (StoreWallet.FEES, TransactionKind.FEE), key, memo, subject
    )


@service
def charge(*, owner_id: int, most: int, key: str, subject: Model, memo: str = "") -> int:
    """Take up to `most` minor units of what somebody can spend into the store's fees; returns how much it was.

    A wallet with less pays what is there, and nobody owes: the store bears the rest. The same `key` again takes
    nothing and returns what it took, unless that was nothing. Internal: called by services that authorised, with
    `lock_wallets` where others are paid as well.
    """
    if most < 1:
        raise ValueError("what is charged is at least one minor unit")
    wallet = lock_wallets(owner_ids=[owner_id])[owner_id]
    done = Transaction.objects.filter(key=key).first()
    if done:
        if done.wallet_id != wallet.pk or -done.balance_delta > most:
            raise KeyReused(_("This was already used for another payment."))
        return -done.balance_delta
    amount = min(wallet.balance, most)
    if amount:
        payment, fee = TransactionKind.PAYMENT, TransactionKind.FEE
        store = store_wallet(StoreWallet.FEES)
        post(
            [
                Movement(wallet, payment, key=key, balance=-amount, subject=subject, memo=memo),
                Movement(store, fee, key=f"{key}:fees", balance=amount, subject=subject, memo=memo),
            ]
        )
    return amount


def pay_in(
    owner_id: int,
    kind: TransactionKind,
    amount: int,
    source: tuple[StoreWallet, TransactionKind],
    key: str,
    memo: str,
    subject: Model | None,
) -> Transaction:
    """Book `amount` from one of the store's own wallets to a person's, once a `key`. An inner step of services."""
    if amount < 1:
        raise ValueError("what is paid is at least one minor unit")
    wallet = lock_wallets(owner_ids=[owner_id])[owner_id]
    done = Transaction.objects.filter(key=key).first()
    if done:
        if (done.wallet_id, done.balance_delta) != (wallet.pk, amount):
            raise KeyReused(_("This was already used for another payment."))
        return done
    code, their_kind = source
    post(
        [
            Movement(wallet, kind, key=key, balance=amount, subject=subject, memo=memo),
            Movement(
                store_wallet(code),
                their_kind,
                key=f"{key}:{code}",
                balance=-amount,
                subject=subject,
                memo=memo,
            ),
        ]
    )
    return Transaction.objects.get(key=key)
