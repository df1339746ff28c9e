"""Everything that moves money. Nothing else writes a wallet, a hold or a transaction."""

from marketplace.wallet.ledger import lock_wallets

from .cash import pay_from_fees, top_up_wallet
from .holds import HoldRequest, capture_hold, convert_hold, place_holds, release_hold
from .top_ups import settle_top_up, start_top_up

__all__ = [
    "HoldRequest",
    "capture_hold",
    "convert_hold",
    "lock_wallets",
    "pay_from_fees",
    "place_holds",
    "release_hold",
    "settle_top_up",
    "start_top_up",
    "top_up_wallet",
]
