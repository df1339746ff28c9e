"""What one seller's parcel costs to deliver. Pure: no query, no clock, no settings; amounts in minor units."""

from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.common.money import percent_of
from marketplace.common.places import Point, distance_m
from marketplace.products.models import SizeClass

from .models import RateTable

METRES_A_KM = 1000
A_MINUTE = 60


@dataclass(frozen=True)
class Terms:
    """Who pays what for a delivery and what its courier earns; `full` is the price before anybody's offer.

    What buyer and seller pay is the store's; out of it, and of its own where that is less, it pays the courier.
    """

    full: int = 0
    buyer: int = 0
    seller: int = 0
    courier: int = 0

    @property
    def store(self) -> int:
        """What stays with the store; below zero where it pays on top."""
        return self.buyer + self.seller - self.courier


@dataclass(frozen=True)
class Quote:
    """The terms of one seller's parcel by a table, and how far it goes (0 where nobody knows)."""

    table: RateTable | None = None
    metres: int = 0
    terms: Terms = Terms()
    is_too_far: bool = False
    is_known: bool = True
    """Whether both places are: else the price is one of no way at all, and "from" stands before it."""
    offer_from: int = 0
    """From goods of which amount on its seller offers to pay it, 0 for never."""

    @property
    def buyer(self) -> int:
        """What its buyer pays, in minor units."""
        return self.terms.buyer

    def free_between(self, less: int, more: int) -> int:
        """The lowest amount from which on it is offered for free that goods of `more` reach and of `less` do not.

        0 where there is none between them.
        """
        offers = (self.table.free_from if self.table else 0, self.offer_from)
        return min((offer for offer in offers if less < offer <= more), default=0)


NO_RATES = Quote()
"""A store without a table: delivery costs nobody anything, and couriers get COURIER_FEE of the store's fees."""


def price_of(table: RateTable, *, metres: int, size_class: str) -> int:
    """The full price: base, way (rounded half up once) and size class of the largest piece."""
    return table.base + way_price(table, metres) + table.extra_of(size_class)


def way_price(table: RateTable, metres: int) -> int:
    """What the way costs, rounded half up once."""
    return (table.per_km * metres + METRES_A_KM // 2) // METRES_A_KM


def earned_by_courier(table: RateTable, full: int) -> int:
    """The full price less the store's share, and no less than the table's least."""
    return max(table.courier_least, full - percent_of(full, table.store_bps))


def terms_of(
    table: RateTable,
    *,
    metres: int,
    size_class: str,
    goods_total: int,
    offer_from: int = 0,
    commission_bps: int = 0,
) -> Terms:
    """Who pays what for goods of `goods_total`. `offer_from` is the seller's own offer, 0 for none.

    The store's offer comes before the seller's. A seller's holds only where the goods, less the commission, pay
    for it; else somebody could offer what others pay.
    """
    full = price_of(table, metres=metres, size_class=size_class)
    courier = earned_by_courier(table, full)
    if table.free_from and goods_total >= table.free_from:
        return Terms(full, 0, 0, courier)
    left = goods_total - percent_of(goods_total, commission_bps)
    if offer_from and goods_total >= offer_from and left >= full:
        return Terms(full, 0, full, courier)
    return Terms(full, full, 0, courier)


def less_of(table: RateTable, before: Terms, *, metres: int, size_class: str, goods_left: int) -> Terms:
    """The terms after pieces were taken out: worked out anew by the same table, and nothing is ever higher.

    `goods_left` is what the goods leave their seller, who never pays more than that.
    """
    full = min(before.full, price_of(table, metres=metres, size_class=size_class))
    return Terms(
        full=full,
        buyer=min(before.buyer, full),
        seller=min(before.seller, full, goods_left),
        courier=min(before.courier, earned_by_courier(table, full)),
    )


def moved(table: RateTable, before: Terms, *, metres_before: int, metres: int) -> Terms:
    """The terms when all of it goes to another door: only the way differs, and what nobody pays more for is cheaper.

    `full` may be higher than before: whoever moves it refuses that.
    """
    full = before.full - way_price(table, metres_before) + way_price(table, metres)
    return Terms(
        full=full,
        buyer=min(before.buyer, full),
        seller=min(before.seller, full),
        courier=min(before.courier, earned_by_courier(table, full)),
    )


def is_too_far(table: RateTable, metres: int) -> bool:
    """Whether nobody delivers that far."""
    return bool(table.max_metres) and metres > table.max_metres


def back_price(table: RateTable, full: int) -> int:
    """What the way back costs, of a delivery whose way there cost `full`."""
    return percent_of(full, table.back_bps)


def waiting_price(table: RateTable, seconds: int) -> int:
    """What it costs that somebody waited so long at the door."""
    paid_for = seconds - table.wait_free * A_MINUTE
    if paid_for <= 0:
        return 0
    return min(table.wait_most, table.wait_fee * -(-paid_for // A_MINUTE))


def quote(
    table: RateTable | None,
    *,
    start: Point | None,
    door: Point | None,
    size_class: str,
    goods_total: int,
    offer_from: int = 0,
    commission_bps: int = 0,
) -> Quote:
    """The terms between two places. A place that nobody has said yet counts as no way at all."""
    if table is None:
        return NO_RATES
    is_known = start is not None and door is not None
    metres = distance_m(start, door) if start is not None and door is not None else 0
    terms = terms_of(
        table,
        metres=metres,
        size_class=size_class,
        goods_total=goods_total,
        offer_from=offer_from,
        commission_bps=commission_bps,
    )
    return Quote(table, metres, terms, is_too_far(table, metres), is_known, offer_from)


def largest(size_classes: Iterable[str]) -> str:
    """The size class of the largest piece; the smallest there is, of no piece."""
    return max(size_classes, key=SizeClass.values.index, default=SizeClass.SMALL)
