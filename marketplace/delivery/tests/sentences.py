"""What a parcel's people read on its way."""

from marketplace.delivery.notices import (
    ADDRESS_CHANGED,
    CLAIMS_OPEN,
    CLAIMS_SUSPENDED,
    COURIER_AT_DOOR,
    DELIVERY_FAILED,
    JOB_ASSIGNED,
    JOB_CANCELLED,
    JOB_TAKEN,
    ORDER_DELIVERED,
    ORDER_SHIPPED,
    PARCEL_CLAIMED,
    PARCEL_RETURNED,
    PARCEL_RETURNING,
    PROOF_BYPASSED,
    PROOF_LOCKED,
)

ORDER, SHIPMENT, JOB = "order0000001", "shipment0001", "job000000001"
THERE = {"number": ORDER, "shipment": SHIPMENT}
SELLER = THERE | {"seller": True}
FRIDAY = "2026-11-27T14:30:00+00:00"

# Kind, extra data, the sentence.
EACH = [
    (
        ADDRESS_CHANGED,
        {"job": JOB, "shipment": SHIPMENT},
        f"Your parcel {SHIPMENT} goes to another address now.",
    ),
    (ADDRESS_CHANGED, {"job": JOB}, "A parcel of yours goes to another address now."),
    (PARCEL_CLAIMED, THERE, f"A courier is coming to pick up the parcel of order {ORDER}."),
    (
        ORDER_SHIPPED,
        THERE,
        f"A parcel of your order {ORDER} is on its way. The order's page has the PIN for the courier.",
    ),
    (
        COURIER_AT_DOOR,
        THERE | {"minutes": 5, "fee": 40, "most": 200},
        f"Your courier is at the door with a parcel of order {ORDER}. Waiting is free for 5 minutes, then it costs"
        " €0.40 a minute, €2.00 at most.",
    ),
    (
        COURIER_AT_DOOR,
        THERE | {"minutes": 0, "fee": 40, "most": 200},
        f"Your courier is at the door with a parcel of order {ORDER}. Waiting costs €0.40 a minute, €2.00 at most.",
    ),
    (
        ORDER_DELIVERED,
        THERE | {"completes_at": FRIDAY},
        f"A parcel of your order {ORDER} has arrived. Its seller is paid on 27 Nov 2026, 14:30 (UTC).",
    ),
    (ORDER_DELIVERED, {"number": ORDER}, f"A parcel of your order {ORDER} has arrived."),
    (ORDER_DELIVERED, SELLER, f"The parcel of order {ORDER} has arrived."),
    (
        DELIVERY_FAILED,
        THERE | {"reason": "absent", "attempt": 1},
        f"A parcel of your order {ORDER} could not be handed over: nobody was there.",
    ),
    (DELIVERY_FAILED, THERE, f"A parcel of your order {ORDER} could not be handed over."),
    (
        PARCEL_RETURNING,
        THERE,
        f"A parcel of your order {ORDER} goes back to its seller. You will get your money back.",
    ),
    (
        PARCEL_RETURNING,
        SELLER | {"reason": "refused"},
        f"The parcel of order {ORDER} is coming back to you. Its page has the PIN for the courier.",
    ),
    (
        PARCEL_RETURNED,
        THERE | {"amount": 4_200},
        f"A parcel of your order {ORDER} is back with its seller. €42.00 is free in your wallet again.",
    ),
    (PARCEL_RETURNED, THERE, f"A parcel of your order {ORDER} is back with its seller."),
    (PARCEL_RETURNED, SELLER, f"The parcel of order {ORDER} is back. Its pieces are in your stock again."),
    (
        PROOF_LOCKED,
        THERE,
        f"Five wrong PINs were given for your order {ORDER}. Make a new one on the order's page.",
    ),
    (
        PROOF_LOCKED,
        SELLER,
        f"Five wrong PINs were given for the parcel of order {ORDER}. Make a new one on its page.",
    ),
    (
        PROOF_BYPASSED,
        THERE | {"reason": "phone lost", "completes_at": FRIDAY},
        f"The store confirmed, without your PIN, that a parcel of your order {ORDER} has arrived."
        " It is paid on 27 Nov 2026, 14:30 (UTC). Reason: phone lost",
    ),
    (PROOF_BYPASSED, SELLER, f"The store confirmed that the parcel of order {ORDER} has arrived."),
    (
        PROOF_BYPASSED,
        SELLER | {"returned": True, "reason": "phone lost"},
        f"The store confirmed, without your PIN, that the parcel of order {ORDER} is back with you."
        " Reason: phone lost",
    ),
    (JOB_ASSIGNED, {"job": JOB}, f"The store gave you a parcel to carry: {JOB}."),
    (
        JOB_TAKEN,
        {"job": JOB, "shipment": SHIPMENT, "reason": "ill"},
        f"The store took your parcel {SHIPMENT} back: it is not yours to carry any more. Reason: ill",
    ),
    (
        JOB_CANCELLED,
        {"job": JOB, "shipment": SHIPMENT},
        f"Your parcel {SHIPMENT} was cancelled. Please do not pick it up.",
    ),
    (
        CLAIMS_SUSPENDED,
        {},
        "Too many wrong PINs: you can claim no parcels until the store has looked into it.",
    ),
    (CLAIMS_SUSPENDED, {"admin": True}, "A courier gave too many wrong PINs and can claim no parcels."),
    (
        CLAIMS_SUSPENDED,
        {"admin": True, "courier": "cara@example.org"},
        "cara@example.org gave too many wrong PINs and can claim no parcels.",
    ),
    (CLAIMS_OPEN, {}, "The store has looked into it: you can claim parcels again."),
]
