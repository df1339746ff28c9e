"""Every list of products is one template and one way of answering (`show_list`)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from marketplace.common import money
from marketplace.products.selectors import (
    PAGE_SIZES,
    SORTS,
    Count,
    Facets,
    Listing,
    ListingQuery,
    category_tree,
    list_products,
)
from marketplace.web.addresses import absolute
from marketplace.web.htmx import render_part, wants_part
from shop.cards import draw_cards, join_cards
from shop.forms.catalogue import ListingState, is_canonical, plain_price

from .around import Crumb, category_url, crumbs_json_ld, shared

LISTING = "shop/listing/page.html"
BROWSE_SORTS = ("newest", "popular", "price", "price-desc", "rating")
SEARCH_SORTS = ("relevance", *BROWSE_SORTS)
INSTEAD = 12


@dataclass(frozen=True, kw_only=True)
class Place:
    """What stands above a list of products, and what a search engine reads about it."""

    title: str
    description: str
    crumbs: list[Crumb]
    header_template: str = "shop/listing/header.html"
    text: str = ""
    ships_from: str = ""
    logo: str = ""
    banner: str = ""
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


def show_list(
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
        "options": state.options,
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
            request.path, replace(state, after=""), listing.facets, _words(), *pinned
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
        "canonical_url": absolute(only_words.url(request.path)),
        "indexed": state.is_plain,
        "json_ld": crumbs_json_ld(place.crumbs),
    }
    return shared(request, render_part(request, LISTING, "swap", context))


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
    for text in state.options:
        others = tuple(other for other in state.options if other != text)
        add(text.replace(":", ": ", 1), options=others)
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
def _filters_html(path: str, state: ListingState, facets: Facets, words: str, *pinned: str) -> str:
    """The filters with their counts, as fields that a form sends and links into categories.

    Drawn once a process for the same question and the same counts.
    """
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
        "options": [
            (
                facet.name,
                [
                    Option(option.label, str(option.count), option.value, is_chosen=option.is_selected)
                    for option in facet.values
                ],
            )
            for facet in facets.options
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
