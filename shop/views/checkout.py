"""Checkout on one page: where to, what, what will be held and what stays."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marketplace.accounts.models import BUYER_ROLES
from marketplace.common.money import to_plain
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.models import Order
from marketplace.orders.selectors import cart_view
from marketplace.orders.services import place_order
from marketplace.wallet.selectors import wallet_of
from marketplace.web.access import for_roles
from marketplace.web.forms import FRESH, Refusal, answer_form, posted, say_and_go
from marketplace.web.typed import sent
from shop.forms.checkout import CheckoutForm, shown


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*BUYER_ROLES)
def checkout(request: HttpRequest) -> HttpResponse:
    profile = request.user.profile
    known = {"name": profile.name, "phone": profile.phone, "notes": profile.access_notes}
    form = CheckoutForm(posted(request), initial=known)

    def order() -> Order:
        return place_order(
            actor=request.user,
            form_key=sent(request, "form_key"),
            seen_total=form.cleaned_data["total"],
            seen_lines=form.cleaned_data["lines"],
            recipient=form.recipient,
        )

    def done(order: Order) -> HttpResponse:
        sentence = _("Thank you. Your order is placed; the money is held until it has arrived.")
        return say_and_go(request, sentence, "shop:order_detail", order.number)

    return answer_form(
        request, order, form=form, done=done, page=lambda refusal: _page(request, form, refusal)
    )


def _page(request: HttpRequest, form: CheckoutForm, refusal: Refusal) -> HttpResponse:
    """The page as things are now; what was typed stays, what was shown is shown anew."""
    cart = cart_view(CartRef(user_id=request.user.pk))
    if refusal is FRESH and not cart.seen_lines:
        return redirect("shop:cart")
    profile, wallet = request.user.profile, wallet_of(request.user.pk)
    after = wallet.balance - cart.total
    context = {
        "cart": cart,
        "form": form,
        "error": refusal.error,
        "kept_key": refusal.kept_key,
        "profile": profile,
        "balance": wallet.balance,
        "after": after,
        "missing": max(0, -after),
        "top_up_url": _top_up_url(max(0, -after)),
        "location_url": f"{reverse('shop:location')}?{urlencode({'next': reverse('shop:checkout')})}",
        "shown_lines": shown(cart.seen_lines),
        "can_order": cart.is_ready and profile.has_location and after >= 0,
    }
    return render(request, "shop/checkout/checkout.html", context)


def _top_up_url(missing: int) -> str:
    """Where what is missing can be paid in; it comes back here."""
    asked = urlencode({"amount": to_plain(missing), "next": reverse("shop:checkout")})
    return f"{reverse('shop:wallet_top_up')}?{asked}"
