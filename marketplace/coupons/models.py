"""Coupons of sellers, and each time that one was used."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.common import clock
from marketplace.common.fields import CodeField
from marketplace.common.money import BASIS_POINTS, MoneyField, money_check

from .states import CouponState


class Coupon(models.Model):
    """What a seller takes off an order of theirs for whoever says its code: a percentage or an amount, in minor units.

    It holds from `starts_at` up to `ends_at` (NULL: until it is stopped), `most_uses` times in all and
    `most_a_person` times a person (NULL: no limit), for goods of its seller of `smallest_cart` and more. `uses` counts
    its uses that were not given back; whoever changes it has the row's lock. `version` grows with every change by its
    seller: a cart keeps the one that its shopper was shown. The code never changes.
    """

    LOCK_RANK = 8.78

    seller = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="coupons")
    code = CodeField(max_length=24)
    percent_bps = models.PositiveIntegerField(null=True)
    amount = MoneyField(null=True)
    starts_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(null=True)
    most_uses = models.PositiveIntegerField(null=True)
    most_a_person = models.PositiveIntegerField(null=True)
    smallest_cart = MoneyField(default=0)
    stopped_at = models.DateTimeField(null=True)
    uses = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["seller", "code"], name="coupons_coupon_code_once"),
            money_check("smallest_cart"),
            models.CheckConstraint(
                condition=Q(percent_bps__gte=1, percent_bps__lt=BASIS_POINTS, amount__isnull=True)
                | Q(percent_bps__isnull=True, amount__gte=1),
                name="coupons_coupon_percent_or_amount",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="coupons_coupon_window",
            ),
            models.CheckConstraint(
                condition=(Q(most_uses__isnull=True) | Q(most_uses__gte=1))
                & (Q(most_a_person__isnull=True) | Q(most_a_person__gte=1)),
                name="coupons_coupon_limits",
            ),
        ]

    def __str__(self) -> str:
        return f"coupon {self.code} of {self.seller_id}"

    def state(self, now: datetime) -> CouponState:
        """What it is at `now`; of several reasons why it does not hold, the one that its seller can do most about."""
        if self.stopped_at:
            return CouponState.STOPPED
        if self.ends_at and self.ends_at <= now:
            return CouponState.ENDED
        if self.is_used_up:
            return CouponState.USED_UP
        return CouponState.PLANNED if now < self.starts_at else CouponState.RUNNING

    @property
    def is_used_up(self) -> bool:
        return self.most_uses is not None and self.uses >= self.most_uses


class CouponUse(models.Model):
    """Once that a coupon was used: by whom, in which order (its public number), what it took off, in minor units.

    Written with the order and never changed but once: `given_back_at` is when that seller's whole part of the order
    was cancelled before its pick-up, and from then on it does not count.
    """

    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="used")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    order_number = models.CharField(max_length=12)
    version = models.PositiveIntegerField()
    reduction = MoneyField()
    at = models.DateTimeField(default=clock.now)
    given_back_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["coupon", "person"])]
        constraints = [
            money_check("reduction", minimum=1),
            models.UniqueConstraint(fields=["coupon", "order_number"], name="coupons_couponuse_order_once"),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id} in {self.order_number}"
