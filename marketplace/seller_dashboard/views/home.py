from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.accounts.models import Role, SellerProfile
from marketplace.orders.selectors import shipments_of_seller
from marketplace.orders.states import BEFORE_PICK_UP, FINAL
from marketplace.points.selectors import points_of
from marketplace.products.selectors import live_products
from marketplace.web.access import for_roles

SHOWN = 10


@require_GET
@for_roles(Role.SELLER)
def home(request: HttpRequest) -> HttpResponse:
    """Today: what there is to pack, the oldest first, and how the shop stands."""
    shipments = shipments_of_seller(request.user)
    to_pack = shipments.filter(status__in=BEFORE_PICK_UP, packed_at=None).order_by("placed_at", "pk")
    waiting = shipments.exclude(status__in=FINAL).aggregate(number=Count("pk"), held=Sum("total"))
    return render(
        request,
        "seller_dashboard/home.html",
        {
            "shop": SellerProfile.objects.filter(user=request.user).first(),
            "points": points_of(request.user.pk),
            "listings": live_products().filter(seller=request.user).count(),
            "held": waiting["held"] or 0,
            "to_pack": to_pack.prefetch_related("lines")[:SHOWN],
            "more": max(0, to_pack.count() - SHOWN),
        },
    )
