"""What an order does with coupons: a use is written with it, and given back with it.

Inner steps, without a transaction of their own. `lock_coupons` comes before the variants' locks.
"""

from collections.abc import Iterable, Mapping

from django.db.models import F

from marketplace.common import clock
from marketplace.common.inserting import insert
from marketplace.common.locking import lock_by_ids
from marketplace.coupons.models import Coupon, CouponUse


def lock_coupons(ids: Iterable[int]) -> dict[int, Coupon]:
    """Lock these coupons and return them as they are now."""
    return lock_by_ids(Coupon, ids)


def take(*, person_id: int, order: str, reductions: Mapping[Coupon, int]) -> None:
    """Write a use of each of these locked coupons by whoever orders, with what it took off: two statements.

    The caller has asked `why_not` under the locks.
    """
    if not reductions:
        return
    now = clock.now()
    insert(
        CouponUse(
            coupon=coupon,
            person_id=person_id,
            order_number=order,
            version=coupon.version,
            reduction=reduction,
            at=now,
        )
        for coupon, reduction in reductions.items()
    )
    Coupon.objects.filter(pk__in=[coupon.pk for coupon in reductions]).update(uses=F("uses") + 1)


def give_back(coupon_id: int, *, order: str) -> None:
    """Give the use of an order back: it counts no more. Given back already changes nothing.

    Locks the coupon; the caller has no variant's lock yet.
    """
    [coupon] = lock_coupons([coupon_id]).values()
    live = CouponUse.objects.filter(coupon=coupon, order_number=order, given_back_at__isnull=True)
    use = live.first()
    if use is None:
        return
    use.given_back_at = clock.not_before(use.at)
    use.save(update_fields=["given_back_at"])
    coupon.uses -= 1
    coupon.save(update_fields=["uses"])
