"""Views that refuse, each in another way, and the store's own pages around them."""

from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from marketplace.common.errors import Busy, Conflicts, Invalid, TooMany
from marketplace.web.access import for_roles

ERRORS = {
    "invalid": Invalid("Please type a number."),
    "conflicts": Conflicts("Your cart has changed.", ["Only 2 lamps are left.", "The chair costs more now."]),
    "too-many": TooMany("Please wait a minute.", retry_after=60),
    "busy": Busy("The store is busy."),
}


@login_not_required
def refuse(request: HttpRequest, kind: str):
    raise ERRORS[kind]


@login_not_required
def crash(request: HttpRequest):
    raise RuntimeError("a bug")


AWAY = {"locked": "database is locked", "gone": "unable to open database file"}


@login_not_required
def away(request: HttpRequest, kind: str):
    raise OperationalError(AWAY[kind])


@for_roles("seller")
def sellers_only(request: HttpRequest):
    return HttpResponse("yours")


urlpatterns = [
    path("refuse/<slug:kind>", refuse),
    path("crash", crash),
    path("away/<slug:kind>", away),
    path("sellers", sellers_only),
    path("accounts/", include("marketplace.web.urls_accounts")),
    path("seller/", include("marketplace.seller_dashboard.urls")),
    path("courier/", include("courier.urls")),
    path("backoffice/", include("backoffice.urls")),
    path("", include("shop.urls")),
]
handler403 = "marketplace.web.errors.forbidden"
handler404 = "marketplace.web.errors.not_found"
handler500 = "marketplace.web.errors.broken"
