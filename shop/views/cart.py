"""The cart, for visitors and for accounts."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.common import limits
from marketplace.common.errors import Invalid
from marketplace.orders import services
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.selectors import cart_view
from marketplace.web import cart_cookie
from marketplace.web.access import client_address
from marketplace.web.forms import Refusal, answer_form
from marketplace.web.htmx import render_part, wants_part
from marketplace.web.safe_next import safe_next
from marketplace.web.see_other import see_other
from marketplace.web.typed import sent, sent_list, sent_text
from shop.forms.cart import AddForm, LineForm, QuantityForm, accepted_prices

CART_PAGE = "shop/cart/cart.html"


@login_not_required
@require_GET
def cart(request: HttpRequest) -> HttpResponse:
    _refuse_who_may_not_buy(request)
    return _cart(request)


@login_not_required
@require_POST
def cart_add(request: HttpRequest) -> HttpResponse:
    """Add from a product page: back to the cart, or with HTMX a word and the new count in place."""
    _limit(request)
    ref = cart_cookie.cart_to_fill(request)
    form = AddForm(request.POST)
    if not form.is_valid():
        raise Invalid(_first_error(form), field="quantity")
    added = services.add_to_cart(
        cart=ref, product_id=form.cleaned_data["product"], quantity=form.cleaned_data["quantity"]
    )
    said = _("In your cart: %(quantity)d × %(title)s.") % {"quantity": added.quantity, "title": added.title}
    messages.success(request, said)
    if wants_part(request):
        response = render(request, "shop/cart/added.html", {"header": {"cart_count": added.pieces}})
        response["HX-Reswap"] = "none"
    else:
        response = see_other("shop:cart")
    cart_cookie.keep(request, response, ref)
    return response


@login_not_required
@require_POST
def cart_change(request: HttpRequest) -> HttpResponse:
    """A line's quantity; what was typed stays in the field with the reason beside it if it cannot be."""
    ref = _cart_to_change(request)
    form = QuantityForm(request.POST)

    def change() -> None:
        services.change_quantity(
            cart=ref, line_id=form.cleaned_data["line"], quantity=form.cleaned_data["quantity"]
        )

    def page(refusal: Refusal) -> HttpResponse:
        typed = {"line": sent(request, "line"), "quantity": sent_text(request, "quantity", most=6)}
        return _cart(request, typed=typed, error=_first_error(form))

    return answer_form(request, change, form=form, done=lambda line: _done(request), page=page)


@login_not_required
@require_POST
def cart_remove(request: HttpRequest) -> HttpResponse:
    ref = _cart_to_change(request)
    form = LineForm(request.POST)
    if form.is_valid():
        services.remove_line(cart=ref, line_id=form.cleaned_data["line"])
    return _done(request)


@login_not_required
@require_POST
def cart_accept(request: HttpRequest) -> HttpResponse:
    """The shopper agrees to prices that have risen, exactly as the page showed them."""
    ref = _cart_to_change(request)
    services.accept_prices(cart=ref, prices=accepted_prices(sent_list(request, "price")))
    if not wants_part(request) and (back := safe_next(request)):
        return see_other(back)
    return _done(request)


def _first_error(form: Form) -> str:
    return next(iter(form.errors.values()))[0]


def _cart(request: HttpRequest, **context) -> HttpResponse:
    view = cart_view(cart_cookie.cart_of(request))
    context |= {"cart": view, "swapped": wants_part(request)}
    if wants_part(request):
        context["header"] = {"cart_count": view.pieces}
    return render_part(request, CART_PAGE, "cart", context)


def _done(request: HttpRequest) -> HttpResponse:
    return _cart(request) if wants_part(request) else see_other("shop:cart")


def _cart_to_change(request: HttpRequest) -> CartRef:
    _limit(request)
    return cart_cookie.cart_to_fill(request)


def _limit(request: HttpRequest) -> None:
    _refuse_who_may_not_buy(request)
    limits.hit_cached("cart", request.user.pk or client_address(request, settings.TRUSTED_PROXIES))


def _refuse_who_may_not_buy(request: HttpRequest) -> None:
    """Couriers and staff have no cart (docs/permissions.md)."""
    if request.user.is_authenticated and not request.user.may_buy:
        raise PermissionDenied
