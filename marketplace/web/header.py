"""The numbers in the page's header: pieces in the cart, unread notifications, money at hand."""

from dataclasses import dataclass

from django.db import connection
from django.http import HttpRequest

from marketplace.orders.selectors import cart_count

from .cart_cookie import cart_of

# Every page of a signed-in person asks this. As SQL it costs the processor a seventh of what putting
# the same query together with the ORM did, each time anew (docs/performance.md).
_NUMBERS = """
    SELECT COALESCE((SELECT SUM(line.quantity) FROM orders_cartline line
                     JOIN orders_cart cart ON cart.id = line.cart_id WHERE cart.user_id = %s), 0),
           (SELECT COUNT(*) FROM (SELECT 1 FROM notifications_notification
                                  WHERE recipient_id = %s AND read_at IS NULL LIMIT 100) shown),
           COALESCE((SELECT balance FROM wallet_wallet WHERE owner_id = %s), 0)
"""


@dataclass(frozen=True)
class Header:
    cart_count: int = 0
    unread: int = 0
    """Up to 100: past 99 the bell says "99+"."""
    balance: int = 0


def for_request(request: HttpRequest) -> Header:
    """One query for a signed-in person or a visitor with a cart, none for anybody else."""
    if not getattr(request, "user", None):  # an error page drawn before anybody was recognised
        return Header()
    if not request.user.is_authenticated:
        return Header(cart_count=cart_count(cart_of(request)))
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, [request.user.pk] * 3)
        return Header(*map(int, cursor.fetchone()))
