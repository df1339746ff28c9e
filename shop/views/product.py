"""A product's page."""

from itertools import chain

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marketplace.common import money
from marketplace.products.selectors import ProductPage, product_page
from marketplace.web.addresses import absolute
from shop.cards import draw_cards, join_cards
from shop.structured_data import json_ld, offer

from .around import Crumb, Shelf, category_crumbs, category_url, crumbs_json_ld

FEW_LEFT = 5
"""From how many pieces down a product page says "Only … left"."""


@login_not_required
@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """A live product; sold out is shown, anything else that is not for sale is a 404."""
    page = product_page(slug)
    if page is None:
        raise Http404
    card = page.card
    user = request.user
    # Of the same seller and not similar: no card is shown twice.
    shown = {other["id"] for other in page.similar}
    from_seller = [other for other in page.from_seller if other["id"] not in shown]
    drawn = draw_cards(chain(page.similar, from_seller))
    crumbs = [*category_crumbs(page.path), (card["title"], request.path)]
    address = absolute(request.path)
    pictures = page.pictures or ([card["picture"]] if card["picture"] else [])
    shelves = []
    if page.similar and page.path:
        node = page.path[-1]
        title = _("More in %(name)s") % {"name": node.name}
        shelves.append(
            Shelf("similar", title, category_url(node.slug), _("See all"), join_cards(page.similar, drawn))
        )
    if from_seller:
        title = _("More from %(name)s") % {"name": card["seller_name"]}
        shop = reverse("shop:seller", args=[card["seller_slug"]])
        shelves.append(Shelf("from-seller", title, shop, _("See all"), join_cards(from_seller, drawn)))
    image = absolute(pictures[0]["src"]) if pictures else ""
    context = {
        "product": card,
        "brand": page.brand,
        "pictures": pictures,
        "crumbs": crumbs,
        "summary": Truncator(" ".join(card["description"].split())).chars(155) or card["title"],
        "canonical_url": address,
        "og_image": image,
        "plain_price": money.to_plain(card["current_price"]),
        "json_ld": _product_json_ld(page, address, image, crumbs),
        "is_own": user.is_authenticated and user.pk == card["seller_id"],
        "may_buy": not user.is_authenticated or user.may_buy,
        "few_left": FEW_LEFT,
        "most_pieces": min(card["stock"], settings.CART_MAX_PIECES),
        "shelves": shelves,
    }
    return render(request, "shop/product/page.html", context)


def _product_json_ld(page: ProductPage, address: str, image: str, crumbs: list[Crumb]) -> SafeString:
    card = page.card
    data = {
        "@type": "Product",
        "name": card["title"],
        "description": card["description"][:1000] or card["title"],
        "sku": card["sku"],
        "url": address,
        "offers": offer(
            price=card["current_price"],
            in_stock=card["stock"] > 0,
            address=address,
            seller=card["seller_name"],
        ),
    }
    if image:
        data["image"] = image
    if page.brand:
        data["brand"] = {"@type": "Brand", "name": page.brand.name}
    if card["rating_count"]:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": f"{card['rating_average'] / 100:.2f}",
            "reviewCount": card["rating_count"],
        }
    return json_ld(data) + crumbs_json_ld(crumbs)
