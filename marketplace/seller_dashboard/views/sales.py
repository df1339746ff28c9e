"""Reductions: a seller's own discounts and events, and the store's events that they take part in."""

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.accounts.models import Role, User
from marketplace.common import clock
from marketplace.products import services
from marketplace.products.models import Discount, SaleEvent
from marketplace.products.prices import Window
from marketplace.products.selectors import listings_of, reductions
from marketplace.seller_dashboard.forms.sales import ReductionForm, read_goods
from marketplace.web.access import for_roles
from marketplace.web.forms import FRESH, Refusal, answer_form, posted, refuse, say_and_go
from marketplace.web.typed import asked, is_sent, sent, sent_list

PAGE = "seller_dashboard:sales"


def _me(request: HttpRequest) -> User:
    return cast("User", request.user)


@require_GET
@for_roles(Role.SELLER)
def sales(request: HttpRequest) -> HttpResponse:
    """What is reduced now, what will be, what was, and which events there are to join."""
    context = {"sales": reductions.reductions_of(_me(request)), "now": clock.now()}
    return render(request, "seller_dashboard/sales.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SELLER)
def reduce(request: HttpRequest) -> HttpResponse:
    """Choose goods and a reduction, look at what it would do, save it."""
    form = ReductionForm(posted(request))
    goods = read_goods(sent_list(request, "goods", most=500) if request.method == "POST" else [])
    _require_own(request, {product for product, _variant in goods})
    if form.is_bound and form.is_valid() and form.cleaned_data["name"] and any(one for _, one in goods):
        form.add_error(
            "name", _("A sale event is of whole listings. Tick them, or leave the name empty for a discount.")
        )

    def save() -> int:
        given = form.cleaned_data
        window = {"starts_at": given["starts_at"], "ends_at": given["ends_at"], "actor": request.user}
        if given["name"]:
            services.run_own_event(
                name=given["name"],
                percent_bps=given["percent_bps"],
                product_ids=[product for product, _variant in goods],
                form_key=sent(request, "form_key"),
                **window,
            )
        else:
            services.create_discounts(
                goods=goods,
                percent_bps=given["percent_bps"],
                amount=given["amount"],
                form_key=sent(request, "form_key"),
                **window,
            )
        return len(goods)

    def page(refusal: Refusal) -> HttpResponse:
        return _reduce_page(request, form, goods, refusal)

    if request.method == "POST" and not is_sent(request, "save"):
        # Only looked at: what each price becomes, and nothing is saved.
        return page(FRESH) if form.is_valid() else refuse(page, Refusal(status=422))
    return answer_form(
        request,
        save,
        form=form if request.method == "POST" else None,
        done=lambda number: say_and_go(
            request,
            ngettext("%(count)d listing is reduced.", "%(count)d listings are reduced.", number)
            % {"count": number},
            PAGE,
        ),
        page=page,
    )


def _require_own(request: HttpRequest, ids: set[int]) -> None:
    """404 where one of these listings is not theirs, or is none."""
    if listings_of(_me(request)).filter(pk__in=ids).count() != len(ids):
        raise Http404


def _reduce_page(
    request: HttpRequest, form: ReductionForm, goods: list[tuple[int, int | None]], refusal: Refusal
) -> HttpResponse:
    search = (sent if request.method == "POST" else asked)(request, "q", most=80)
    chosen = {product for product, _variant in goods}
    offered = reductions.goods_to_reduce(_me(request), text=search)
    shown = {product.pk for product in offered}
    if missing := chosen - shown:  # chosen before another word was searched for
        offered = [*reductions.goods_to_reduce(_me(request), ids=missing), *offered]
    preview = []
    if form.is_bound and form.is_valid() and goods:
        meant = [
            variant
            for product in offered
            for variant in product.locked_variants
            if (product.pk, None) in goods or (product.pk, variant.pk) in goods
        ]
        preview = reductions.preview_reduction(meant, form.window)
    context = {
        "form": form,
        "goods": offered,
        "chosen": {f"{product}:{variant}" if variant else str(product) for product, variant in goods},
        "search": search,
        "preview": preview,
        "nothing_chosen": request.method == "POST" and not goods,
        "is_cut": len(offered) >= reductions.MOST_SHOWN,
        "kept_key": refusal.kept_key,
    }
    return render(request, "seller_dashboard/reduce.html", context)


@require_POST
@for_roles(Role.SELLER)
def end_discount(request: HttpRequest) -> HttpResponse:
    """End a discount now, or take back one that has not begun."""
    number = sent(request, "discount", most=18)
    own = Discount.objects.filter(product__seller=_me(request))
    if not number.isdecimal() or not own.filter(pk=int(number)).exists():
        raise Http404
    product = services.end_discount(discount_id=int(number), actor=request.user)
    return say_and_go(request, _("“%(title)s” costs its own price again.") % {"title": product.title}, PAGE)


@require_POST
@for_roles(Role.SELLER)
def end_event(request: HttpRequest, slug: str) -> HttpResponse:
    """End a sale event of one's own now, or call it off."""
    event = SaleEvent.objects.filter(slug=slug, seller=_me(request)).first()
    if event is None:
        raise Http404
    services.end_sale_event(event_id=event.pk, actor=request.user)
    return say_and_go(request, _("“%(name)s” is over.") % {"name": event.name}, PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SELLER)
def event(request: HttpRequest, slug: str) -> HttpResponse:
    """An event of the store: which of one's goods take part."""
    found = reductions.open_event(slug)
    if found is None:
        raise Http404
    shown = [product for product, _variant in read_goods(sent_list(request, "shown", most=500))]
    ticked = [product for product, _variant in read_goods(sent_list(request, "goods", most=500))]

    def page(refusal: Refusal) -> HttpResponse:
        search = asked(request, "q", most=80)
        goods = reductions.goods_to_reduce(_me(request), text=search, event=found)
        joined = set(ticked) if refusal.error else reductions.joined(found, _me(request))
        window = Window(found.percent_bps, None, found.starts_at, found.ends_at)
        variants = [variant for product in goods for variant in product.locked_variants]
        context = {
            "event": found,
            "goods": goods,
            "joined": joined,
            "search": search,
            "preview": reductions.preview_reduction(variants, window),
            "has_begun": found.starts_at <= clock.now(),
            "error": refusal.text,
        }
        return render(request, "seller_dashboard/event.html", context)

    def save() -> int:
        _require_own(request, {*shown, *ticked})
        return services.take_part(
            event_id=found.pk,
            put_in=ticked,
            take_out=sorted(set(shown) - set(ticked)),
            actor=request.user,
        )

    return answer_form(
        request,
        save,
        done=lambda number: say_and_go(
            request,
            ngettext(
                "%(count)d of your listings takes part in “%(name)s”.",
                "%(count)d of your listings take part in “%(name)s”.",
                number,
            )
            % {"count": number, "name": found.name},
            PAGE,
        ),
        page=page,
    )
