"""Everything that the clock does. Each sweep does what is due at `now` and says how many things it did.

A sweep is safe to run twice and from many workers at once: it locks what it changes, or changes it
with one conditional UPDATE. `manage.py run_due` runs them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from marketplace.accounts.sessions import forget_old_sessions
from marketplace.common.idempotency import forget_old_keys
from marketplace.common.limits import forget_old_windows
from marketplace.delivery.photos import forget_orphan_photos
from marketplace.orders.services.cart import forget_old_carts
from marketplace.products.files import forget_orphans
from marketplace.products.services import refresh_popularity, refresh_prices
from marketplace.wallet.payments.desk import expire_top_ups


@dataclass(frozen=True)
class Sweep:
    """One entry of the list: what it is called, how often it is worth running, and the function."""

    name: str
    run: Callable[[datetime], int]
    every: int = 0
    """Seconds between two runs in a loop; 0 is every round."""


SWEEPS: list[Sweep] = [
    Sweep("refresh_prices", refresh_prices),
    Sweep("expire_top_ups", expire_top_ups, every=60),
    Sweep("forget_old_carts", forget_old_carts, every=3600),
    Sweep("forget_old_keys", forget_old_keys, every=3600),
    Sweep("refresh_popularity", refresh_popularity, every=600),
    Sweep("forget_orphans", forget_orphans, every=86_400),
    Sweep("forget_orphan_photos", forget_orphan_photos, every=86_400),
    Sweep("forget_old_windows", forget_old_windows, every=600),
    Sweep("forget_old_sessions", forget_old_sessions, every=3600),
]
