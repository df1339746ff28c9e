"""What is read of coupons."""

from collections.abc import Iterable, Mapping

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from .models import Coupon, CouponUse


def coupons_of(seller_id: int) -> QuerySet[Coupon]:
    """A seller's coupons, the newest first, each with `given`: what it has taken off in all, in minor units."""
    live = Q(used__given_back_at__isnull=True)
    return (
        Coupon.objects.filter(seller=seller_id)
        .annotate(given=Coalesce(Sum("used__reduction", filter=live), 0))
        .order_by("-pk")
    )


def uses_of(coupon: Coupon, *, most: int = 100) -> list[CouponUse]:
    """The newest uses of a coupon, given back or not. Who used it, its seller is not told here."""
    return list(CouponUse.objects.filter(coupon=coupon).order_by("-pk")[:most])


def used_by(person_id: int | None, ids: Iterable[int]) -> Mapping[int, int]:
    """Coupon → how often a person has used it; {} for a visitor, whom nobody knows. One query."""
    if person_id is None:
        return {}
    live = CouponUse.objects.filter(coupon__in=set(ids), person=person_id, given_back_at__isnull=True)
    return dict(live.order_by().values_list("coupon").annotate(times=Count("pk")))


def times_used(person_id: int | None) -> Coalesce:
    """The same as a column of a query of coupons."""
    live = CouponUse.objects.filter(coupon=OuterRef("pk"), person=person_id or 0, given_back_at__isnull=True)
    times = live.order_by().values("coupon").annotate(times=Count("pk")).values("times")
    return Coalesce(Subquery(times, output_field=IntegerField()), 0)
