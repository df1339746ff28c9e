"""What people read about their wallets."""

from marketplace.wallet.notices import RESERVE_CHANGED, WALLET_TOPPED_UP

# Kind, extra data, the sentence.
EACH = [
    (WALLET_TOPPED_UP, {"amount": 4_200}, "€42.00 arrived in your wallet."),
    (
        RESERVE_CHANGED,
        {"bps": 1_250, "days": 30, "reason": "Many returns"},
        "From now on 12.5% of each sale is kept in reserve for 30 days. Reason: Many returns",
    ),
]
