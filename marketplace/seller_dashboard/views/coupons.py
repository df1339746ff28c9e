"""A seller's coupons: which there are and what they gave, a new one, changing, stopping."""

from collections.abc import Callable
from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.accounts.models import Role, User
from marketplace.common import clock
from marketplace.coupons import services
from marketplace.coupons.models import Coupon
from marketplace.coupons.selectors import coupons_of, uses_of
from marketplace.coupons.shown import mark_of_coupon
from marketplace.coupons.states import TONES, CouponState
from marketplace.orders.selectors import shipments_of_seller
from marketplace.seller_dashboard.forms.coupons import CouponForm, NewCouponForm, said_by
from marketplace.web.access import for_roles
from marketplace.web.forms import Refusal, answer_form, posted, say_and_go
from marketplace.web.typed import sent, sent_mark

ONE = "seller_dashboard:coupon"
USES_SHOWN = 100


@require_GET
@for_roles(Role.SELLER)
def coupons(request: HttpRequest) -> HttpResponse:
    """All of them with their state and their uses, the newest first."""
    rows = [_shown(coupon) for coupon in coupons_of(_me(request).pk)]
    return render(request, "seller_dashboard/coupons.html", {"coupons": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SELLER)
def new_coupon(request: HttpRequest) -> HttpResponse:
    """Make one."""
    form = NewCouponForm(posted(request))

    def make() -> Coupon:
        return services.make_coupon(
            actor=_me(request),
            code=form.cleaned_data["code"],
            terms=form.terms,
            form_key=sent(request, "form_key"),
        )

    def page(refusal: Refusal) -> HttpResponse:
        context = {"form": form, "kept_key": refusal.kept_key}
        return render(request, "seller_dashboard/coupon_new.html", context)

    def done(coupon: Coupon) -> HttpResponse:
        return say_and_go(
            request, _("The coupon %(code)s is made.") % {"code": coupon.code}, ONE, coupon.code
        )

    return answer_form(request, make, form=form, done=done, page=page)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SELLER)
def coupon(request: HttpRequest, code: str) -> HttpResponse:
    """One of them: its terms to change, and each time that it was used."""
    found = _own(request, code)
    form = CouponForm(posted(request), initial=said_by(found))

    def change() -> Coupon:
        return services.change_coupon(
            coupon_id=found.pk, terms=form.terms, actor=_me(request), expected=sent_mark(request)
        )

    return answer_form(
        request,
        change,
        form=form,
        done=lambda coupon: say_and_go(request, _("The coupon is changed."), ONE, coupon.code),
        page=lambda refusal: _page(request, code, form, refusal),
    )


@require_POST
@for_roles(Role.SELLER)
def stop(request: HttpRequest, code: str) -> HttpResponse:
    """Nobody orders with it any more."""
    found = _own(request, code)
    return _answer(
        request,
        code,
        lambda: services.stop_coupon(coupon_id=found.pk, actor=_me(request), expected=sent_mark(request)),
        _("The coupon is stopped."),
    )


@require_POST
@for_roles(Role.SELLER)
def resume(request: HttpRequest, code: str) -> HttpResponse:
    """It holds again."""
    found = _own(request, code)
    return _answer(
        request,
        code,
        lambda: services.resume_coupon(coupon_id=found.pk, actor=_me(request), expected=sent_mark(request)),
        _("The coupon holds again."),
    )


def _answer(request: HttpRequest, code: str, act: Callable[[], Coupon], sentence: str) -> HttpResponse:
    """Do it, or show the coupon as it is now with the reason why not."""

    def page(refusal: Refusal) -> HttpResponse:
        return _page(request, code, CouponForm(initial=said_by(_own(request, code))), refusal)

    return answer_form(
        request, act, done=lambda coupon: say_and_go(request, sentence, ONE, coupon.code), page=page
    )


def _page(request: HttpRequest, code: str, form: CouponForm, refusal: Refusal) -> HttpResponse:
    coupon = _own(request, code)
    uses = uses_of(coupon, most=USES_SHOWN + 1)
    shown = uses[:USES_SHOWN]
    parcels = shipments_of_seller(_me(request)).filter(order__number__in=[use.order_number for use in shown])
    numbers = dict(parcels.values_list("order__number", "number"))
    context = {
        **_shown(coupon),
        "mark": mark_of_coupon(coupon),
        "uses": [(use, numbers.get(use.order_number)) for use in shown],
        "has_more": len(uses) > USES_SHOWN,
        "form": form,
        "error": "" if form.is_bound else refusal.text,
    }
    return render(request, "seller_dashboard/coupon.html", context)


def _shown(coupon: Coupon) -> dict[str, object]:
    state = coupon.state(clock.now())
    return {
        "coupon": coupon,
        "label": state.label,
        "tone": TONES[state],
        "is_stopped": state == CouponState.STOPPED,
    }


def _own(request: HttpRequest, code: str) -> Coupon:
    """404 for a code that they have no coupon with."""
    coupon = coupons_of(_me(request).pk).filter(code=code[:60]).first() if code.isprintable() else None
    if coupon is None:
        raise Http404
    return coupon


def _me(request: HttpRequest) -> User:
    return cast("User", request.user)
