"""Becoming a seller or a courier: applying, reading what became of it, changing it, taking it back."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marketplace.accounts.models import Role
from marketplace.applications import services
from marketplace.applications.models import Wanted
from marketplace.applications.selectors import OwnApplication, application_of, latest_application
from marketplace.applications.wishes import wish_of
from marketplace.web.access import for_roles
from marketplace.web.forms import FRESH, Refusal, answer_form, posted, say_and_go
from marketplace.web.typed import sent, sent_mark
from shop.forms.applications import DeliverForm, SellForm
from shop.pin_map import pin_map

FORMS: dict[str, type[SellForm | DeliverForm]] = {Wanted.SELLER: SellForm, Wanted.COURIER: DeliverForm}


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.USER)
def apply(request: HttpRequest, role: str) -> HttpResponse:
    """Apply to sell or to deliver. Who waits for a decision is led to it."""
    newest = latest_application(request.user.pk)
    if request.method != "POST" and newest is not None and newest.is_open:
        return redirect("shop:application")
    form = FORMS[role](posted(request), initial=_known(request, role))

    def page(refusal: Refusal) -> HttpResponse:
        context = _shown(role) | {"form": form, "kept_key": refusal.kept_key}
        return render(request, "shop/account/apply.html", context)

    return answer_form(
        request,
        lambda: services.apply(wish=form.wish, form_key=sent(request, "form_key"), actor=request.user),
        form=form,
        done=lambda made: say_and_go(
            request, _("Thank you. We look at it and tell you here and by mail."), "shop:application"
        ),
        page=page,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def application(request: HttpRequest) -> HttpResponse:
    """The newest application of the person: where it is, why, and what can be done; a POST sends it again."""
    own = _own(request)
    row = own.application
    form = FORMS[row.role](posted(request), initial=wish_of(row))
    return answer_form(
        request,
        lambda: services.send_again(
            application_id=row.pk, wish=form.wish, actor=request.user, expected=sent_mark(request)
        ),
        form=form,
        done=lambda made: say_and_go(request, _("Thank you. We look at it once more."), "shop:application"),
        page=lambda refusal: _page(request, form, refusal),
    )


@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take it back; another one may follow."""
    own = _own(request)
    return answer_form(
        request,
        lambda: services.withdraw_application(
            application_id=own.application.pk, actor=request.user, expected=sent_mark(request)
        ),
        done=lambda made: say_and_go(request, _("Your application is withdrawn."), "shop:application"),
        page=lambda refusal: _page(request, None, refusal),
    )


def _own(request: HttpRequest) -> OwnApplication:
    own = application_of(request.user)
    if own is None:
        raise Http404
    return own


def _page(request: HttpRequest, form: SellForm | DeliverForm | None, refusal: Refusal) -> HttpResponse:
    own = _own(request)
    row = own.application
    if form is None or not row.may_be_changed:
        refused = refusal.text if refusal is not FRESH else ""
        form = FORMS[row.role](initial=wish_of(row))
    else:
        refused = ""
    context = _shown(row.role) | {"own": own, "application": row, "form": form, "refused": refused}
    return render(request, "shop/account/application.html", context)


def _shown(role: str) -> dict[str, object]:
    return {
        "role": role,
        "is_for_shop": role == Wanted.SELLER,
        "ship_by_days": settings.SHIP_BY_DAYS,
        "most_parcels": settings.COURIER_MAX_ACTIVE,
        "tiles": pin_map(),
    }


def _known(request: HttpRequest, role: str) -> dict[str, object]:
    """What the store knows of the person already."""
    profile = request.user.profile
    if role == Wanted.COURIER:
        return {"name": profile.name, "phone": profile.phone}
    places = ("location_address", "access_notes", "location_lat", "location_lng")
    return {name: getattr(profile, name) for name in places}
