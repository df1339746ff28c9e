"""What the store tells search engines: what they may read, and what there is."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from marketplace.products import selectors
from marketplace.web.addresses import absolute

PRODUCTS_A_FILE = 10_000
"""A file covers this many consecutive product ids, so that no file ever needs an OFFSET."""

MAX_FILE_NUMBER = 10**9

_PRIVATE = [
    "/accounts/",
    "/account/",
    "/cart/",
    "/checkout/",
    "/orders/",
    "/wallet/",
    "/earnings/",
    "/notifications/",
]
_WORKPLACES = ["/seller/", "/courier/", "/backoffice/", "/search/suggest/"]

_public = cache_control(public=True, max_age=3600)


@login_not_required
@require_safe
@_public
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _PRIVATE + _WORKPLACES)]
    lines += ["", f"Sitemap: {absolute(reverse('shop:sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def _xml(root: str, entry: str, addresses: Iterable[str]) -> HttpResponse:
    body = "".join(f"<{entry}><loc>{escape(address)}</loc></{entry}>\n" for address in addresses)
    return HttpResponse(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{body}</{root}>\n',
        content_type="application/xml; charset=utf-8",
    )


@login_not_required
@require_safe
@_public
def sitemap_index(request: HttpRequest) -> HttpResponse:
    newest = selectors.live_products().order_by("-pk").values_list("pk", flat=True).first()
    files = [] if newest is None else range(newest // PRODUCTS_A_FILE + 1)
    paths = [reverse("shop:sitemap_pages"), *(reverse("shop:sitemap_products", args=[n]) for n in files)]
    return _xml("sitemapindex", "sitemap", map(absolute, paths))


@login_not_required
@require_safe
@_public
def sitemap_pages(request: HttpRequest) -> HttpResponse:
    paths = [reverse("shop:home"), reverse("shop:categories")]
    paths += [reverse("shop:category", args=[slug]) for slug in selectors.category_tree().by_slug]
    paths += [reverse("shop:brand", args=[slug]) for slug in selectors.brand_slugs()]
    paths += [reverse("shop:seller", args=[slug]) for slug in selectors.seller_slugs()]
    return _xml("urlset", "url", map(absolute, paths))


@login_not_required
@require_safe
@_public
def sitemap_products(request: HttpRequest, number: int) -> HttpResponse:
    if number > MAX_FILE_NUMBER:
        raise Http404
    first = number * PRODUCTS_A_FILE
    slugs = (
        selectors.live_products()
        .filter(pk__gte=first, pk__lt=first + PRODUCTS_A_FILE)
        .order_by("pk")
        .values_list("slug", flat=True)
    )
    paths = (reverse("shop:product", args=[slug]) for slug in slugs)
    return _xml("urlset", "url", map(absolute, paths))
