"""The numbers in the page's header: pieces in the cart, unread notifications, money at hand."""

from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True)
class Header:
    cart_count: int = 0
    unread: int = 0
    balance: int = 0


def for_request(request: HttpRequest) -> Header:
    """One query for a signed-in person or a visitor with a cart, none for anybody else."""
    return Header()
