from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.accounts.models import Role
from marketplace.accounts.selectors import shop_of
from marketplace.common import clock
from marketplace.orders.selectors import seller_desk
from marketplace.points.selectors import points_of
from marketplace.products.selectors import count_live_of
from marketplace.web.access import for_roles


@require_GET
@for_roles(Role.SELLER)
def home(request: HttpRequest) -> HttpResponse:
    """Today: what there is to pack, the oldest first, and how the shop stands."""
    me = request.user
    shop = shop_of(me.pk)
    context = {
        "shop": shop,
        "is_away": shop is not None and shop.is_away(clock.now()),
        "points": points_of(me.pk),
        "listings": count_live_of(me.pk),
        "desk": seller_desk(me),
    }
    return render(request, "seller_dashboard/home.html", context)
