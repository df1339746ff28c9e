"""What a courier could carry."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.accounts.models import Role
from marketplace.web.access import for_roles


@require_GET
@for_roles(Role.DELIVERY)
def home(request: HttpRequest) -> HttpResponse:
    """What a courier sees first: the parcels that wait for somebody."""
    return render(request, "courier/available.html")
