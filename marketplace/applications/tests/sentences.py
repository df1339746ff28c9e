"""What people read about their applications and shops."""

from marketplace.applications.notices import (
    APPLICATION_APPROVED,
    APPLICATION_CHANGES,
    APPLICATION_REJECTED,
    SHOP_IS_BACK,
    SHOP_REOPENED,
    SHOP_SUSPENDED,
)

# Kind, extra data, the sentence.
EACH = [
    (APPLICATION_APPROVED, {"role": "seller"}, "Welcome: you are a seller now. Your workspace is open."),
    (
        APPLICATION_APPROVED,
        {"role": "delivery"},
        "Welcome: you are a courier now. Parcels wait in your console.",
    ),
    (
        APPLICATION_CHANGES,
        {"role": "seller", "reason": "Say more"},
        "Please change something in your application and send it again. Reason: Say more",
    ),
    (
        APPLICATION_REJECTED,
        {"role": "seller", "reason": "Not here"},
        "Your application was not accepted. You may apply again. Reason: Not here",
    ),
    (
        SHOP_SUSPENDED,
        {"reason": "Fakes"},
        "Your shop is suspended: nothing can be bought from it for now. Your open orders go on. Reason: Fakes",
    ),
    (SHOP_REOPENED, {}, "Your shop is open again."),
    (SHOP_IS_BACK, {}, "Welcome back: your vacation is over and your shop sells again."),
]
