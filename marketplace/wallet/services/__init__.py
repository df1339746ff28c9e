"""Everything that moves money. Nothing else writes a wallet, a hold or a transaction."""

from .cash import top_up_wallet
from .holds import HoldRequest, capture_hold, place_holds, release_hold

__all__ = ["HoldRequest", "capture_hold", "place_holds", "release_hold", "top_up_wallet"]
