"""Whose wallets a transaction is going to touch."""

from collections.abc import Iterable

from marketplace.common.locking import lock_by_ids
from marketplace.common.transactions import service
from marketplace.wallet.ledger import open_wallets
from marketplace.wallet.models import Wallet


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
