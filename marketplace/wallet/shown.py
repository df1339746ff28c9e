"""What the forms about wallets were drawn for (marketplace/common/shown.py)."""

from marketplace.common.shown import mark_of

from .models import Wallet


def mark_of_reserve(wallet: Wallet | None) -> str:
    """A mark of how much of a seller's sales is held back; who has no wallet yet has the store's rule."""
    return mark_of("reserve", wallet and wallet.reserve_bps, wallet and wallet.reserve_days)
