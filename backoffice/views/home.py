from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.accounts.models import STAFF_ROLES
from marketplace.web.access import for_roles


@require_GET
@for_roles(*STAFF_ROLES)
def home(request: HttpRequest) -> HttpResponse:
    """What an admin sees first."""
    return render(request, "backoffice/home.html")
