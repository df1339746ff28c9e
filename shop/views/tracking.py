"""Where a parcel is, for whoever was given its link: nobody signs in, and nothing personal is told."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace.common import limits
from marketplace.delivery.selectors import shipment_by_token, track_view
from marketplace.web.access import client_address


@login_not_required
@require_safe
def track(request: HttpRequest, token: str) -> HttpResponse:
    """The way of one parcel. A link that was changed or is older than 60 days leads nowhere."""
    limits.hit_cached("tracking", client_address(request, settings.TRUSTED_PROXIES))
    shipment = shipment_by_token(token)
    if shipment is None:
        raise Http404
    response = render(request, "shop/orders/track.html", {"track": track_view(shipment)})
    response["Cache-Control"] = "private, no-store"
    # The address is the key: no search engine keeps it, and no other site is told it.
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
