"""Everything that writes payouts, and the addresses and plans that they follow."""

from .addresses import change_address, renew_addresses
from .asking import cancel_payout, request_payout, require_askable, require_cancellable
from .batching import (
    make_batch,
    require_batch_sendable,
    require_batch_withdrawable,
    send_batch,
    withdraw_batch,
)
from .deciding import (
    approve_payout,
    decline_payout,
    require_approvable,
    require_declinable,
    require_impartial,
    require_returnable,
    require_sendable,
    return_payout,
    send_payout,
)
from .planning import ask_by_plan, change_plan

__all__ = [
    "approve_payout",
    "ask_by_plan",
    "cancel_payout",
    "change_address",
    "change_plan",
    "decline_payout",
    "make_batch",
    "renew_addresses",
    "request_payout",
    "require_approvable",
    "require_askable",
    "require_batch_sendable",
    "require_batch_withdrawable",
    "require_cancellable",
    "require_declinable",
    "require_impartial",
    "require_returnable",
    "require_sendable",
    "return_payout",
    "send_batch",
    "send_payout",
    "withdraw_batch",
]
