"""Cards: what a list shows of a product, as plain dicts from one query (`.values()`, no model objects)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from marketplace.common import clock
from marketplace.common.counts import Count, count_up_to
from marketplace.products.models import Product
from marketplace.products.pictures import picture
from marketplace.products.prices import shown_prices
from marketplace.products.states import ListingStatus

MOST_COUNTED = 1_000
CARD_FIELDS = (
    "id",
    "slug",
    "title",
    "current_price",
    "price",
    "on_sale",
    "lowest_price_30d",
    "price_changes_at",
    "rating_average",
    "rating_count",
    "in_stock",
    "version",
    "cover_name",
    "cover_width",
    "cover_height",
    "cover_alt",
)
Card = dict[str, Any]  # what a list shows of one product: `CARD_FIELDS`, its seller, its picture
_SELLER = {
    "seller_name": F("seller__seller_profile__shop_name"),
    "seller_slug": F("seller__seller_profile__slug"),
}


def live_products() -> QuerySet[Product]:
    """What shoppers may see."""
    return Product.objects.filter(status=ListingStatus.LIVE)


def count_live_of(seller_id: int) -> Count:
    """How many products of a seller shoppers may see, up to a thousand."""
    return count_up_to(live_products().filter(seller_id=seller_id), MOST_COUNTED)


def card_rows(queryset: QuerySet[Product], *more: str) -> list[Card]:
    """The stored columns of cards, for `finish`; `more` are columns that a list sorts by."""
    return list(queryset.values(*{*CARD_FIELDS, *more}, **_SELLER))


def fetch_cards(queryset: QuerySet[Product]) -> list[Card]:
    """The cards of `queryset`, in its order: one query, and two more where the price sweep is late."""
    return finish(card_rows(queryset))


def finish(rows: list[Card]) -> list[Card]:
    """Give rows of `CARD_FIELDS` their picture, and the price of this moment."""
    now = clock.now()
    stale = []
    for row in rows:
        row["picture"] = picture(
            row.pop("cover_name"), row.pop("cover_width"), row.pop("cover_height"), row.pop("cover_alt")
        )
        changes_at = row.pop("price_changes_at")
        if changes_at is not None and changes_at <= now:
            stale.append(row)
    if stale:
        _refresh(stale, now)
    return rows


def _refresh(cards: list[Card], now: datetime) -> None:
    """Show what a checkout would charge although the sweep has not stored it yet: two queries."""
    shown = shown_prices(cards, now)
    for card in cards:
        tag = shown[card["id"]]
        card["current_price"], card["lowest_price_30d"] = tag.price, tag.lowest_30d
        card["on_sale"] = tag.price < card["price"]
        card["version"] = f"{card['version']}.{tag.price}"


def cards_by_ids(ids: Iterable[int]) -> list[Card]:
    """The cards of these products, the live ones among them, in the given order: one query."""
    ids = list(ids)
    if not ids:
        return []
    by_id = {card["id"]: card for card in fetch_cards(live_products().filter(pk__in=ids))}
    return [by_id[pk] for pk in ids if pk in by_id]
