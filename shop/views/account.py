"""The person's own pages: what the store knows about them and how they sign in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.accounts.models import Profile
from marketplace.accounts.selectors import profile_of, sign_in_of
from marketplace.accounts.services import save_location, save_profile
from marketplace.web.forms import Refusal, answer_form, posted, say_and_go
from marketplace.web.safe_next import safe_next
from shop.forms.account import LocationForm, ProfileForm


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What is saved, what is missing, and the ways to guard it."""
    context = {"profile": request.user.profile, "sign_in": sign_in_of(request.user.pk)}
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
    initial = {name: getattr(saved, name) for name in LocationForm.base_fields}
    form = LocationForm(posted(request), initial=initial)

    def save() -> Profile:
        return save_location(
            user_id=request.user.pk,
            lat=form.cleaned_data["location_lat"],
            lng=form.cleaned_data["location_lng"],
            address=form.cleaned_data["location_address"],
            access_notes=form.cleaned_data["access_notes"],
            actor=request.user,
        )

    def done(profile: Profile) -> HttpResponse:
        sentence = _("Your location is saved. Parcels can find you now.")
        return say_and_go(request, sentence, back or "shop:account")

    def page(refusal: Refusal) -> HttpResponse:
        tiles = {"url": settings.MAP_TILE_URL, "attribution": settings.MAP_TILE_ATTRIBUTION}
        context = {
            "form": form,
            "next": back,
            "saved": saved,
            "has_way_back": bool(back) or saved.has_location,
            "tiles": tiles,
        }
        return render(request, "shop/account/location.html", context)

    return answer_form(request, save, form=form, done=done, page=page)
