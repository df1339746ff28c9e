"""Where a parcel is, for whoever was given its link: nobody signs in, and nothing personal is told."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from marketplace.common import limits
from marketplace.delivery.selectors import shipment_by_token, shipment_stamp, track_view
from marketplace.web.access import counted_address
from marketplace.web.htmx import render_part, wants_part
from shop.live import ask_again_with, is_known, look_every, stamp_of


@login_not_required
@require_safe
def track(request: HttpRequest, token: str) -> HttpResponse:
    """The way of one parcel, which the page follows by itself (HTMX: the part that changes, or a 304).

    A link that was changed or is older than 60 days leads nowhere.
    """
    limits.hit_cached("tracking", counted_address(request, settings.TRUSTED_PROXIES))
    shipment = shipment_by_token(token)
    if shipment is None:
        raise Http404
    stamp = stamp_of(shipment_stamp(shipment.pk))
    if wants_part(request) and is_known(request, stamp):
        response = HttpResponseNotModified()
    else:
        context = {
            "track": track_view(shipment),
            "look_every": look_every([shipment.status]),
            "known": ask_again_with(stamp),
        }
        response = render_part(request, "shop/orders/track.html", "live", context)
    response["ETag"] = stamp
    response["Cache-Control"] = "private, no-store"
    # The address is the key: no search engine keeps it, and no other site is told it.
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
