"""What makes goods cheaper for a time, and what they cost when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.common import clock
from marketplace.common.fields import LineField
from marketplace.common.money import BASIS_POINTS, MoneyField

from .catalogue import Product, Variant
from .tree import Category


class Discount(models.Model):
    """A lower price for one product, or one variant of it, for some time: a percentage or an amount off."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="discounts")
    variant = models.ForeignKey(Variant, models.CASCADE, null=True, related_name="discounts")
    percent_bps = models.PositiveIntegerField(null=True)
    amount = MoneyField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["product", "ends_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="products_discount_window"),
            models.CheckConstraint(
                condition=Q(percent_bps__gte=1, percent_bps__lt=BASIS_POINTS, amount__isnull=True)
                | Q(percent_bps__isnull=True, amount__gte=1),
                name="products_discount_percent_or_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"discount on {self.product_id}"


class SaleEvent(models.Model):
    """A percentage off products or whole categories for some time.

    The store's own event covers what its targets name. One that is open to sellers (`is_open`) covers what they
    have put in (targets that are products); its categories, if it has any, only say what may. A seller's own
    has products of theirs.

    Its products are told of it when it is created and once more by the price sweep a minute later,
    which catches what was listed at that very moment or lost in a crash; `spread_at` is when that was.
    """

    LOCK_RANK = 8.8

    name = LineField(_("name"), max_length=80)
    slug = models.SlugField(max_length=90, unique=True)
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="own_sale_events"
    )
    is_open = models.BooleanField(default=False, db_default=False)
    percent_bps = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.now, editable=False)
    spread_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["ends_at", "starts_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="products_saleevent_window"),
            models.CheckConstraint(
                condition=Q(percent_bps__gte=1, percent_bps__lt=BASIS_POINTS),
                name="products_saleevent_percent",
            ),
            models.CheckConstraint(
                condition=Q(seller__isnull=True) | Q(is_open=False), name="products_saleevent_open_or_own"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SaleTarget(models.Model):
    """What a sale event covers: one product, or a category with everything beneath it."""

    event = models.ForeignKey(SaleEvent, models.CASCADE, related_name="targets")
    product = models.ForeignKey(Product, models.CASCADE, null=True, related_name="sale_targets")
    category = models.ForeignKey(Category, models.CASCADE, null=True, related_name="sale_targets")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "product"], name="products_target_product_once"),
            models.UniqueConstraint(fields=["event", "category"], name="products_target_category_once"),
            models.CheckConstraint(
                condition=Q(product__isnull=True, category__isnull=False)
                | Q(product__isnull=False, category__isnull=True),
                name="products_target_product_or_category",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.product_id or self.category_id}"


class PriceChange(models.Model):
    """What a variant cost from `at` on: the price history, one row a change of `current_price`."""

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="price_changes")
    price = MoneyField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["variant", "at"])]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.price}"
