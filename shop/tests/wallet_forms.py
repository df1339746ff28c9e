"""What tests send to the pages of a wallet, and how they read them."""

import html
import re

from marketplace.common.idempotency import new_form_key
from marketplace.wallet.models import HoldKind
from marketplace.wallet.services import HoldRequest, place_holds

GARBAGE = [
    "\x00",
    "١٢٣",
    "9" * 60,
    "-1",
    "1e9",
    "' OR 1=1",
    "😀" * 50,
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
]


def form(buyer, **fields):
    return {"form_key": new_form_key(user_id=buyer.pk, action="top_up"), "amount": "50", **fields}


def hold(owner, amount, number=1):
    request = HoldRequest(amount=amount, open_key=f"shipment:{number}", subject=owner)
    return place_holds(owner_id=owner.pk, kind=HoldKind.SHIPMENT, requests=[request])


def page(response):
    return response.content.decode()


def next_page(shown):
    return html.unescape(re.search(r'href="([^"]+)"[^>]*data-testid="more"', shown)[1])
