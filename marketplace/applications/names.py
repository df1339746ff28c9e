"""A shop that was renamed: its goods are found and shown by the new name, a batch at a time."""

from datetime import datetime

from django.db.models import F

from marketplace.accounts import shops
from marketplace.accounts.models import SellerProfile
from marketplace.products.services import call_shop_anew


def find_by_new_names(now: datetime) -> int:
    """Sweep: bring cards and the search up to the names of shops. Returns how many shops.

    A batch of goods is a transaction; a shop that is renamed once more meanwhile is done again.
    """
    renamed = SellerProfile.objects.exclude(found_as=F("shop_name")).order_by("pk")
    done = 0
    for pk, name in renamed.values_list("pk", "shop_name"):
        call_shop_anew(seller_id=pk)
        shops.note_found_as(pk, name)
        done += 1
    return done
