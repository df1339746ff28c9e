"""Held money that leaves the store, and that comes back where a bank could not deliver it.

Internal, as holds are: called by services that authorised.
"""

from django.db.models import Model
from django.utils.translation import gettext as _

from marketplace.common.errors import KeyReused
from marketplace.common.transactions import service
from marketplace.wallet.ledger import Movement, post, store_wallet
from marketplace.wallet.models import Hold, StoreWallet, Transaction, TransactionKind

from .cash import pay_in
from .holds import _lock_open_hold, _reduce


@service
def pay_out_hold(*, open_key: str, key: str, memo: str = "") -> Hold:
    """Send all that an open hold holds out of the store, against its cash wallet.

    The same `key` again changes nothing and returns the hold as it is; where it did something else to it, it
    raises `KeyReused`. Raises `HoldNotOpen`. Internal.
    """
    locked = _lock_open_hold(open_key, key)
    hold, amount = locked.hold, locked.hold.outstanding
    if locked.was_used:
        if Transaction.objects.get(key=key).kind != TransactionKind.PAYOUT:
            raise KeyReused(_("This was already used for another payment."))
        return hold
    _reduce(hold, captured=amount)
    cash = store_wallet(StoreWallet.CASH)
    post(
        [
            Movement(locked.payer, TransactionKind.PAYOUT, key=key, held=-amount, hold=hold, memo=memo),
            Movement(cash, TransactionKind.PAYOUT, key=f"{key}:cash", balance=amount, hold=hold, memo=memo),
        ]
    )
    return hold


@service
def take_back_payout(*, owner_id: int, amount: int, key: str, subject: Model, memo: str = "") -> Transaction:
    """Book money that a bank sent back into somebody's wallet: a journal of its own, the first one stays.

    The same `key` again returns the first row, with another person or amount it raises `KeyReused`. Internal.
    """
    return pay_in(
        owner_id,
        TransactionKind.PAYOUT,
        amount,
        (StoreWallet.CASH, TransactionKind.PAYOUT),
        key,
        memo,
        subject,
    )
