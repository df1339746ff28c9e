"""A seller's coupon into the cart and out of it, on the cart's page and at the checkout."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from marketplace.common import limits
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.coupons import Applied
from marketplace.orders.services import apply_coupon, take_off_coupon
from marketplace.web import cart_cookie
from marketplace.web.access import counted_address
from marketplace.web.forms import Refusal, answer_form
from marketplace.web.typed import sent, sent_text
from shop import draft
from shop.forms.cart import CouponForm, SellerForm

from .cart import cart_done, first_error, refuse_who_may_not_buy, show_cart


@dataclass(frozen=True)
class Typed:
    """A code as its field shows it again: what was typed, and why it was refused, if it was."""

    code: str
    error: str = ""


TypedCodes = Mapping[str, Typed]
"""Seller's number → what stands in their field."""


@login_not_required
@require_POST
def cart_coupon(request: HttpRequest) -> HttpResponse:
    """Use a code: the cart with what it takes off; what was typed stays in the field with the reason why not."""
    refuse_who_may_not_buy(request)
    cart = cart_cookie.cart_to_fill(request)
    form = CouponForm(request.POST)

    def use() -> Applied:
        return use_code(request, cart, form.cleaned_data["seller"], form.cleaned_data["code"])

    def page(refusal: Refusal) -> HttpResponse:
        error = refusal.text or first_error(form)
        seller = sent_text(request, "seller", most=18)
        return show_cart(request, coupon_typed={seller: Typed(typed_code(request), error)})

    return answer_form(request, use, form=form, done=lambda coupon: cart_done(request), page=page)


@login_not_required
@require_POST
def cart_coupon_off(request: HttpRequest) -> HttpResponse:
    """Take a seller's coupon out of the cart."""
    refuse_who_may_not_buy(request)
    form = SellerForm(request.POST)
    if form.is_valid():
        take_off_coupon(cart=cart_cookie.cart_to_fill(request), seller_id=form.cleaned_data["seller"])
    return cart_done(request)


def use_code(request: HttpRequest, cart: CartRef, seller_id: int, code: str) -> Applied:
    """Put the coupon with this code into the cart. Whoever guesses codes is counted, a visitor by their address."""
    limits.hit("coupon", request.user.pk or counted_address(request, settings.TRUSTED_PROXIES))
    return apply_coupon(cart=cart, seller_id=seller_id, code=code)


def asked_at_checkout(request: HttpRequest) -> str:
    """Which coupon button of the checkout was pressed: "coupon:7", "coupon_again:7" or "coupon_off:7"; else "".

    A code that was typed and is not in the cart yet is one, too: whoever presses Enter in its field means it.
    """
    go = sent(request, "go")
    if go:
        return go if go.startswith("coupon") else ""
    return next((f"coupon:{seller}" for seller in draft.typed_codes(request)), "")


def answer_at_checkout(
    request: HttpRequest,
    asked: str,
    *,
    done: Callable[[], HttpResponse],
    page: Callable[[TypedCodes, Refusal], HttpResponse],
) -> HttpResponse:
    """Do what a coupon button of the checkout asks (`asked_at_checkout`), or draw its page with the reason why not.

    What was typed into other sellers' fields is kept, for them to be used next.
    """
    what, _, seller = asked.partition(":")
    name = f"again-{seller}" if what == "coupon_again" else f"code-{seller}"
    form = CouponForm({"seller": seller, "code": typed_code(request, name)})
    cart = CartRef(user_id=request.user.pk)

    def act() -> object:
        seller_id = form.cleaned_data["seller"]
        if what == "coupon_off":
            return take_off_coupon(cart=cart, seller_id=seller_id)
        return use_code(request, cart, seller_id, form.cleaned_data["code"])

    def again(refusal: Refusal) -> HttpResponse:
        draft.forget_code(request, seller)  # who comes back later finds no code that is refused
        refused = Typed(typed_code(request, name), refusal.text or first_error(form))
        typed = {**as_typed(draft.typed_codes(request)), seller[:18]: refused}
        return page(typed, Refusal(refusal.status, kept_key=refusal.kept_key))

    def used(_result: object) -> HttpResponse:
        draft.forget_code(request, seller)
        return done()

    return answer_form(request, act, form=form, done=used, page=again)


def as_typed(codes: Mapping[str, str]) -> TypedCodes:
    """Codes that nobody has looked at yet, as their fields show them again."""
    return {seller: Typed(code) for seller, code in codes.items()}


def typed_code(request: HttpRequest, name: str = "code") -> str:
    """The code that was typed, as long as a field takes one."""
    return sent_text(request, name, most=draft.CODE_LENGTH)
