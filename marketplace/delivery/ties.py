"""What binds two people: an order's parcel between them that is not over yet (marketplace/reviewing/conflicts.py).

All money that people have with each other is a parcel's, so that this speaks for orders and wallets, too.
"""

from django.db.models import Q

from marketplace.orders.models import Shipment
from marketplace.orders.states import FINAL

_PLACES = ("order__buyer_id", "seller_id", "courier_id")


def share_a_parcel(user_id: int, other_id: int) -> bool:
    """Whether one of them buys, sells or carries what the other one buys, sells or carries: one query."""
    under_way = Shipment.objects.exclude(status__in=FINAL).order_by()
    ways = [
        under_way.filter(Q(**{place: other_id}), **{mine: user_id}).values_list("pk", flat=True)
        for mine in _PLACES
        for place in _PLACES
        if place != mine
    ]
    return ways[0].union(*ways[1:]).exists()


TIES = [share_a_parcel]
