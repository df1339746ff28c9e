"""Everything that moves money. Nothing else writes a wallet, a hold or a transaction."""

from marketplace.wallet.ledger import lock_wallets

from .cash import charge, pay_from_fees, top_up_wallet
from .holds import HoldRequest, capture_hold, convert_hold, place_holds, release_hold
from .payouts import pay_out_hold, take_back_payout
from .reserves import change_reserve, pay_seller, release_reserves, take_from_reserve
from .top_ups import settle_top_up, start_top_up

__all__ = [
    "HoldRequest",
    "capture_hold",
    "change_reserve",
    "charge",
    "convert_hold",
    "lock_wallets",
    "pay_from_fees",
    "pay_out_hold",
    "pay_seller",
    "place_holds",
    "release_hold",
    "release_reserves",
    "settle_top_up",
    "start_top_up",
    "take_back_payout",
    "take_from_reserve",
    "top_up_wallet",
]
