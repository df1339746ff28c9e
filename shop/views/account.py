"""The person's own pages: what the store knows about them and how they sign in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.accounts.models import Profile
from marketplace.accounts.selectors import profile_of, sign_in_of
from marketplace.accounts.services import save_location, save_profile
from marketplace.applications.selectors import latest_application
from marketplace.applications.services import require_may_apply
from marketplace.common.authorisation import may
from marketplace.web.forms import Refusal, answer_form, posted, say_and_go
from marketplace.web.safe_next import safe_next
from shop.forms.account import ProfileForm
from shop.forms.places import LocationForm
from shop.pin_map import pin_map


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What is saved, what is missing, and the ways to guard it."""
    newest = latest_application(request.user.pk)
    context = {
        "profile": request.user.profile,
        "sign_in": sign_in_of(request.user.pk),
        "application": newest,
        "may_apply": may(require_may_apply, request.user, newest),
    }
    return render(request, "shop/account/overview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, phone and time zone."""
    form, back = ProfileForm(posted(request), instance=profile_of(request.user.pk)), safe_next(request)
    return answer_form(
        request,
        lambda: save_profile(user_id=request.user.pk, **form.cleaned_data, actor=request.user),
        form=form,
        done=lambda profile: say_and_go(request, _("Your profile is saved."), back or "shop:account"),
        page=lambda refusal: render(request, "shop/account/profile.html", {"form": form, "next": back}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def location(request: HttpRequest) -> HttpResponse:
    """The pin and the address where parcels go."""
    saved, back = request.user.profile, safe_next(request)
    names = ("location_address", "access_notes", "location_lat", "location_lng")
    initial = {name: getattr(saved, name) for name in names}
    initial["is_rough"] = saved.default_address is not None and saved.default_address.is_rough
    form = LocationForm(posted(request), initial=initial)

    def save() -> Profile:
        return save_location(
            user_id=request.user.pk,
            lat=form.cleaned_data["location_lat"],
            lng=form.cleaned_data["location_lng"],
            address=form.cleaned_data["location_address"],
            access_notes=form.cleaned_data["access_notes"],
            is_rough=form.is_rough,
            actor=request.user,
        )

    def done(profile: Profile) -> HttpResponse:
        sentence = _("Your location is saved. Parcels can find you now.")
        return say_and_go(request, sentence, back or "shop:account")

    def page(refusal: Refusal) -> HttpResponse:
        context = {
            "form": form,
            "next": back,
            "saved": saved,
            "has_way_back": bool(back) or saved.has_location,
            "tiles": pin_map(),
        }
        return render(request, "shop/account/location.html", context)

    return answer_form(request, save, form=form, done=done, page=page)
