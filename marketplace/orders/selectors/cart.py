"""What is read of carts."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import F, Sum

from marketplace.common import clock
from marketplace.common.places import Place
from marketplace.coupons.models import Coupon
from marketplace.coupons.selectors import times_used
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.coupons import Applied, applied, coupon_column, coupons_in
from marketplace.orders.delivering import Piece, quotes_of
from marketplace.orders.models import CartLine
from marketplace.products.buying import open_now
from marketplace.products.models import options_text
from marketplace.products.prices import VARIANT_FIELDS, Shown, is_late, shown_prices
from marketplace.products.states import ListingStatus
from marketplace.rates.pricing import NO_RATES
from marketplace.rates.selectors import newest_column, start_columns, table_in

from .cart_parts import CartItem, CartView, Door, SellerPart
from .pictures import first_pictures


def cart_view(cart: CartRef | None, door: Door | None = None) -> CartView:
    """The cart, grouped by seller in the order in which their goods came in, with what bringing it to `door` costs.

    Without a door, to the default address of whose cart it is. Two queries (four right at the edge of a price window),
    one more with a coupon.
    """
    if cart is None:
        return CartView()
    rows = list(
        CartLine.objects.filter(cart.where("cart__"))
        .order_by("pk")
        .values(
            "pk",
            "variant_id",
            "quantity",
            "price_seen",
            *(f"variant__{name}" for name in VARIANT_FIELDS),
            *(f"variant__{name}" for name in ("option1", "option2", "option3", "stock", "is_offered")),
            seller_id=F("variant__seller_id"),
            product_id=F("variant__product_id"),
            slug=F("variant__product__slug"),
            title=F("variant__product__title"),
            names=F("variant__product__options"),
            status=F("variant__product__status"),
            changes_at=F("variant__product__price_changes_at"),
            is_open=open_now("variant__seller__seller_profile"),
            suspended_at=F("variant__seller__seller_profile__suspended_at"),
            away_until=F("variant__seller__seller_profile__away_until"),
            shop_name=F("variant__seller__seller_profile__shop_name"),
            shop_slug=F("variant__seller__seller_profile__slug"),
            door_lat=F("cart__user__profile__location_lat"),
            door_lng=F("cart__user__profile__location_lng"),
            rates=newest_column(),
            coupon=coupon_column(),
            **start_columns("variant__"),
        )
    )
    now = clock.now()
    # The column is right up to the next edge of a price window; past it the windows are read themselves.
    due = [
        {"id": row["variant_id"], **{name: row[f"variant__{name}"] for name in VARIANT_FIELDS}}
        for row in rows
        if is_late(row["changes_at"], now)
    ]
    fresh = shown_prices(due, now) if due else {}
    pictures = first_pictures(row["variant_id"] for row in rows)
    parts: dict[int, SellerPart] = {}
    for row in rows:
        seller_id = row["seller_id"]
        part = parts.setdefault(
            seller_id, SellerPart(seller_id, row["shop_name"] or "", row["shop_slug"] or "")
        )
        tag = fresh.get(row["variant_id"]) or Shown(
            row["variant__current_price"], row["variant__lowest_price_30d"]
        )
        is_listed = row["status"] == ListingStatus.LIVE and row["variant__is_offered"]
        is_away = is_listed and not row["is_open"] and not row["suspended_at"]
        values = [row[f"variant__{name}"] for name in ("option1", "option2", "option3")]
        part.items.append(
            CartItem(
                line_id=row["pk"],
                variant_id=row["variant_id"],
                product_id=row["product_id"],
                slug=row["slug"],
                title=row["title"],
                options=options_text(row["names"], values),
                seller_id=seller_id,
                quantity=row["quantity"],
                stock=row["variant__stock"],
                is_live=bool(is_listed and row["is_open"]),
                away_until=row["away_until"] if is_away else None,
                price=tag.price,
                list_price=row["variant__price"],
                price_seen=row["price_seen"],
                lowest_price_30d=tag.lowest_30d,
                picture=pictures.get(row["variant_id"]),
                row=row,
            )
        )
    return CartView(_with_delivery(_with_coupons(parts, rows, cart.user_id, now), rows, door))


def _with_coupons(
    parts: dict[int, SellerPart], rows: list[dict[str, Any]], person_id: int | None, now: datetime
) -> list[SellerPart]:
    """The parts with what their coupons take off. One query, where there is a coupon at all."""
    in_cart = coupons_in(rows)
    if not in_cart:
        return list(parts.values())
    found = Coupon.objects.filter(pk__in={one.coupon_id for one in in_cart.values()})
    coupons = found.annotate(times=times_used(person_id)).in_bulk()

    def on(part: SellerPart) -> Applied | None:
        one = in_cart.get(part.seller_id)
        if one is None or not part.costs:
            return None
        coupon = coupons[one.coupon_id]
        return applied(
            coupon,
            costs=part.costs,
            used_by_person=coupon.times,  # annotated above
            now=now,
            version_seen=one.version_seen,
        )

    return [replace(part, coupon=on(part)) for part in parts.values()]


def _with_delivery(
    parts: list[SellerPart], rows: list[dict[str, Any]], door: Door | None
) -> list[SellerPart]:
    """The parts with what bringing them to the door costs."""
    pieces = _pieces(parts)
    if not pieces:
        return parts
    place = door.place if door else Place.if_known(rows[0]["door_lat"], rows[0]["door_lng"])
    table = table_in(rows[0])
    quotes = quotes_of(table, pieces, place)
    without = quotes_of(table, _pieces([part for part in parts if part.coupon_off], by_coupon=False), place)
    return [
        replace(
            part,
            delivery=quotes.get(part.seller_id, NO_RATES),
            delivery_without_coupon=(quotes | without).get(part.seller_id, NO_RATES),
        )
        for part in parts
    ]


def _pieces(parts: list[SellerPart], *, by_coupon: bool = True) -> list[Piece]:
    """What would be brought of these parts, at what it costs with its coupon or without."""
    return [
        Piece(part.seller_id, item.total - (_off(part, item) if by_coupon else 0), item.row)
        for part in parts
        for item in part.items
        if item.is_buyable
    ]


def _off(part: SellerPart, item: CartItem) -> int:
    """What a coupon takes off a line."""
    return part.coupon.lines.get(item.variant_id, 0) if part.coupon else 0


def cart_count(cart: CartRef | None) -> int:
    """How many pieces the cart holds."""
    if cart is None:
        return 0
    return CartLine.objects.filter(cart.where("cart__")).aggregate(n=Sum("quantity"))["n"] or 0


def is_somebody_elses(cart: CartRef | None, line_id: int) -> bool:
    """Whether this is a line of another cart than whoever asks has; one that is gone is nobody's."""
    lines = CartLine.objects.filter(pk=line_id)
    return (lines.exclude(cart.where("cart__")) if cart else lines).exists()
