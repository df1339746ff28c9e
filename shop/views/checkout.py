"""Checkout on one page: where to, what, what will be held and what stays."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from marketplace.accounts.address_book import is_default, who_is_at
from marketplace.accounts.models import BUYER_ROLES, SavedAddress
from marketplace.accounts.selectors import addresses_of
from marketplace.common.money import to_plain
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.models import Order
from marketplace.orders.selectors import CartView, cart_view
from marketplace.orders.services import place_order
from marketplace.wallet.selectors import wallet_of
from marketplace.web.access import for_roles
from marketplace.web.forms import FRESH, Refusal, answer_form, posted, say_and_go
from marketplace.web.htmx import render_part, wants_part
from marketplace.web.see_other import see_other
from marketplace.web.typed import is_sent, sent
from shop import draft
from shop.forms.checkout import NEW, CheckoutForm, shown
from shop.pin_map import pin_map

from .coupons import TypedCodes, answer_at_checkout, as_typed, asked_at_checkout


@login_not_required  # who was signed out while they typed finds it again: the view asks them to sign in
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """Look everything over and order; a detour (`go`) keeps what was typed."""
    if not request.user.is_authenticated:
        draft.keep(request)
        return redirect_to_login(reverse("shop:checkout"))
    return _checkout(request)


@for_roles(*BUYER_ROLES)
def _checkout(request: HttpRequest) -> HttpResponse:
    if asked := asked_at_checkout(request):
        return _coupon(request, asked)
    if is_sent(request, "go"):
        return _detour(request)
    form = CheckoutForm(posted(request))
    if not form.is_bound:
        form.saved = list(addresses_of(request.user.pk))
        form.initial = _known(request, form.saved)

    def order() -> Order:
        new_address = form.new_address
        return place_order(
            actor=request.user,
            form_key=sent(request, "form_key"),
            seen_total=form.cleaned_data["total"],
            seen_delivery=form.cleaned_data["delivery"],
            seen_lines=form.cleaned_data["lines"],
            recipient=form.recipient,
            to="" if new_address else form.cleaned_data["to"],
            new_address=new_address,
            keeps_address=bool(form.cleaned_data.get("label")),
        )

    def done(order: Order) -> HttpResponse:
        draft.forget(request)
        sentence = _("Thank you. Your order is placed; the money is held until it has arrived.")
        return say_and_go(request, sentence, "shop:order_detail", order.number)

    return answer_form(
        request, order, form=form, done=done, page=lambda refusal: _page(request, form, refusal)
    )


def _coupon(request: HttpRequest, asked: str) -> HttpResponse:
    """A coupon goes in or out, and the page is drawn anew; what was typed stays."""
    draft.keep(request)

    def page(typed: TypedCodes, refusal: Refusal) -> HttpResponse:
        form = CheckoutForm()
        form.saved = list(addresses_of(request.user.pk))
        form.initial = _known(request, form.saved)
        return _page(request, form, refusal, coupon_typed=typed)

    return answer_at_checkout(request, asked, done=lambda: see_other("shop:checkout"), page=page)


def _known(request: HttpRequest, saved: Sequence[SavedAddress]) -> dict[str, str]:
    """What the fields hold at first: what was typed before a detour, else what the chosen address says."""
    typed = draft.kept(request)
    profile = request.user.profile
    by_id = {address.public_id: address for address in saved}
    default = next((address for address in saved if is_default(profile, address)), None)
    chosen = by_id.get(typed.get("to", "")) or default
    known = {"name": profile.name, "phone": profile.phone, "notes": profile.access_notes}
    if chosen:
        known = who_is_at(chosen, profile) | {"to": chosen.public_id}
    return known | typed | ({} if typed.get("to") == NEW or not chosen else {"to": chosen.public_id})


def _detour(request: HttpRequest) -> HttpResponse:
    """Somewhere else and back. A chosen address brings who lives there along."""
    draft.keep(request)
    where = sent(request, "go")
    if where == "top_up":
        cart, wallet = _cart(request, _sent_form(request)), wallet_of(request.user.pk)
        return see_other(_top_up_url(max(0, cart.total - wallet.balance)))
    if where == "addresses":
        return see_other(f"{reverse('shop:address_add')}?{urlencode({'next': reverse('shop:checkout')})}")
    if where == "cart":
        return see_other("shop:cart")
    if where == "choose":
        chosen = addresses_of(request.user.pk).filter(public_id=sent(request, "to")).first()
        draft.change(request, who_is_at(chosen, request.user.profile) if chosen else {})
        if wants_part(request):
            return _page(request, _sent_form(request), FRESH)
    return see_other("shop:checkout")


def _sent_form(request: HttpRequest) -> CheckoutForm:
    """What was sent, with what could be chosen."""
    form = CheckoutForm(request.POST)
    form.saved = list(addresses_of(request.user.pk))
    return form


def _cart(request: HttpRequest, form: CheckoutForm) -> CartView:
    """The cart, with what bringing it to the address that is chosen in `form` costs."""
    return cart_view(CartRef(user_id=request.user.pk), form.door)


def _page(
    request: HttpRequest, form: CheckoutForm, refusal: Refusal, coupon_typed: TypedCodes | None = None
) -> HttpResponse:
    """The page as things are now, or for HTMX what it costs; what was typed stays, what was shown is shown anew."""
    if form.is_bound and not form.saved:  # an order that is placed needs none of them
        form.saved = list(addresses_of(request.user.pk))
    cart = _cart(request, form)
    if refusal is FRESH and not cart.seen_lines:
        return (
            HttpResponseClientRedirect(reverse("shop:cart")) if wants_part(request) else redirect("shop:cart")
        )
    if coupon_typed is None:
        codes = draft.typed_codes(request) if request.method == "POST" else draft.kept_codes(request)
        coupon_typed = as_typed(codes)
    wallet = wallet_of(request.user.pk)
    after = wallet.balance - cart.total
    context = {
        "cart": cart,
        "coupon_typed": coupon_typed,
        "form": form,
        "error": refusal.error,
        "kept_key": refusal.kept_key,
        "choices": form.choices(request.user.profile),
        "is_new": form.takes_place(),
        "tiles": pin_map(),
        "balance": wallet.balance,
        "after": after,
        "missing": max(0, -after),
        "top_up_url": _top_up_url(max(0, -after)),
        "shown_lines": shown(cart.seen_lines),
        "can_order": cart.is_ready and after >= 0,
        "swapped": wants_part(request),
    }
    return render_part(request, "shop/checkout/checkout.html", "costs", context)


def _top_up_url(missing: int) -> str:
    """Where what is missing can be paid in; it comes back here."""
    asked = urlencode({"amount": to_plain(missing), "next": reverse("shop:checkout")})
    return f"{reverse('shop:wallet_top_up')}?{asked}"
