"""The cart, for visitors and for accounts."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.accounts.selectors import addresses_of
from marketplace.common import limits
from marketplace.common.errors import Invalid
from marketplace.orders import services
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.delivering import columns_of_product
from marketplace.orders.selectors import Door, cart_view, is_somebody_elses
from marketplace.products.selectors import live_product_page, live_slug
from marketplace.web import cart_cookie, refusals
from marketplace.web.access import counted_address
from marketplace.web.forms import Refusal, answer_form
from marketplace.web.htmx import render_part, wants_part
from marketplace.web.safe_next import safe_next
from marketplace.web.see_other import see_other
from marketplace.web.typed import is_sent, sent, sent_list, sent_text
from shop import draft
from shop.forms.cart import AddForm, LineForm, QuantityForm, accepted_prices
from shop.forms.checkout import DoorForm
from shop.views.product import choice_url, chosen, show_product

CART_PAGE = "shop/cart/cart.html"


@login_not_required
@require_GET
def cart(request: HttpRequest) -> HttpResponse:
    refuse_who_may_not_buy(request)
    return show_cart(request)


@login_not_required
@require_POST
def cart_add(request: HttpRequest) -> HttpResponse:
    """Add from a product page: back to the cart, or with HTMX a word and the new count in place.

    Its other button, "Show this choice", adds nothing: without JavaScript it leads to the page of what is
    chosen, and a form key or a CSRF token stands in no address. Refused, it is the product's page with the
    quantity that was typed, or with HTMX a word in place.
    """
    _limit(request)
    ref = cart_cookie.cart_to_fill(request)
    form = AddForm(request.POST)
    if is_sent(request, "show"):
        return _show_choice(request, form)

    def add() -> services.Added:
        return services.add_to_cart(
            cart=ref,
            pick=services.Pick(form.cleaned_data["product"], tuple(chosen(request))),
            quantity=form.cleaned_data["quantity"],
            form_key=sent(request, "form_key"),
        )

    def done(added: services.Added) -> HttpResponse:
        words = {"quantity": added.quantity, "title": added.title}
        messages.success(request, _("In your cart: %(quantity)d × %(title)s.") % words)
        if wants_part(request):
            context = {"header": {"cart_count": added.pieces}, "product_id": form.cleaned_data["product"]}
            response = render(request, "shop/cart/added.html", context)
            response["HX-Reswap"] = "none"
        else:
            response = see_other("shop:cart")
        cart_cookie.keep(request, response, ref)
        return response

    return answer_form(
        request, add, form=form, done=done, page=lambda refusal: _not_added(request, form, refusal)
    )


def _show_choice(request: HttpRequest, form: AddForm) -> HttpResponse:
    form.is_valid()
    slug = live_slug(form.cleaned_data.get("product") or 0)
    return see_other(choice_url(slug, chosen(request))) if slug else see_other("shop:cart")


def _not_added(request: HttpRequest, form: AddForm, refusal: Refusal) -> HttpResponse:
    error = refusal.error or Invalid(first_error(form), field="quantity")
    if wants_part(request):
        return refusals.answer(request, error)
    number = form.cleaned_data.get("product")
    page = live_product_page(number, columns_of_product, request.user.pk) if number else None
    if page is None:  # it is not for sale any more, or it was no form of ours
        messages.error(request, str(error))
        return show_cart(request)
    again = {
        "typed": sent_text(request, "quantity", most=6),
        "error": str(error),
        "kept_key": refusal.kept_key,
    }
    return show_product(request, page, **again)


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
        return show_cart(request, typed=typed, error=first_error(form))

    _require_not_foreign(ref, form)
    return answer_form(request, change, form=form, done=lambda line: cart_done(request), page=page)


@login_not_required
@require_POST
def cart_remove(request: HttpRequest) -> HttpResponse:
    ref = _cart_to_change(request)
    form = LineForm(request.POST)
    _require_not_foreign(ref, form)
    if form.is_valid():
        services.remove_line(cart=ref, line_id=form.cleaned_data["line"])
    return cart_done(request)


@login_not_required
@require_POST
def cart_accept(request: HttpRequest) -> HttpResponse:
    """The shopper agrees to prices that have risen, exactly as the page showed them."""
    ref = _cart_to_change(request)
    services.accept_prices(cart=ref, prices=accepted_prices(sent_list(request, "price")))
    if not wants_part(request) and (back := safe_next(request)):
        return see_other(back)
    return cart_done(request)


def _require_not_foreign(ref: CartRef, form: QuantityForm | LineForm) -> None:
    """404 for a line of somebody else's cart; one that is gone may be gone by another tab of one's own."""
    form.is_valid()
    number = form.cleaned_data.get("line")
    if number and is_somebody_elses(ref, number):
        raise Http404


def first_error(form: Form) -> str:
    """The first sentence about what was typed."""
    return next(iter(form.errors.values()))[0]


def show_cart(request: HttpRequest, **context) -> HttpResponse:
    """The cart as it is now, or for HTMX its part of the page."""
    view = cart_view(cart_cookie.cart_of(request), _kept_door(request))
    context |= {"cart": view, "swapped": wants_part(request)}
    if wants_part(request):
        context["header"] = {"cart_count": view.pieces}
    return render_part(request, CART_PAGE, "cart", context)


def _kept_door(request: HttpRequest) -> Door | None:
    """The address that was chosen at the checkout before a detour led here; None is the default one."""
    typed = draft.kept(request)
    if not typed:
        return None
    form = DoorForm(initial=typed)
    form.saved = list(addresses_of(request.user.pk))
    return form.door


def cart_done(request: HttpRequest) -> HttpResponse:
    """What a change of the cart is answered."""
    return show_cart(request) if wants_part(request) else see_other("shop:cart")


def _cart_to_change(request: HttpRequest) -> CartRef:
    _limit(request)
    return cart_cookie.cart_to_fill(request)


def _limit(request: HttpRequest) -> None:
    refuse_who_may_not_buy(request)
    limits.hit_cached("cart", request.user.pk or counted_address(request, settings.TRUSTED_PROXIES))


def refuse_who_may_not_buy(request: HttpRequest) -> None:
    """Couriers and staff have no cart (docs/permissions.md)."""
    if request.user.is_authenticated and not request.user.may_buy:
        raise PermissionDenied
