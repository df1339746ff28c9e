"""What a courier carries."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.accounts.models import Role
from marketplace.web.access import for_roles


@require_GET
@for_roles(Role.DELIVERY)
def jobs(request: HttpRequest) -> HttpResponse:
    """The courier's parcels in the order of their stops."""
    return render(request, "courier/jobs.html")
