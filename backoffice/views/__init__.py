"""The back office, one module an area."""

from .couriers import couriers, lift
from .deliveries import act, deliveries, read_address, shipment
from .events import end_event, events
from .home import home
from .invoices import invoice_pdf, invoices
from .payout_batches import (
    payout_batch,
    payout_batch_file,
    payout_batch_sent,
    payout_batch_withdraw,
    payout_batches,
)
from .payouts import payout, payout_approve, payout_decline, payout_returned, payout_sent, payouts
from .rates import rates
from .reviews import review, review_assign, review_decide, reviews
from .shops import shop, shop_lift, shop_reserve, shop_suspend, shops
from .sweeps import run_now, sweeps
from .tax import tax

__all__ = [
    "act",
    "couriers",
    "deliveries",
    "end_event",
    "events",
    "home",
    "invoice_pdf",
    "invoices",
    "lift",
    "payout",
    "payout_approve",
    "payout_batch",
    "payout_batch_file",
    "payout_batch_sent",
    "payout_batch_withdraw",
    "payout_batches",
    "payout_decline",
    "payout_returned",
    "payout_sent",
    "payouts",
    "rates",
    "read_address",
    "review",
    "review_assign",
    "review_decide",
    "reviews",
    "run_now",
    "shipment",
    "shop",
    "shop_lift",
    "shop_reserve",
    "shop_suspend",
    "shops",
    "sweeps",
    "tax",
]
