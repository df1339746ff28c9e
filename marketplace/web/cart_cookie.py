"""The visitor's cart: a random token in a signed cookie; only its hash is in the database."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from marketplace.accounts.models import User
from marketplace.orders.cart_ref import CartRef, new_token
from marketplace.orders.services import merge_carts
from marketplace.orders.services.cart import VISITOR_CARTS_LIVE

NAME = "cart"
_SALT = "visitor-cart"


def cart_of(request: HttpRequest) -> CartRef | None:
    """The cart of whoever asks; None for a visitor without one and for people who may not buy."""
    if request.user.is_authenticated:
        return CartRef(user_id=request.user.pk) if request.user.may_buy else None
    token = _token(request)
    return CartRef(token=token) if token else None


def cart_to_fill(request: HttpRequest) -> CartRef:
    """As `cart_of`, with a new token for a visitor who has no cart; `keep` sends it to them."""
    return cart_of(request) or CartRef(token=new_token())


def keep(request: HttpRequest, response: HttpResponse, cart: CartRef) -> None:
    """Give a visitor the cookie that finds this cart again, unless they carry it already."""
    if cart.token and cart.token != _token(request):
        response.set_signed_cookie(
            NAME,
            cart.token,
            salt=_SALT,
            max_age=int(VISITOR_CARTS_LIVE.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )


def merge_at_login(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Move what somebody put in the cart before signing in to their account, and forget the cookie."""
    token = _token(request)
    if token and user.may_buy:
        merge_carts(actor=user, token=token)
        response.delete_cookie(NAME, samesite="Lax")


def _token(request: HttpRequest) -> str | None:
    return request.get_signed_cookie(NAME, default=None, salt=_SALT)
