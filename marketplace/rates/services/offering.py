"""A seller pays the delivery of larger orders."""

from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.authorisation import authorize
from marketplace.common.errors import Invalid
from marketplace.common.locking import lock_all
from marketplace.common.money import MAX_MONEY
from marketplace.common.transactions import service
from marketplace.rates.models import FreeDelivery


@service
def offer_free_delivery(*, actor: User, free_from: int) -> FreeDelivery:
    """From goods of `free_from` minor units on, `actor` pays the delivery; 0 ends the offer.

    What was ordered keeps what was agreed. Raises `PermissionDenied` and `Invalid` (field "free_from").
    """
    authorize(actor, "rates.offer")
    if not 0 <= free_from <= MAX_MONEY:
        raise Invalid(_("That amount is too large."), field="free_from")
    FreeDelivery.objects.bulk_create([FreeDelivery(seller=actor)], ignore_conflicts=True)
    [offer] = lock_all(FreeDelivery.objects.filter(seller=actor))
    offer.free_from = free_from
    offer.changed_at = clock.now()
    offer.save(update_fields=["free_from", "changed_at"])
    return offer
