"""Shops: who sells, and letting one sell nothing for a while."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from backoffice.forms import ReasonForm, ReserveForm, ShopFilter
from marketplace.accounts.models import STAFF_ROLES
from marketplace.applications.services import (
    lift_shop_suspension,
    require_liftable,
    require_suspendable,
    suspend_shop,
)
from marketplace.common.authorisation import may
from marketplace.desk.shops import ShopCase, shop_case, shops_page
from marketplace.wallet.services import change_reserve
from marketplace.web.access import for_roles
from marketplace.web.forms import Refusal, answer_form, say_and_go
from marketplace.web.htmx import render_part
from marketplace.web.typed import asked, sent_mark


@require_GET
@for_roles(*STAFF_ROLES)
def shops(request: HttpRequest) -> HttpResponse:
    """All shops, by name, or those that sell nothing right now."""
    form = ShopFilter(request.GET)
    form.is_valid()
    search, closed = form.cleaned_data.get("q", ""), bool(form.cleaned_data.get("closed"))
    page = shops_page(request.user, search=search, closed=closed, after=asked(request, "after", most=200))
    kept = {"q": search, "closed": "1" if closed else ""}
    context = {
        "page": page,
        "search": search,
        "closed": closed,
        "closed_url": _link(q=search, closed="" if closed else "1"),
        "more_url": _link(**kept, after=page.next_after) if page.next_after else "",
        "is_filtered": bool(search or closed or asked(request, "after")),
    }
    return render_part(request, "backoffice/shops.html", "rows", context)


@require_GET
@for_roles(*STAFF_ROLES)
def shop(request: HttpRequest, slug: str) -> HttpResponse:
    """One shop, its seller, and what can be done."""
    return _page(request, _case(request, slug))


@require_POST
@for_roles(*STAFF_ROLES)
def shop_suspend(request: HttpRequest, slug: str) -> HttpResponse:
    """Let it sell nothing for now."""
    case = _case(request, slug)
    form = ReasonForm(request.POST, names="suspend")
    return answer_form(
        request,
        lambda: suspend_shop(
            user_id=case.shop.pk,
            reason=form.cleaned_data["reason"],
            actor=request.user,
            expected=sent_mark(request),
        ),
        form=form,
        done=lambda shop: say_and_go(
            request, _("It sells nothing now; its seller was told why."), "backoffice:shop", slug
        ),
        page=lambda refusal: _page(request, _case(request, slug), form),
    )


@require_POST
@for_roles(*STAFF_ROLES)
def shop_lift(request: HttpRequest, slug: str) -> HttpResponse:
    """Let it sell again."""
    case = _case(request, slug)

    def page(refusal: Refusal) -> HttpResponse:
        messages.error(request, refusal.text)
        return _page(request, _case(request, slug))

    return answer_form(
        request,
        lambda: lift_shop_suspension(user_id=case.shop.pk, actor=request.user, expected=sent_mark(request)),
        done=lambda shop: say_and_go(
            request, _("It sells again; its seller was told."), "backoffice:shop", slug
        ),
        page=page,
    )


@require_POST
@for_roles(*STAFF_ROLES)
def shop_reserve(request: HttpRequest, slug: str) -> HttpResponse:
    """Set how much of its sales is kept back from now on."""
    case = _case(request, slug)
    form = ReserveForm(request.POST)
    return answer_form(
        request,
        lambda: change_reserve(
            owner_id=case.shop.pk, actor=request.user, expected=sent_mark(request), **form.cleaned_data
        ),
        form=form,
        done=lambda wallet: say_and_go(request, _("Saved; its seller was told."), "backoffice:shop", slug),
        page=lambda refusal: _page(request, _case(request, slug), reserve_form=form),
    )


def _case(request: HttpRequest, slug: str) -> ShopCase:
    case = shop_case(request.user, slug)
    if case is None:
        raise Http404
    return case


def _page(
    request: HttpRequest,
    case: ShopCase,
    form: ReasonForm | None = None,
    reserve_form: ReserveForm | None = None,
) -> HttpResponse:
    context = {
        "case": case,
        "shop": case.shop,
        "may_suspend": may(require_suspendable, request.user, case.shop),
        "may_lift": may(require_liftable, request.user, case.shop),
        "form": form or ReasonForm(names="suspend"),
        "is_open": form is not None,
        "reserve_form": reserve_form or ReserveForm(),
        "reserve_is_open": reserve_form is not None,
    }
    return render(request, "backoffice/shop.html", context)


def _link(**wanted: str) -> str:
    query = urlencode({name: value for name, value in wanted.items() if value})
    path = reverse("backoffice:shops")
    return f"{path}?{query}" if query else path
