"""Cards: what a list shows of a product, as plain dicts from one query (`.values()`, no model objects)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from marketplace.common import clock
from marketplace.common.counts import Count, count_up_to
from marketplace.common.prepared import PreparedByIds
from marketplace.products.models import Product, Variant
from marketplace.products.pictures import picture
from marketplace.products.prices import VARIANT_FIELDS, is_late, shown_prices
from marketplace.products.states import ListingStatus

MOST_COUNTED = 1_000
CARD_FIELDS = (
    "id",
    "slug",
    "title",
    "current_price",
    "price",
    "price_to",
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
SELLER = {
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
    # In one order, so that one list is one statement whatever process asks it.
    return list(queryset.values(*dict.fromkeys((*CARD_FIELDS, *more)), **SELLER))


def fetch_cards(queryset: QuerySet[Product]) -> list[Card]:
    """The cards of `queryset`, in its order: one query, and three more where the price sweep is late."""
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
        if is_late(changes_at, now):
            stale.append(row)
    if stale:
        _refresh(stale, now)
    return rows


def _refresh(cards: list[Card], now: datetime) -> None:
    """Show what a checkout would charge although the sweep has not stored it yet: three queries."""
    variants: dict[int, list[dict[str, Any]]] = {}
    found = Variant.objects.filter(product_id__in=[card["id"] for card in cards], is_offered=True)
    for row in found.order_by("position", "pk").values("id", "product_id", "stock", *VARIANT_FIELDS):
        variants.setdefault(row["product_id"], []).append(row)
    shown = shown_prices([row for rows in variants.values() for row in rows], now)
    for card in cards:
        rows = variants.get(card["id"], [])
        rows = [row for row in rows if row["stock"]] or rows
        if not rows:
            continue
        first = min(rows, key=lambda row: shown[row["id"]].price)
        tag = shown[first["id"]]
        card["price"], card["current_price"], card["lowest_price_30d"] = (
            first["price"],
            tag.price,
            tag.lowest_30d,
        )
        card["price_to"] = max(shown[row["id"]].price for row in rows)
        card["on_sale"] = tag.lowest_30d is not None
        card["version"] = f"{card['version']}.{tag.price}.{card['price_to']}"


def cards_by_ids(ids: Iterable[int]) -> list[Card]:
    """The cards of these products, the live ones among them, in the given order: one query."""
    ids = list(ids)
    by_id = {card["id"]: card for card in finish(_LIVE(ids))}
    return [by_id[pk] for pk in ids if pk in by_id]


_LIVE = PreparedByIds(lambda ids: live_products().filter(pk__in=ids).values(*CARD_FIELDS, **SELLER))
