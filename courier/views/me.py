"""What a courier has done."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.accounts.models import Role
from marketplace.web.access import for_roles


@require_GET
@for_roles(Role.DELIVERY)
def me(request: HttpRequest) -> HttpResponse:
    """Done today, this week and ever, and the way to the courier's own pages."""
    return render(request, "courier/me.html")
