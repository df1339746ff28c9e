"""The person's own pages: what the store knows about them and how they sign in."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.accounts.selectors import profile_of, sign_in_of
from marketplace.accounts.services import save_location, save_profile
from marketplace.common.errors import Invalid
from marketplace.web.safe_next import safe_next
from marketplace.web.see_other import see_other
from shop.forms.account import LocationForm, ProfileForm


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What is saved, what is missing, and the ways to guard it."""
    context = {"profile": request.user.profile, "sign_in": sign_in_of(request.user.pk)}
    return render(request, "shop/account/overview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, phone and time zone."""
    typed = request.POST if request.method == "POST" else None
    form = ProfileForm(typed, instance=profile_of(request.user.pk))
    back = safe_next(request)
    if form.is_valid():
        try:
            save_profile(user_id=request.user.pk, **form.cleaned_data)
        except Invalid as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("Your profile is saved."))
            return see_other(back or "shop:account")
    status = 422 if form.errors else 200
    return render(request, "shop/account/profile.html", {"form": form, "next": back}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def location(request: HttpRequest) -> HttpResponse:
    """The pin and the address where parcels go."""
    typed = request.POST if request.method == "POST" else None
    saved = request.user.profile
    form = LocationForm(typed, initial={name: getattr(saved, name) for name in LocationForm.base_fields})
    back = safe_next(request)
    if form.is_valid():
        try:
            save_location(
                user_id=request.user.pk,
                lat=form.cleaned_data["location_lat"],
                lng=form.cleaned_data["location_lng"],
                address=form.cleaned_data["location_address"],
                access_notes=form.cleaned_data["access_notes"],
            )
        except Invalid as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("Your location is saved. Parcels can find you now."))
            return see_other(back or "shop:account")
    context = {
        "form": form,
        "next": back,
        "saved": saved,
        "tiles": {"url": settings.MAP_TILE_URL, "attribution": settings.MAP_TILE_ATTRIBUTION},
    }
    return render(request, "shop/account/location.html", context, status=422 if form.errors else 200)
