"""What a buyer bought: the listing of a line as it was then."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from marketplace.accounts.models import ORDERED_ROLES, STAFF_ROLES
from marketplace.orders.models import Shipment
from marketplace.orders.selectors import frozen_listing, orders_for
from marketplace.web.access import for_roles


@require_GET
@for_roles(*ORDERED_ROLES, *STAFF_ROLES)
def line_listing(request: HttpRequest, number: str, shipment: str, position: int) -> HttpResponse:
    """For whoever bought it, and for staff."""
    order = get_object_or_404(orders_for(request.user), number=number)
    frozen = frozen_listing(Shipment.objects.filter(order=order), shipment, position)
    if frozen is None:
        raise Http404
    return render(request, "shop/orders/listing.html", {"frozen": frozen, "order": order})
