"""The home page and the page of all categories."""

from itertools import chain

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marketplace.products.selectors import category_covers, category_tree, home_page
from marketplace.web.addresses import absolute
from shop.cards import draw_cards, join_cards
from shop.structured_data import json_ld

from .around import Shelf, category_url, home_crumb, shared


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    found = home_page()
    drawn = draw_cards(chain(found.on_sale, found.new, found.popular))
    covers = category_covers()
    everything = reverse("shop:search")
    rows = [
        ("on-sale", _("On sale now"), f"{everything}?on_sale=1", _("Everything on sale"), found.on_sale),
        ("new", _("New arrivals"), everything, _("Everything new"), found.new),
        (
            "popular",
            _("Popular right now"),
            f"{everything}?sort=popular",
            _("All by popularity"),
            found.popular,
        ),
    ]
    address = absolute(request.path)
    context = {
        "canonical_url": address,
        "description": _("A marketplace where your money waits until the parcel is in your hands."),
        "json_ld": json_ld(
            {
                "@type": "WebSite",
                "name": settings.SITE_NAME,
                "url": address,
                "potentialAction": {
                    "@type": "SearchAction",
                    "target": absolute(everything) + "?q={search_term_string}",
                    "query-input": "required name=search_term_string",
                },
            }
        ),
        "everything_url": everything,
        "on_sale_url": f"{everything}?on_sale=1",
        "on_sale": found.on_sale,
        "hero_cards": [card for card in found.popular if card["picture"]][:3],
        "tiles": [
            {"name": node.name, "url": category_url(node.slug), "picture": covers.get(node.id)}
            for node in found.categories
        ],
        "shelves": [
            Shelf(name, title, url, label, join_cards(cards, drawn))
            for name, title, url, label, cards in rows
            if cards
        ],
        "empty_title": _("The shelves are still empty"),
        "empty_text": _("The first sellers are unpacking. Please come back soon."),
    }
    return shared(request, render(request, "shop/home.html", context))


@login_not_required
@require_safe
def categories(request: HttpRequest) -> HttpResponse:
    """The whole tree as links."""
    crumbs = [home_crumb(), (_("All categories"), request.path)]
    context = {
        "canonical_url": absolute(request.path),
        "crumbs": crumbs,
        "roots": category_tree().roots,
    }
    return shared(request, render(request, "shop/listing/categories.html", context))
