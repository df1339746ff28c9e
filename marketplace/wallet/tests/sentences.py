"""What people read about their wallets."""

from marketplace.wallet.notices import WALLET_TOPPED_UP

# Kind, extra data, the sentence.
EACH = [(WALLET_TOPPED_UP, {"amount": 4_200}, "€42.00 arrived in your wallet.")]
