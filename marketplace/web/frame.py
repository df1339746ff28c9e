"""Small answers that browsers ask of every site."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For what asks without reading the page's <link rel="icon">."""
    return HttpResponsePermanentRedirect(static("img/icon-192.png"))
