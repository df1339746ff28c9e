"""What admins read about the clock's work."""

from marketplace.web.notices import SWEEP_TROUBLE

# Kind, extra data, the sentence.
EACH = [
    (
        SWEEP_TROUBLE,
        {"sweep": "complete_due", "object_id": 7, "errors": 5},
        "“complete_due” failed 5 times at number 7. It is tried again, ever more rarely.",
    ),
    (
        SWEEP_TROUBLE,
        {"sweep": "complete_due", "stopped": "gap"},
        "“complete_due” is stopped: the store's clock looks wrong. Please look at it.",
    ),
]
