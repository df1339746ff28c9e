"""Money comes in."""

import uuid

from marketplace.accounts.models import User
from marketplace.wallet import services
from marketplace.wallet.models import TopUp, Transaction
from marketplace.wallet.payments.desk import payment_page

from . import form_key


def top_up(user: User, amount: int, *, key: str = "", memo: str = "") -> Transaction:
    """Put `amount` minor units into somebody's wallet. The same `key` puts them in once."""
    return services.top_up_wallet(
        owner_id=user.pk, amount=amount, key=key or f"act:{uuid.uuid4().hex}", memo=memo
    )


def begin_top_up(user: User, amount: int) -> TopUp:
    """As far as the bank's page, where it waits for an answer."""
    row = services.start_top_up(actor=user, amount=amount, form_key=form_key(user, "top_up"))
    payment_page(actor=user, top_up_id=row.pk, return_url="http://localhost/wallet/")
    row.refresh_from_db()
    return row
