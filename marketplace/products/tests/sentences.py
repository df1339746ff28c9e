"""What sellers read about their listings."""

from marketplace.products.notices import (
    EDIT_CHANGES,
    EDIT_CONFIRMED,
    EDIT_DECLINED,
    LISTING_APPROVED,
    LISTING_CHANGES,
    LISTING_REJECTED,
)

# Kind, extra data, the sentence.
EACH = [
    (LISTING_APPROVED, {"title": "Lamp"}, "“Lamp” is in the shop now."),
    (
        LISTING_CHANGES,
        {"title": "Lamp", "reason": "Brighter pictures"},
        "“Lamp” needs some changes before it can go into the shop. Reason: Brighter pictures",
    ),
    (
        LISTING_REJECTED,
        {"title": "Lamp", "reason": "Not sold here"},
        "“Lamp” was not accepted. Reason: Not sold here",
    ),
    (EDIT_CONFIRMED, {"title": "Lamp"}, "“Lamp” says now what you changed."),
    (
        EDIT_CHANGES,
        {"title": "Lamp", "reason": "Brighter pictures"},
        "What you changed of “Lamp” needs some more changes. Until then it stays as it is."
        " Reason: Brighter pictures",
    ),
    (
        EDIT_DECLINED,
        {"title": "Lamp", "reason": "Another thing"},
        "What you changed of “Lamp” was not accepted: it stays as it is. Reason: Another thing",
    ),
]
