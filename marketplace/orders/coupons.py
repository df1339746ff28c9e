"""The coupons in a cart: the pages and the checkout ask the same functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import JSONField, OuterRef, Subquery
from django.db.models.functions import JSONObject

from marketplace.coupons.holding import why_not
from marketplace.coupons.models import Coupon
from marketplace.coupons.reducing import taken_off

from .models import CartCoupon


@dataclass(frozen=True)
class InCart:
    """A seller's coupon in a cart: which one, and the version of it that the shopper was shown."""

    coupon_id: int
    version_seen: int


@dataclass(frozen=True)
class Applied:
    """What a coupon in a cart does to its seller's part now.

    `lines` says what it takes off each line (variant id → minor units); where `why_not` says why it takes nothing, {}.
    """

    coupon: Coupon
    why_not: str = ""
    lines: Mapping[int, int] = field(default_factory=dict)
    off_now: int = 0
    """What it would take off as it is now, where that it was changed is all that stands in its way; else 0."""

    @property
    def is_changed(self) -> bool:
        return bool(self.off_now)

    @property
    def off(self) -> int:
        """What it takes off in all, in minor units."""
        return sum(self.lines.values())


def coupon_column() -> Subquery:
    """The coupon of a line's seller in its cart as one column of a query of lines, for `coupons_in`."""
    mine = CartCoupon.objects.filter(cart=OuterRef("cart_id"), seller=OuterRef("variant__seller_id"))
    said = mine.values(said=JSONObject(id="coupon_id", version="version_seen"))
    return Subquery(said[:1], output_field=JSONField())


def coupons_in(rows: Iterable[Mapping[str, Any]]) -> dict[int, InCart]:
    """Seller → their coupon, of lines with `coupon_column` as `coupon`."""
    return {
        row["seller_id"]: InCart(row["coupon"]["id"], row["coupon"]["version"])
        for row in rows
        if row["coupon"]
    }


def applied(
    coupon: Coupon,
    *,
    costs: Mapping[int, int],
    used_by_person: int,
    now: datetime,
    version_seen: int | None = None,
) -> Applied:
    """What a coupon takes off lines that cost so much (variant id → minor units), or why it does not."""

    def ask(version: int | None) -> str:
        return why_not(
            coupon, now=now, goods=sum(costs.values()), used_by_person=used_by_person, version_seen=version
        )

    if reason := ask(version_seen):
        return Applied(coupon, reason, off_now=0 if ask(None) else sum(taken_off(coupon, costs).values()))
    return Applied(coupon, lines=taken_off(coupon, costs))
