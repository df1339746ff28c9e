"""Browsing: home, category, brand, seller, search and product pages.

Every list of products is one template and one way of answering (`_show_list`): what differs is what
the path pins (a category, a brand, a seller) and what stands above the list (`Place`).
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marketplace.common import limits, money
from marketplace.products.selectors import (
    PAGE_SIZES,
    SORTS,
    Count,
    Facets,
    Listing,
    ListingQuery,
    Node,
    ProductPage,
    category_covers,
    category_tree,
    home_page,
    list_products,
    product_page,
    suggest,
)
from marketplace.web.access import client_address
from marketplace.web.htmx import render_part, wants_part
from shop.cards import draw_cards, join_cards
from shop.forms.catalogue import ListingState, clean_text, is_canonical, plain_price, read_state
from shop.structured_data import breadcrumb_list, json_ld, offer

LISTING = "shop/listing/page.html"
BROWSE_SORTS = ("newest", "popular", "price", "price-desc", "rating")
SEARCH_SORTS = ("relevance", *BROWSE_SORTS)
FEW_LEFT = 5
"""From how many pieces down a product page says "Only … left"."""
SHARED_SECONDS = 30
"""How long a cache between us and a visitor without cookies may keep a page."""
INSTEAD = 12

Crumb = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Place:
    """What stands above a list of products, and what a search engine reads about it."""

    title: str
    description: str
    crumbs: list[Crumb]
    header_template: str = "shop/listing/header.html"
    text: str = ""
    ships_from: str = ""
    since: str = ""
    asked_for: str = ""
    used: str = ""


@dataclass(frozen=True)
class Chip:
    """An active filter and the address without it."""

    label: str
    url: str


@dataclass(frozen=True)
class Option:
    """A line of a filter: a link (`url`) or a box to tick (`value`)."""

    label: str
    count: str = ""
    value: str = ""
    url: str = ""
    is_chosen: bool = False


@dataclass(frozen=True)
class Nothing:
    """What an empty list says and offers to do next."""

    title: str
    text: str
    url: str
    label: str


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


# --- home and the tree --------------------------------------------------------------------------


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
    address = request.build_absolute_uri(request.path)
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
                    "target": request.build_absolute_uri(everything) + "?q={search_term_string}",
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
    return _shared(request, render(request, "shop/home.html", context))


@login_not_required
@require_safe
def categories(request: HttpRequest) -> HttpResponse:
    """The whole tree as links."""
    crumbs = [home_crumb(), (_("All categories"), request.path)]
    context = {
        "canonical_url": request.build_absolute_uri(request.path),
        "crumbs": crumbs,
        "roots": category_tree().roots,
    }
    return _shared(request, render(request, "shop/listing/categories.html", context))


# --- lists of products --------------------------------------------------------------------------


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

    return _show_list(request, state, describe, category_slug=slug)


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

    return _show_list(request, state, describe, brand_slug=slug)


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
            since=_("Selling here since %(month)s") % {"month": since},
        )

    return _show_list(request, state, describe, seller_slug=slug)


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What the words find; without words, everything there is."""
    limits.hit_cached("search", client_address(request, settings.TRUSTED_PROXIES))
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

    return _show_list(request, state, describe)


def _show_list(
    request: HttpRequest, state: ListingState, describe: Callable[[Listing], Place], **pinned: object
) -> HttpResponse:
    """Answer with a list: the page, its results (HTMX), or what comes next (HTMX's "Show more")."""
    is_part = wants_part(request)
    if not is_part and not is_canonical(request.GET, state):
        return HttpResponseRedirect(state.url(request.path))
    asked = {
        "text": state.text,
        "category_slug": state.category,
        "brand_slugs": state.brands,
        "price_min": state.price_min,
        "price_max": state.price_max,
        "rating_min": state.rating,
        "in_stock": state.in_stock,
        "on_sale": state.on_sale,
        "sort": state.sort or state.default_sort,
        "page_size": state.size or PAGE_SIZES[0],
        "after": state.after,
    }
    listing = list_products(ListingQuery(**(asked | pinned)))
    if listing is None:
        raise Http404
    place = describe(listing)
    drawn = draw_cards(listing.cards)
    context = {
        "state": state,
        "cards_html": join_cards(listing.cards, drawn, eager=not is_part),
        "more_url": state.change(after=listing.next_cursor).url(request.path) if listing.next_cursor else "",
    }
    if is_part and request.htmx.target == "more":
        response = render_part(request, LISTING, "more", context)
        patch_vary_headers(response, ["HX-Target"])
        return response
    chips = _chips(request.path, state, listing)
    context |= {
        "place": place,
        "listing": listing,
        "count_text": _count_text(listing.count),
        "chips": chips,
        "cleared_url": state.without_filters().url(request.path),
        "first_page_url": state.change().url(request.path),
        "sorting_html": _sorting_html(state.default_sort, state.sort, state.size, _words()),
        "filters_html": _filters_html(
            request.path, replace(state, after=""), pickle.dumps(listing.facets), _words(), *pinned
        ),
        "search_text": state.text,
    }
    if not listing.cards:
        context["nothing"] = _nothing(request.path, state)
        if not chips and not state.after:
            context["instead_html"] = _instead()
    if is_part:
        context["swap"] = True
        response = render_part(request, LISTING, "swap", context)
        response["HX-Push-Url"] = state.url(request.path)
        patch_vary_headers(response, ["HX-Target"])
        return response
    only_words = state.without_filters().change(sort="", size=None)
    context |= {
        "canonical_url": request.build_absolute_uri(only_words.url(request.path)),
        "indexed": state.is_plain,
        "json_ld": _crumbs_json_ld(request, place.crumbs),
    }
    return _shared(request, render_part(request, LISTING, "swap", context))


def _count_text(count: Count) -> str:
    if count.is_at_least:
        return _("%(count)s products") % {"count": count}
    return ngettext("%(count)s product", "%(count)s products", count.number) % {"count": count}


def _chips(path: str, state: ListingState, listing: Listing) -> list[Chip]:
    """The active filters, each with the address that lacks it."""
    chips = []

    def add(label: str, **without: object) -> None:
        chips.append(Chip(label, state.change(**without).url(path)))

    if state.category and listing.category:
        add(listing.category.name, category="")
    names = {option.value: option.label for option in listing.facets.brands}
    for slug in state.brands:
        add(names.get(slug, slug), brands=tuple(other for other in state.brands if other != slug))
    low, high = state.price_min, state.price_max
    if low is not None and high is not None:
        prices = {"low": money.format_money(low), "high": money.format_money(high)}
        add(_("%(low)s to %(high)s") % prices, price_min=None, price_max=None)
    elif low is not None:
        add(_("From %(price)s") % {"price": money.format_money(low)}, price_min=None)
    elif high is not None:
        add(_("Up to %(price)s") % {"price": money.format_money(high)}, price_max=None)
    if state.rating:
        add(_stars_label(state.rating), rating=None)
    if state.in_stock:
        add(_("In stock"), in_stock=False)
    if state.on_sale:
        add(_("On sale"), on_sale=False)
    return chips


def _stars_label(stars: int) -> str:
    return ngettext("%(stars)d star and more", "%(stars)d stars and more", stars) % {"stars": stars}


def _words() -> str:
    """What names on a page come from: the language and the category tree."""
    return f"{get_language()} {category_tree().stamp}"


@lru_cache(maxsize=64)
def _sorting_html(default_sort: str, sort: str, size: int | None, words: str) -> str:
    """The choice of an order and a page size, drawn once for each that somebody made."""
    offered = SEARCH_SORTS if default_sort == SEARCH_SORTS[0] else BROWSE_SORTS
    context = {
        "sort": sort,
        "size": size,
        "sorts": [("" if name == default_sort else name, SORTS[name]) for name in offered],
        "sizes": [
            (None if number == PAGE_SIZES[0] else number, _("%(number)d a page") % {"number": number})
            for number in PAGE_SIZES
        ],
    }
    return render_to_string("shop/listing/sorting.html", context)


@lru_cache(maxsize=512)
def _filters_html(path: str, state: ListingState, pickled: bytes, words: str, *pinned: str) -> str:
    """The filters with their counts, as fields that a form sends and links into categories.

    Drawn once a process for the same question and the same counts (`pickled`, which are `Facets`).
    """
    facets: Facets = pickle.loads(pickled)  # noqa: S301  pickled by our caller
    inside = "category_slug" in pinned

    def category_option(slug: str) -> str:
        return state.change().url(category_url(slug)) if inside else state.change(category=slug).url(path)

    here = category_tree().by_slug.get(state.category)
    context = {
        "state": state,
        "price_min": plain_price(state.price_min),
        "price_max": plain_price(state.price_max),
        "currency": money.currency_symbol(),
        "lowest": plain_price(facets.price_low),
        "highest": plain_price(facets.price_high),
        "back": Option(_("All categories"), url=state.change(category="").url(path)) if here else None,
        "here": here,
        "categories": [
            Option(option.label, str(option.count), url=category_option(option.value))
            for option in facets.categories
        ],
        "brands": []
        if "brand_slug" in pinned
        else [
            Option(option.label, str(option.count), option.value, is_chosen=option.is_selected)
            for option in facets.brands
        ],
        "ratings": [
            Option(_stars_label(int(option.value)), str(option.count), option.value, "", option.is_selected)
            for option in facets.ratings
        ],
        "has_ratings": bool(state.rating) or any(option.count.number for option in facets.ratings),
        "in_stock_count": facets.in_stock,
        "on_sale_count": facets.on_sale,
    }
    return render_to_string("shop/listing/filters.html", context)


def _nothing(path: str, state: ListingState) -> Nothing:
    """What an empty list says: why, and the one thing to do next."""
    if state.after:
        first = state.change().url(path)
        return Nothing(
            _("That was everything"), _("There are no more products."), first, _("Back to the first")
        )
    if state.is_filtered:
        return Nothing(
            _("Nothing matches all of these filters"),
            _("Take one away above, or all of them at once."),
            state.without_filters().url(path),
            _("Remove all filters"),
        )
    everything = reverse("shop:search")
    if state.text:
        return Nothing(
            _("Nothing found for “%(text)s”") % {"text": state.text},
            _("Try fewer or other words, or look around."),
            everything,
            _("Browse everything"),
        )
    return Nothing(
        _("Nothing here yet"),
        _("New products arrive every day. Look around meanwhile."),
        everything,
        _("Browse everything"),
    )


def _instead() -> SafeString:
    """What many people bought, for somebody who found nothing."""
    cards = list_products(ListingQuery(sort="popular")).cards[:INSTEAD]
    return join_cards(cards, draw_cards(cards))


# --- suggestions --------------------------------------------------------------------------------


@login_not_required
@require_safe
def search_suggest(request: HttpRequest) -> HttpResponse:
    """What somebody may mean who is typing: options for the search box, or a page of links."""
    limits.hit_cached("suggest", client_address(request, settings.TRUSTED_PROXIES))
    text = clean_text(request.GET.get("q", ""))
    kinds = {
        "category": ("shop:category", _("Category"), "grid"),
        "brand": ("shop:brand", _("Brand"), "tag"),
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


# --- a product ----------------------------------------------------------------------------------


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
    address = request.build_absolute_uri(request.path)
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
    image = request.build_absolute_uri(pictures[0]["src"]) if pictures else ""
    context = {
        "product": card,
        "brand": page.brand,
        "pictures": pictures,
        "crumbs": crumbs,
        "summary": Truncator(" ".join(card["description"].split())).chars(155) or card["title"],
        "canonical_url": address,
        "og_image": image,
        "plain_price": money.to_plain(card["current_price"]),
        "json_ld": _product_json_ld(request, page, address, image, crumbs),
        "is_own": user.is_authenticated and user.pk == card["seller_id"],
        "may_buy": not user.is_authenticated or user.may_buy,
        "few_left": FEW_LEFT,
        "most_pieces": min(card["stock"], settings.CART_MAX_PIECES),
        "shelves": shelves,
    }
    return render(request, "shop/product/page.html", context)


def _product_json_ld(
    request: HttpRequest, page: ProductPage, address: str, image: str, crumbs: list[Crumb]
) -> SafeString:
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
    return json_ld(data) + _crumbs_json_ld(request, crumbs)


def _crumbs_json_ld(request: HttpRequest, crumbs: list[Crumb]) -> SafeString:
    root = request.build_absolute_uri("/").removesuffix("/")
    return json_ld(breadcrumb_list([(name, root + path) for name, path in crumbs]))


def _shared(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let a cache in front of us keep a page for half a minute if nobody in particular asked for it.

    Not what HTMX asked for, which may be a page (going back) or a part of it at the same address.
    """
    made_for_somebody = request.COOKIES or response.cookies or request.META.get("CSRF_COOKIE_NEEDS_UPDATE")
    if response.status_code == 200 and not made_for_somebody and not request.htmx:
        patch_cache_control(response, public=True, max_age=0, s_maxage=SHARED_SECONDS)
    return response
