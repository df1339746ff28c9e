"""The numbers in the page's header: pieces in the cart, unread notifications, money at hand."""

from dataclasses import dataclass

from django.db.models import Count, IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from marketplace.accounts.models import User
from marketplace.notifications.models import Notification
from marketplace.orders.models import CartLine
from marketplace.orders.selectors import cart_count
from marketplace.wallet.models import Wallet

from .cart_cookie import cart_of


@dataclass(frozen=True)
class Header:
    cart_count: int = 0
    unread: int = 0
    balance: int = 0


def for_request(request: HttpRequest) -> Header:
    """One query for a signed-in person or a visitor with a cart, none for anybody else."""
    if not getattr(request, "user", None):  # an error page drawn before anybody was recognised
        return Header()
    if not request.user.is_authenticated:
        return Header(cart_count=cart_count(cart_of(request)))
    me = OuterRef("pk")
    pieces = (
        CartLine.objects.order_by().filter(cart__user=me).values("cart__user").annotate(n=Sum("quantity"))
    )
    unread = Notification.objects.order_by().filter(recipient=me, read_at__isnull=True)
    bounded = unread.values("recipient").annotate(n=Count("pk"))
    balance = Wallet.objects.filter(owner=me).values("balance")
    row = (
        User.objects.filter(pk=request.user.pk)
        .values_list(
            Coalesce(Subquery(pieces.values("n"), output_field=IntegerField()), 0),
            Coalesce(Subquery(bounded.values("n"), output_field=IntegerField()), 0),
            Coalesce(Subquery(balance), 0),
        )
        .get()
    )
    return Header(*row)
