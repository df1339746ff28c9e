"""Who saw where a parcel goes."""

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.inserting import insert
from marketplace.common.transactions import service
from marketplace.delivery.models import AddressRead


@service
def note_address_read(*, delivery_id: int, reader: User) -> None:
    """Write that `reader` is shown the address of this job's parcel: one row an hour, never changed.

    Call it before the page is drawn: what cannot be written down is not shown.
    """
    now = clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    # Looked for first: most reads are repeated ones, and they should not wait for anybody.
    if not AddressRead.objects.filter(delivery_id=delivery_id, reader=reader, hour=hour).exists():
        insert(
            [AddressRead(delivery_id=delivery_id, reader=reader, hour=hour, at=now)], ignore_conflicts=True
        )
