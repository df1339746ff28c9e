"""Pages that follow a parcel by themselves: how often they look, and how they learn that nothing changed.

The part that changes carries a stamp (an ETag); htmx sends it along and gets a 304 while it still holds.
"""

import json
from collections.abc import Iterable

from django.http import HttpRequest
from django.utils.http import parse_etags
from django.utils.translation import get_language

from marketplace.orders.states import FINAL, ShipmentStatus

# Seconds between two looks: while somebody is or soon will be at a door, and while only time passes.
SOON, LATER = 10, 60


def look_every(statuses: Iterable[str]) -> int:
    """Seconds until the page of these shipments looks again; 0 once nothing of them can change."""
    still_open = set(statuses) - set(FINAL)
    if not still_open:
        return 0
    return LATER if still_open == {ShipmentStatus.DELIVERED} else SOON


def stamp_of(state: str) -> str:
    """The ETag of a state as it is shown to this reader; "" if there is no state."""
    return f'"{state}-{get_language() or ""}"' if state else ""


def is_known(request: HttpRequest, stamp: str) -> bool:
    """Whether the browser has what `stamp` stands for; a proxy that compresses makes an ETag a weak one."""
    sent = parse_etags(request.headers.get("If-None-Match", ""))
    return any(tag.removeprefix("W/") == stamp for tag in sent)


def ask_again_with(stamp: str) -> str:
    """The value of `hx-headers` with which htmx asks whether anything changed."""
    return json.dumps({"If-None-Match": stamp})
