"""What people do in this store, as plain functions, a module a domain: buy, carry, hand over, fail, top up.

Fixtures (site_config/testing), the permission table's world, the browser's world, the demo and the benchmark
all make their people, goods, orders and parcels with these, by the services that the pages call: what a
service is called or asks for is written here once. An act takes whoever acts (a `User`) and what it is done
to (a row), holds the form key that the page would hold, and returns the row that came of it.
"""

from marketplace.accounts.models import User
from marketplace.common.idempotency import new_form_key


def form_key(actor: User, action: str, subject: object = "") -> str:
    """The key in the form of this action, as this person's page would have it."""
    return new_form_key(user_id=actor.pk, action=action, subject=subject)
