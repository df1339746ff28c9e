"""What wallets show. Nothing here locks or writes."""

from dataclasses import dataclass

from .models import Wallet


@dataclass(frozen=True)
class WalletView:
    """What somebody can spend and what is held for them, in minor units."""

    balance: int = 0
    held_balance: int = 0


def wallet_of(user_id: int) -> WalletView:
    """Somebody's wallet; zeros for a person whose wallet was never used."""
    row = Wallet.objects.filter(owner_id=user_id).values("balance", "held_balance").first()
    return WalletView(**row) if row else WalletView()
