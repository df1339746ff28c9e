"""Price and stock of one variant: changed in the table, on the listing's page, or on a page of their own."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.accounts.models import Role
from marketplace.products.models import Variant
from marketplace.products.selectors import OwnVariant, own_listing, own_variant
from marketplace.products.services import change_price, change_stock, count_stock
from marketplace.seller_dashboard.forms.listings import PriceForm, StockForm, StockSaid
from marketplace.web.access import for_roles, signed_in
from marketplace.web.forms import FRESH, Refusal, answer_form, say_and_go
from marketplace.web.htmx import render_part, wants_part
from marketplace.web.safe_next import safe_next
from marketplace.web.see_other import see_other
from marketplace.web.typed import asked, sent

PAGE = "seller_dashboard/offer.html"


@require_GET
@for_roles(Role.SELLER)
def offer(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One variant's price and stock. `?count=12` asks whether there are so many now."""
    count = asked(request, "count", most=7)
    question = int(count) if count.isascii() and count.isdigit() else None
    return _page(request, slug, number, FRESH, question=question)


@require_POST
@for_roles(Role.SELLER)
def price(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What it costs from now on."""
    _mine(request, slug, number)
    form = PriceForm(request.POST)
    return answer_form(
        request,
        lambda: change_price(variant_id=number, price=form.cleaned_data["price"], actor=signed_in(request)),
        form=form,
        done=lambda product: _done(request, slug, number, _("The new price counts from now on.")),
        page=lambda refusal: _page(request, slug, number, refusal, price_form=form),
    )


@require_POST
@for_roles(Role.SELLER)
def stock(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """ "+5" and "−2" are written at once; a count is asked about, and then its difference is written."""
    _mine(request, slug, number)
    form = StockForm(request.POST)
    if form.is_valid() and _must_ask(form):
        return _ask(request, slug, number, form.cleaned_data["stock"].counted)
    return answer_form(
        request,
        lambda: _write(request, number, form),
        form=form,
        done=lambda variant: _done(
            request, slug, number, _("Noted: there are %(stock)d now.") % {"stock": variant.stock}
        ),
        page=lambda refusal: _page(request, slug, number, refusal, stock_form=form),
    )


def _must_ask(form: StockForm) -> bool:
    said: StockSaid = form.cleaned_data["stock"]
    return said.counted is not None and form.cleaned_data["expected"] is None


def _write(request: HttpRequest, number: int, form: StockForm) -> Variant:
    said: StockSaid = form.cleaned_data["stock"]
    form_key = sent(request, "form_key")
    if said.change is not None:
        return change_stock(
            variant_id=number, change=said.change, actor=signed_in(request), form_key=form_key
        )
    return count_stock(
        variant_id=number,
        counted=said.counted or 0,
        expected=form.cleaned_data["expected"],
        actor=signed_in(request),
        form_key=form_key,
    )


def _ask(request: HttpRequest, slug: str, number: int, counted: int) -> HttpResponse:
    """The question before a count is written: in place, or on the variant's own page."""
    if wants_part(request):
        return _page(request, slug, number, FRESH, question=counted)
    response = see_other("seller_dashboard:offer", slug, number)
    response["Location"] += f"?count={counted}"
    return response


def _done(request: HttpRequest, slug: str, number: int, sentence: str) -> HttpResponse:
    if wants_part(request):
        return _page(request, slug, number, FRESH)
    return say_and_go(request, sentence, safe_next(request) or "seller_dashboard:listing", slug)


def _mine(request: HttpRequest, slug: str, number: int) -> OwnVariant:
    variant = own_variant(signed_in(request), slug, number)
    if variant is None:
        raise Http404
    return variant


def _page(
    request: HttpRequest,
    slug: str,
    number: int,
    refusal: Refusal,
    *,
    price_form: PriceForm | None = None,
    stock_form: StockForm | None = None,
    question: int | None = None,
) -> HttpResponse:
    listing = own_listing(signed_in(request), slug)
    if listing is None:
        raise Http404
    context = {
        "listing": listing,
        "variant": _mine(request, slug, number),
        "price_form": price_form,
        "stock_form": stock_form,
        "question": question,
        "refusal": refusal,
        "next": safe_next(request),
    }
    return render_part(request, PAGE, "offer", context)
