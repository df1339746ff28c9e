"""What people read about their payouts."""

from marketplace.payouts.notices import (
    PAYOUT_ADDRESS_CHANGED,
    PAYOUT_CAME_BACK,
    PAYOUT_DECLINED,
    PAYOUT_MATTER,
    PAYOUT_PLANNED,
    PAYOUT_SENT,
)

# Kind, extra data, the sentence.
EACH = [
    (PAYOUT_PLANNED, {"amount": 1_000}, "As you planned it, a payout of €10.00 was asked for."),
    (PAYOUT_SENT, {"amount": 1_000}, "Your payout of €10.00 was sent to your account."),
    (
        PAYOUT_DECLINED,
        {"amount": 1_000, "reason": "Call us"},
        "Your payout of €10.00 was declined. The money is in your wallet again. Reason: Call us",
    ),
    (
        PAYOUT_CAME_BACK,
        {"amount": 1_000, "reason": "Account closed"},
        "Your payout of €10.00 came back. The money is in your wallet again. Reason: Account closed",
    ),
    (
        PAYOUT_ADDRESS_CHANGED,
        {"last4": "3000"},
        "Your payouts go to the account ending in 3000 from now on. Was it not you? Tell us at once.",
    ),
    (
        PAYOUT_MATTER,
        {"amount": 1_000, "provider": "Stripe"},
        "Something is wrong with a payout of €10.00 at Stripe. Please look at it.",
    ),
]
