"""Whose numbers stand in the page's header: a person's, or a visitor's cart."""

from django.http import HttpRequest

from marketplace.desk.header import Header, header_of
from marketplace.orders.selectors import cart_count

from .cart_cookie import cart_of


def for_request(request: HttpRequest) -> Header:
    """One query for a signed-in person or a visitor with a cart, none for anybody else."""
    if not getattr(request, "user", None):  # an error page drawn before anybody was recognised
        return Header()
    if not request.user.is_authenticated:
        return Header(cart_count=cart_count(cart_of(request)))
    return header_of(request.user.pk)
