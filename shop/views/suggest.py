"""What the search box suggests."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marketplace.common import limits
from marketplace.products.selectors import suggest
from marketplace.web.access import counted_address
from marketplace.web.htmx import wants_part
from shop.forms.catalogue import clean_text

from .around import home_crumb


@login_not_required
@require_safe
def search_suggest(request: HttpRequest) -> HttpResponse:
    """What somebody may mean who is typing: options for the search box, or a page of links."""
    limits.hit_cached("suggest", counted_address(request, settings.TRUSTED_PROXIES))
    text = clean_text(request.GET.get("q", ""))
    kinds = {
        "category": ("shop:category", _("Category"), "grid"),
        "brand": ("shop:brand", _("Brand"), "tag"),
        "shop": ("shop:seller", _("Shop"), "store"),
        "product": ("shop:product", "", "search"),
    }
    suggestions = []
    for found in suggest(text):
        name, kind, icon = kinds[found.kind]
        suggestions.append(
            {"label": found.label, "url": reverse(name, args=[found.slug]), "kind": kind, "icon": icon}
        )
    if wants_part(request):
        response = render(request, "components/search_suggestions.html", {"suggestions": suggestions})
    else:
        response = render(
            request,
            "shop/search/suggest.html",
            {
                "suggestions": suggestions,
                "search_text": text,
                "crumbs": [home_crumb(), (_("Suggestions"), request.path)],
            },
        )
    patch_vary_headers(response, ["HX-Request"])
    return response
