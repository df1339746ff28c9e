"""What a shop's new name changes of its goods: their cards and how they are found."""

from collections.abc import Sequence

from django.db.models import F

from marketplace.common.transactions import service
from marketplace.products.locking import lock_products
from marketplace.products.models import Product
from marketplace.products.search import index

BATCH = 500


def call_shop_anew(*, seller_id: int) -> int:
    """Draw the cards of a seller's goods anew and index them by the shop's name as it is; returns how many.

    A transaction a batch; safe to repeat.
    """
    done, last = 0, 0
    mine = Product.objects.filter(seller=seller_id).order_by("pk")
    while ids := list(mine.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        _call_batch(ids=ids)
        done, last = done + len(ids), ids[-1]
    return done


@service
def _call_batch(*, ids: Sequence[int]) -> None:
    lock_products(ids)
    Product.objects.filter(pk__in=ids).update(version=F("version") + 1)
    index.add(ids)
