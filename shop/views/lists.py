"""The lists of products: of a category, a brand, a seller, a search. Each says what its path pins and what
stands above it; `shop.views.listing` does the rest.
"""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marketplace.common import limits
from marketplace.products.selectors import Listing
from marketplace.web.access import counted_address
from shop.forms.catalogue import clean_text, read_state

from .around import category_crumbs, home_crumb
from .listing import BROWSE_SORTS, SEARCH_SORTS, Place, show_list


@login_not_required
@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """The live products of a category and of everything beneath it."""
    state = read_state(request.GET, sorts=BROWSE_SORTS, pinned=frozenset(["q", "category"]))

    def describe(listing: Listing) -> Place:
        name = listing.category.name
        return Place(
            title=name,
            description=_("%(name)s from many sellers. Your money waits until the parcel is yours.")
            % {"name": name},
            crumbs=category_crumbs(listing.category.path),
        )

    return show_list(request, state, describe, category_slug=slug)


@login_not_required
@require_safe
def brand(request: HttpRequest, slug: str) -> HttpResponse:
    """The live products of an approved brand."""
    state = read_state(request.GET, sorts=BROWSE_SORTS, pinned=frozenset(["q", "brand"]))

    def describe(listing: Listing) -> Place:
        name = listing.brand.name
        return Place(
            title=name,
            description=_("Everything by %(name)s that is for sale here.") % {"name": name},
            crumbs=[home_crumb(), (name, request.path)],
            text=listing.brand.about,
        )

    return show_list(request, state, describe, brand_slug=slug)


@login_not_required
@require_safe
def seller(request: HttpRequest, slug: str) -> HttpResponse:
    """A seller's shop window."""
    state = read_state(request.GET, sorts=BROWSE_SORTS, pinned=frozenset(["q"]))

    def describe(listing: Listing) -> Place:
        shop = listing.seller
        since = date_format(shop.created_at, "F Y")
        return Place(
            title=shop.shop_name,
            description=Truncator(shop.about).chars(150)
            or _("What %(name)s has for sale.") % {"name": shop.shop_name},
            crumbs=[home_crumb(), (shop.shop_name, request.path)],
            header_template="shop/seller/header.html",
            text=shop.about,
            ships_from=shop.ships_from,
            logo=shop.logo_url,
            banner=shop.banner_url,
            since=_("Selling here since %(month)s") % {"month": since},
        )

    return show_list(request, state, describe, seller_slug=slug)


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What the words find; without words, everything there is."""
    limits.hit_cached("search", counted_address(request, settings.TRUSTED_PROXIES))
    has_words = bool(clean_text(request.GET.get("q", "")))
    state = read_state(request.GET, sorts=SEARCH_SORTS if has_words else BROWSE_SORTS)

    def describe(listing: Listing) -> Place:
        if state.text:
            title = _("Results for “%(text)s”") % {"text": listing.corrected or state.text}
        else:
            title = _("On sale now") if state.on_sale else _("Everything in the store")
        return Place(
            title=title,
            description=_("Search the goods of independent sellers."),
            crumbs=[home_crumb(), (title, request.path)],
            header_template="shop/search/header.html",
            asked_for=state.text if listing.corrected else "",
            used=listing.corrected,
        )

    return show_list(request, state, describe)
