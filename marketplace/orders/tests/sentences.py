"""What buyers and sellers read about an order and its money."""

from marketplace.orders.notices import (
    COMPLETION_SOON,
    ORDER_COMPLETED,
    ORDER_CREATED,
    SALE_MADE,
    SELLER_PAYMENT,
    SHIPMENT_CANCELLED,
)

ORDER, SHIPMENT = "order0000001", "shipment0001"
THERE = {"number": ORDER, "shipment": SHIPMENT}
SELLER = THERE | {"seller": True}
FRIDAY = "2026-11-27T14:30:00+00:00"

# Kind, extra data, the sentence.
EACH = [
    (
        ORDER_CREATED,
        {"number": ORDER, "total": 4_200, "shipments": 2},
        f"Your order {ORDER} is placed. €42.00 is held until it has arrived.",
    ),
    (SALE_MADE, THERE | {"total": 4_200, "pieces": 2}, "You sold 2 pieces for €42.00. Please pack them."),
    (SALE_MADE, THERE | {"total": 4_200}, "You sold something for €42.00."),
    (
        SHIPMENT_CANCELLED,
        THERE | {"amount": 4_200, "reason": "broken"},
        f"Part of your order {ORDER} was cancelled. €42.00 is free in your wallet again. Reason: broken",
    ),
    (
        SHIPMENT_CANCELLED,
        SELLER | {"amount": 4_200},
        f"Goods of yours for €42.00 in order {ORDER} were cancelled.",
    ),
    (
        ORDER_COMPLETED,
        THERE,
        f"A parcel of your order {ORDER} is completed, and its seller was paid. Thank you!",
    ),
    (
        SELLER_PAYMENT,
        THERE | {"amount": 4_095, "fee": 105},
        f"€40.95 for order {ORDER} arrived in your wallet. The store kept €1.05.",
    ),
    (
        SELLER_PAYMENT,
        THERE | {"amount": 4_200, "fee": 0},
        f"€42.00 for order {ORDER} arrived in your wallet.",
    ),
    (
        COMPLETION_SOON,
        THERE | {"completes_at": FRIDAY},
        f"Is all fine with your order {ORDER}? A seller of it is paid on 27 Nov 2026, 14:30 (UTC).",
    ),
    (COMPLETION_SOON, THERE, f"Is all fine with your order {ORDER}? A seller of it will be paid soon."),
]
