"""A cart as its pages show it: lines, what there is of each seller, the whole. Nothing here asks the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from marketplace.common.places import Place
from marketplace.orders.coupons import Applied
from marketplace.products.models import full_title
from marketplace.products.pictures import Picture
from marketplace.rates.models import RateTable
from marketplace.rates.pricing import NO_RATES, Quote


@dataclass(frozen=True)
class Door:
    """Where somebody means to have a cart brought; None while nobody knows where that is."""

    place: Place | None


@dataclass(frozen=True)
class CartItem:
    """A line of a cart as it stands now. Prices are of one piece, in minor units."""

    line_id: int
    variant_id: int
    product_id: int
    slug: str
    title: str
    options: str
    seller_id: int
    quantity: int
    stock: int
    is_live: bool
    away_until: datetime | None
    """When its shop sells again, where that is why it cannot be bought now."""
    price: int
    list_price: int
    price_seen: int
    lowest_price_30d: int | None = None
    picture: Picture | None = None
    row: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Where it begins and how large it is (`start_columns`)."""

    @property
    def full_title(self) -> str:
        """What it is, with what was chosen of it."""
        return full_title(self.title, self.options)

    @property
    def is_buyable(self) -> bool:
        """Whether the line counts: paused and sold-out ones are shown and kept out of the total."""
        return self.is_live and self.stock > 0

    @property
    def is_short(self) -> bool:
        """Whether there are fewer pieces than the line wants."""
        return self.is_buyable and self.quantity > self.stock

    @property
    def has_risen(self) -> bool:
        """Whether it costs more than the shopper agreed to, so that they must be asked."""
        return self.is_buyable and self.price > self.price_seen

    @property
    def has_dropped(self) -> bool:
        return self.is_buyable and self.price < self.price_seen

    @property
    def is_reduced(self) -> bool:
        """Whether a reduction is shown (marketplace/products/prices.py)."""
        return self.lowest_price_30d is not None

    @property
    def total(self) -> int:
        return self.price * self.quantity if self.is_buyable else 0


@dataclass(frozen=True)
class SellerPart:
    """What a cart holds of one seller: a shipment to be."""

    seller_id: int
    shop_name: str
    shop_slug: str
    items: list[CartItem] = field(default_factory=list)
    delivery: Quote = NO_RATES
    coupon: Applied | None = None
    delivery_without_coupon: Quote = NO_RATES
    """What it would be without a coupon."""

    @cached_property
    def goods(self) -> int:
        """What the pieces cost that can be bought, without a coupon."""
        return sum(item.total for item in self.items)

    @cached_property
    def costs(self) -> dict[int, int]:
        """The same by variant."""
        return {item.variant_id: item.total for item in self.items if item.is_buyable}

    @property
    def coupon_off(self) -> int:
        """What a coupon takes off the goods."""
        return self.coupon.off if self.coupon else 0

    @property
    def goods_less_coupon(self) -> int:
        """What is paid for the goods."""
        return self.goods - self.coupon_off

    @property
    def total(self) -> int:
        """What would be held for it: the goods less a coupon, and their delivery."""
        return self.goods_less_coupon + self.delivery_price

    @property
    def delivery_price(self) -> int:
        """What its buyer pays for the delivery; nothing where nobody brings it."""
        return 0 if self.delivery.is_too_far else self.delivery.buyer

    @property
    def costs_delivery(self) -> bool:
        """Whether the store has rates, so that a page says what the delivery costs, free or not."""
        return self.is_buyable and self.delivery.table is not None and not self.delivery.is_too_far

    @property
    def coupon_ends_free_delivery(self) -> bool:
        """Whether the delivery costs something for no other reason than what the coupon takes off."""
        without = self.delivery_without_coupon
        is_free_without = without.table is not None and not without.buyer
        return self.costs_delivery and is_free_without and self.delivery.buyer > 0

    @property
    def free_delivery_from(self) -> int:
        """Which amount the goods miss by the coupon alone, so that their delivery is not free.

        0 where they miss none: then its seller offered it, and what the coupon leaves them does not pay for it.
        """
        return self.delivery.free_between(self.goods_less_coupon, self.goods)

    @property
    def saved_by_coupon(self) -> int:
        """What all of it costs less than without the coupon; below zero where the delivery eats up more than that."""
        return self.coupon_off - self.delivery.buyer + self.delivery_without_coupon.buyer

    @property
    def lost_by_coupon(self) -> int:
        """What all of it costs more than without the coupon; 0 where it costs no more."""
        return max(0, -self.saved_by_coupon)

    @property
    def is_buyable(self) -> bool:
        return any(item.is_buyable for item in self.items)


@dataclass(frozen=True)
class CartView:
    """A whole cart as the cart and checkout pages show it."""

    parts: list[SellerPart] = field(default_factory=list)

    @cached_property
    def items(self) -> list[CartItem]:
        return [item for part in self.parts for item in part.items]

    @cached_property
    def buyable_parts(self) -> list[SellerPart]:
        return [part for part in self.parts if part.is_buyable]

    @property
    def has_several_parts(self) -> bool:
        """Whether what is held is held for several sellers."""
        return len(self.buyable_parts) > 1

    @cached_property
    def total(self) -> int:
        """What checking out would cost now, in minor units, as far as the buyer's place is known."""
        return sum(part.total for part in self.parts)

    @cached_property
    def goods(self) -> int:
        return sum(part.goods for part in self.parts)

    @cached_property
    def delivery(self) -> int:
        """How much of the total is for delivery."""
        return sum(part.delivery_price for part in self.parts)

    @cached_property
    def coupon_off(self) -> int:
        """How much coupons take off the goods."""
        return sum(part.coupon_off for part in self.parts)

    @cached_property
    def coupons_in_the_way(self) -> list[SellerPart]:
        """The parts whose coupon takes nothing off any more, which their shopper must be told before they order."""
        return [part for part in self.buyable_parts if part.coupon and part.coupon.why_not]

    @cached_property
    def has_rates(self) -> bool:
        """Whether the store has rates."""
        return any(part.costs_delivery for part in self.parts)

    @cached_property
    def rates(self) -> RateTable | None:
        """The table that its deliveries are worked out by."""
        return next((part.delivery.table for part in self.parts if part.costs_delivery), None)

    @cached_property
    def is_way_known(self) -> bool:
        """Whether it is known for all of it how far it goes; else the price may be higher."""
        return all(part.delivery.is_known for part in self.buyable_parts)

    @cached_property
    def too_far(self) -> list[SellerPart]:
        """The parts that their seller does not bring to where the buyer is."""
        return [part for part in self.parts if part.delivery.is_too_far]

    @cached_property
    def pieces(self) -> int:
        return sum(item.quantity for item in self.items)

    @cached_property
    def seen_lines(self) -> dict[int, int]:
        """What would be ordered: variant id → pieces. The checkout form sends it back."""
        return {item.variant_id: item.quantity for item in self.items if item.is_buyable}

    @cached_property
    def risen(self) -> list[CartItem]:
        return [item for item in self.items if item.has_risen]

    @cached_property
    def goods_are_ready(self) -> bool:
        """Whether nothing of the goods stands between this cart and the checkout, where the address is chosen."""
        is_short = any(item.is_short for item in self.items)
        return bool(self.seen_lines) and not (self.risen or is_short or self.coupons_in_the_way)

    @cached_property
    def is_ready(self) -> bool:
        """Whether it can be ordered to its door."""
        return self.goods_are_ready and not self.too_far
