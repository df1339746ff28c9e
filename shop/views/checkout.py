"""Checkout on one page: where to, what, what will be held and what stays."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marketplace.accounts.models import BUYER_ROLES
from marketplace.common import limits
from marketplace.common.errors import DomainError
from marketplace.common.money import to_plain
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.selectors import CartView, cart_view
from marketplace.orders.services import place_order
from marketplace.wallet.selectors import wallet_of
from marketplace.web.access import for_roles
from marketplace.web.refusals import key_to_keep
from marketplace.web.see_other import see_other
from shop.forms.checkout import CheckoutForm, shown


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*BUYER_ROLES)
def checkout(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _order(request)
    cart = cart_view(CartRef(user_id=request.user.pk))
    if not cart.seen_lines:
        return redirect("shop:cart")
    return _page(request, cart)


def _order(request: HttpRequest) -> HttpResponse:
    form = CheckoutForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    try:
        limits.hit("checkout", request.user.pk)
        order = place_order(
            buyer_id=request.user.pk,
            form_key=request.POST.get("form_key", ""),
            seen_total=form.cleaned_data["total"],
            seen_lines=form.cleaned_data["lines"],
            recipient=form.recipient,
        )
    except DomainError as error:
        return _page(request, form=form, error=error, status=error.status)
    messages.success(request, _("Thank you. Your order is placed; the money is held until it has arrived."))
    return see_other("shop:order_detail", order.number)


def _page(
    request: HttpRequest,
    cart: CartView | None = None,
    *,
    form: CheckoutForm | None = None,
    error: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page as things are now; what was typed stays, what was shown is shown anew."""
    cart = cart or cart_view(CartRef(user_id=request.user.pk))
    profile = request.user.profile
    wallet = wallet_of(request.user.pk)
    after = wallet.balance - cart.total
    if form is None:
        form = CheckoutForm(
            initial={"name": profile.name, "phone": profile.phone, "notes": profile.access_notes}
        )
    response = render(
        request,
        "shop/checkout/checkout.html",
        {
            "cart": cart,
            "form": form,
            "error": error,
            "kept_key": key_to_keep(request, error),
            "profile": profile,
            "balance": wallet.balance,
            "after": after,
            "missing": max(0, -after),
            "top_up_url": _top_up_url(max(0, -after)),
            "location_url": f"{reverse('shop:location')}?{urlencode({'next': reverse('shop:checkout')})}",
            "shown_lines": shown(cart.seen_lines),
            "can_order": cart.is_ready and profile.has_location and after >= 0,
        },
        status=status,
    )
    if retry_after := getattr(error, "retry_after", None):
        response["Retry-After"] = str(retry_after)
    return response


def _top_up_url(missing: int) -> str:
    """Where what is missing can be paid in; it comes back here."""
    asked = urlencode({"amount": to_plain(missing), "next": reverse("shop:checkout")})
    return f"{reverse('shop:wallet_top_up')}?{asked}"
