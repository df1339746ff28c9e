"""Money that comes into the store."""

from django.db.models import Model
from django.utils.translation import gettext as _

from marketplace.common.errors import KeyReused
from marketplace.common.locking import lock_row
from marketplace.common.transactions import service
from marketplace.wallet.ledger import Movement, open_wallets, post, store_wallet
from marketplace.wallet.models import StoreWallet, Transaction, TransactionKind, Wallet


@service
def top_up_wallet(
    *, user_id: int, amount: int, key: str, memo: str = "", subject: Model | None = None
) -> Transaction:
    """Put `amount` minor units into somebody's wallet, against the store's cash wallet.

    `key` makes it happen once: the same key again returns the first row, with another person or
    amount it raises `KeyReused`. For payments use `start_top_up`: it asks the provider first.
    """
    if amount < 1:
        raise ValueError("a top-up is at least one minor unit")
    wallet = lock_row(Wallet, open_wallets([user_id])[user_id])
    done = Transaction.objects.filter(key=key).first()
    if done:
        if (done.wallet_id, done.balance_delta) != (wallet.pk, amount):
            raise KeyReused(_("This was already used for another payment."))
        return done
    post(
        [
            Movement(wallet, TransactionKind.TOP_UP, key=key, balance=amount, subject=subject, memo=memo),
            Movement(
                store_wallet(StoreWallet.CASH),
                TransactionKind.TOP_UP,
                key=f"{key}:cash",
                balance=-amount,
                subject=subject,
                memo=memo,
            ),
        ]
    )
    return Transaction.objects.get(key=key)
