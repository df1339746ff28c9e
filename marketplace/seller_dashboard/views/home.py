from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.accounts.models import Role, SellerProfile
from marketplace.web.access import for_roles


@require_GET
@for_roles(Role.SELLER)
def home(request: HttpRequest) -> HttpResponse:
    """Today: what there is to do first."""
    shop = SellerProfile.objects.filter(user=request.user).first()
    return render(request, "seller_dashboard/home.html", {"shop": shop})
