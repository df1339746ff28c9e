"""What every page of the storefront has around it: the way back up, and how long it may be kept."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from marketplace.products.selectors import Node
from marketplace.web.addresses import absolute
from shop.structured_data import breadcrumb_list, json_ld

SHARED_SECONDS = 30
"""How long a cache between us and a visitor without cookies may keep a page."""

Crumb = tuple[str, str]


@dataclass(frozen=True)
class Shelf:
    """A row of cards with a title and the way to all of them."""

    name: str
    title: str
    url: str
    label: str
    html: SafeString


def home_crumb() -> Crumb:
    return _("Home"), reverse("shop:home")


def category_url(slug: str) -> str:
    return reverse("shop:category", args=[slug])


def category_crumbs(path: tuple[Node, ...]) -> list[Crumb]:
    return [home_crumb(), *((node.name, category_url(node.slug)) for node in path)]


def crumbs_json_ld(crumbs: list[Crumb]) -> SafeString:
    return json_ld(breadcrumb_list([(name, absolute(path)) for name, path in crumbs]))


def shared(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let a cache in front of us keep a page for half a minute if nobody in particular asked for it.

    Not what HTMX asked for, which may be a page (going back) or a part of it at the same address.
    """
    made_for_somebody = request.COOKIES or response.cookies or request.META.get("CSRF_COOKIE_NEEDS_UPDATE")
    if response.status_code == 200 and not made_for_somebody and not request.htmx:
        patch_cache_control(response, public=True, max_age=0, s_maxage=SHARED_SECONDS)
    return response
