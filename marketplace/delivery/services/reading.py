"""Who saw where a parcel goes."""

from django.db.models import Exists, OuterRef

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.authorisation import authorize
from marketplace.common.inserting import insert
from marketplace.common.transactions import service
from marketplace.delivery.models import AddressRead, Delivery


@service
def note_address_read(*, delivery_id: int, actor: User) -> None:
    """Write that `actor` is shown the address of this job's parcel: one row an hour, never changed.

    Call it before the page is drawn: what cannot be written down is not shown. Raises `PermissionDenied` for
    everybody but its courier and staff.
    """
    now = clock.now()
    hour = AddressRead.hour_of(now)
    # Looked for first: most reads are repeated ones, and they should not wait for anybody.
    noted = AddressRead.objects.filter(delivery=OuterRef("pk"), reader_id=actor.pk, hour=hour)
    delivery = Delivery.objects.annotate(is_noted=Exists(noted)).get(pk=delivery_id)
    authorize(actor, "delivery.read_address", delivery)
    if not delivery.is_noted:
        insert([AddressRead(delivery=delivery, reader=actor, hour=hour, at=now)], ignore_conflicts=True)
