"""A product's page."""

from collections.abc import Sequence
from itertools import chain
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marketplace.common import money
from marketplace.orders.delivering import columns_of_product, quote_of_piece
from marketplace.products.models import MAX_OPTION_VALUE, options_text
from marketplace.products.prose import as_words
from marketplace.products.selectors import ProductPage, product_page
from marketplace.web.addresses import absolute
from marketplace.web.htmx import render_part, wants_part
from marketplace.web.typed import asked, sent
from shop.cards import draw_cards, join_cards
from shop.structured_data import json_ld, product_group, product_offered

from .around import Crumb, Shelf, category_crumbs, category_url, crumbs_json_ld

PRODUCT_PAGE = "shop/product/page.html"
FEW_LEFT = 5
"""From how many pieces down a product page says "Only … left"."""


@login_not_required
@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """A live product; sold out is shown, anything else that is not for sale is a 404."""
    page = product_page(slug, columns_of_product, request.user.pk)
    if page is None:
        raise Http404
    return show_product(request, page)


def show_product(request: HttpRequest, page: ProductPage, **refused: object) -> HttpResponse:
    """Draw a product's page; where adding it was `refused`, with what was `typed` and the `error` beside it."""
    card = page.card
    choice = page.choose(chosen(request))
    variant = choice.variant
    user = request.user
    is_own = user.is_authenticated and user.pk == card["seller_id"]
    may_buy = not user.is_authenticated or user.may_buy
    # Of the same seller and not similar: no card is shown twice.
    shown = {other["id"] for other in page.similar}
    from_seller = [other for other in page.from_seller if other["id"] not in shown]
    drawn = draw_cards(chain(page.similar, from_seller))
    path = reverse("shop:product", args=[card["slug"]])
    crumbs = [*category_crumbs(page.path), (card["title"], path)]
    address = absolute(path)
    is_part = wants_part(request)
    pictures = page.pictures_of(variant) or ([card["picture"]] if card["picture"] else [])
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
        "variant": variant,
        "options": page.values_beside(choice),
        "choice_text": options_text(page.options, choice.values),
        "can_choose_another": any(other.stock for other in page.variants),
        "swap": is_part,
        "swaps_pictures": is_part and any(other.image_id for other in page.variants),
        "brand": page.brand,
        "pictures": pictures,
        "crumbs": crumbs,
        "summary": Truncator(as_words(card["description"])).chars(155) or card["title"],
        "canonical_url": address,
        "og_image": image,
        "plain_price": money.to_plain(variant.current_price if variant else card["current_price"]),
        "json_ld": "" if is_part else _product_json_ld(page, address, image, crumbs),
        "is_own": is_own,
        "may_buy": may_buy,
        "can_be_added": bool(variant and variant.stock and card["shop_is_open"]) and may_buy and not is_own,
        "delivery": quote_of_piece(card, size_class=variant.size_class, price=variant.current_price)
        if variant
        else None,
        "few_left": FEW_LEFT,
        "most_pieces": min(variant.stock if variant else 0, settings.CART_MAX_PIECES),
        "shelves": shelves,
        "typed": asked(request, "quantity", most=6) if is_part else "",
        **refused,
    }
    response = render_part(request, PRODUCT_PAGE, "choice", context)
    if is_part:
        response["HX-Push-Url"] = choice_url(card["slug"], choice.values)
    return response


def choice_url(slug: str, values: Sequence[str]) -> str:
    """The address of a product's page where these option values are chosen."""
    path = reverse("shop:product", args=[slug])
    query = urlencode([(f"option{place}", value) for place, value in enumerate(values, start=1) if value])
    return f"{path}?{query}" if query else path


def chosen(request: HttpRequest) -> list[str]:
    """The option values that the form or else the address names, in the order of the options; "" for none."""
    read = sent if request.method == "POST" else asked
    return [read(request, f"option{number}", most=MAX_OPTION_VALUE) for number in (1, 2, 3)]


def _product_json_ld(page: ProductPage, address: str, image: str, crumbs: list[Crumb]) -> SafeString:
    card = page.card
    about: dict[str, object] = {
        "name": card["title"],
        "description": as_words(card["description"])[:1000] or card["title"],
        "url": address,
    }
    if image:
        about["image"] = image
    if page.brand:
        about["brand"] = {"@type": "Brand", "name": page.brand.name}
    if card["rating_count"]:
        about["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": f"{card['rating_average'] / 100:.2f}",
            "reviewCount": card["rating_count"],
        }
    offered = [
        product_offered(
            sku=variant.sku,
            gtin=variant.barcode,
            price=variant.current_price,
            in_stock=variant.stock > 0 and card["shop_is_open"],
            address=absolute(choice_url(card["slug"], variant.values)),
            seller=card["seller_name"],
        )
        for variant in page.variants
    ]
    if page.options:
        for data, variant in zip(offered, page.variants, strict=True):
            data["name"] = f"{card['title']} ({' / '.join(variant.values)})"
        names = [name for name, _values in page.options]
        about |= product_group(
            names, [variant.values for variant in page.variants], offered, group=card["slug"]
        )
    else:
        about |= offered[0] if offered else {"@type": "Product"}
    return json_ld(about) + crumbs_json_ld(crumbs)
