"""A shop's settings: what it says, its pictures, where couriers pick up, and when its seller is away."""

from collections.abc import Callable

from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.accounts.models import Role, SellerProfile, User
from marketplace.accounts.pick_ups import PickUp, default_pick_up
from marketplace.accounts.selectors import shop_of
from marketplace.accounts.shops import come_back, go_away, save_shop, set_small_business
from marketplace.accounts.shown import mark_of_shop, mark_of_tax, mark_of_vacation
from marketplace.applications.pictures import SIZES
from marketplace.applications.services import remove_shop_picture, save_shop_picture
from marketplace.common import clock
from marketplace.common.moments import midnight
from marketplace.common.tax import rates_in_force
from marketplace.rates.selectors import current_table, offer_of
from marketplace.rates.services import offer_free_delivery
from marketplace.seller_dashboard.forms.shop import (
    FreeDeliveryForm,
    PictureForm,
    ShopForm,
    TaxForm,
    VacationForm,
)
from marketplace.web.access import for_roles
from marketplace.web.bodies import MOST_WITH_PHOTO, takes
from marketplace.web.forms import FRESH, Refusal, answer_form, say_and_go
from marketplace.web.typed import is_sent, sent_mark

HERE = "seller_dashboard:settings"


@require_GET
@for_roles(Role.SELLER)
def settings(request: HttpRequest) -> HttpResponse:
    """All of it, a part below the other."""
    return _page(request)


@require_POST
@for_roles(Role.SELLER)
def settings_shop(request: HttpRequest) -> HttpResponse:
    """Name, text, where from."""
    _shop(request)
    form = ShopForm(request.POST)
    return _answer(
        request,
        "shop",
        form,
        lambda: save_shop(
            user_id=_me(request).pk, **form.cleaned_data, actor=_me(request), expected=sent_mark(request)
        ),
        _("Your shop is saved."),
    )


@takes(MOST_WITH_PHOTO)
@require_POST
@for_roles(Role.SELLER)
def settings_picture(request: HttpRequest, place: str) -> HttpResponse:
    """Show another logo or banner, or none."""
    _shop(request)
    if place not in SIZES:
        raise Http404
    if is_sent(request, "remove"):
        return _answer(
            request,
            place,
            None,
            lambda: remove_shop_picture(user_id=_me(request).pk, place=place, actor=_me(request)),
            _("The picture is gone."),
        )
    form = PictureForm(request.POST, request.FILES, place=place)
    return _answer(
        request,
        place,
        form,
        lambda: save_shop_picture(
            user_id=_me(request).pk, place=place, file=form.cleaned_data["file"], actor=_me(request)
        ),
        _("Your shop shows it now."),
    )


@require_POST
@for_roles(Role.SELLER)
def settings_vacation(request: HttpRequest) -> HttpResponse:
    """Away from one day until another."""
    _shop(request)
    form = VacationForm(request.POST)
    return _answer(
        request,
        "vacation",
        form,
        lambda: go_away(
            user_id=_me(request).pk,
            away_from=midnight(form.cleaned_data["away_from"]),
            away_until=midnight(form.cleaned_data["away_until"]),
            note=form.cleaned_data["away_note"],
            actor=_me(request),
            expected=sent_mark(request),
        ),
        _("Noted. Your shop comes back by itself."),
    )


@require_POST
@for_roles(Role.SELLER)
def settings_back(request: HttpRequest) -> HttpResponse:
    """Back already, or not going at all."""
    _shop(request)
    return _answer(
        request,
        "vacation",
        None,
        lambda: come_back(user_id=_me(request).pk, actor=_me(request), expected=sent_mark(request)),
        _("Your shop sells again."),
    )


@require_POST
@for_roles(Role.SELLER)
def settings_delivery(request: HttpRequest) -> HttpResponse:
    """Pay the delivery of larger orders, or do so no more."""
    _shop(request)
    form = FreeDeliveryForm(request.POST)
    return _answer(
        request,
        "delivery",
        form,
        lambda: offer_free_delivery(actor=_me(request), free_from=form.cleaned_data["free_from"]),
        _("Your offer holds for what is ordered from now on."),
    )


@require_POST
@for_roles(Role.SELLER)
def settings_tax(request: HttpRequest) -> HttpResponse:
    """A small business that charges no tax, or not."""
    _shop(request)
    form = TaxForm(request.POST)
    return _answer(
        request,
        "tax",
        form,
        lambda: set_small_business(
            user_id=_me(request).pk, **form.cleaned_data, actor=_me(request), expected=sent_mark(request)
        ),
        _("Noted for what is ordered from now on."),
    )


def _answer(
    request: HttpRequest,
    part: str,
    form: BaseForm | None,
    call: Callable[[], object],
    done: str,
) -> HttpResponse:
    return answer_form(
        request,
        call,
        form=form,
        done=lambda result: say_and_go(request, done, HERE),
        page=lambda refusal: _page(request, {part: form} if form is not None else {}, refusal),
    )


def _me(request: HttpRequest) -> User:
    """Who is signed in: `for_roles` has asked."""
    assert isinstance(request.user, User)
    return request.user


def _shop(request: HttpRequest) -> SellerProfile:
    shop = shop_of(_me(request).pk)
    if shop is None:
        raise Http404
    return shop


def _page(
    request: HttpRequest, sent: dict[str, BaseForm] | None = None, refusal: Refusal = FRESH
) -> HttpResponse:
    """The page as things are now; the form that was sent keeps what was typed."""
    shop, now, forms = _shop(request), clock.now(), sent or {}
    offer = offer_of(shop.pk)
    context = {
        "shop": shop,
        "has_offer": bool(offer or current_table()),
        "delivery_form": forms.get("delivery") or FreeDeliveryForm(initial={"free_from": offer}),
        "pick_up": default_pick_up(_me(request).pk) or PickUp.of_home(_me(request).profile),
        "is_away": shop.is_away(now),
        "shop_form": forms.get("shop") or ShopForm.of(shop),
        "vacation_form": forms.get("vacation") or VacationForm.of(shop),
        "pictures": [
            (place, getattr(shop, f"{place}_url"), size, forms.get(place) or PictureForm(place=place))
            for place, size in SIZES.items()
        ],
        "shows_tax": bool(rates_in_force()) or shop.is_small_business,
        "tax_form": forms.get("tax") or TaxForm(initial={"is_small_business": shop.is_small_business}),
        "tax_mark": mark_of_tax(shop),
        "shop_mark": mark_of_shop(shop),
        "vacation_mark": mark_of_vacation(shop),
        "refused": "" if sent else refusal.text,
    }
    return render(request, "seller_dashboard/settings.html", context)
