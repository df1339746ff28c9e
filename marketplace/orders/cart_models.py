"""What somebody means to buy, and by which coupons."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from marketplace.common import clock
from marketplace.common.money import MoneyField
from marketplace.coupons.models import Coupon
from marketplace.products.models import Variant


class Cart(models.Model):
    """What somebody means to buy. A visitor's cart is found by the hash of a random cookie."""

    LOCK_RANK = 3

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="cart")
    token_hash = models.CharField(max_length=64, null=True, unique=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, token_hash__isnull=True)
                | Q(user__isnull=True, token_hash__isnull=False),
                name="orders_cart_person_or_visitor",
            ),
        ]

    def __str__(self) -> str:
        return f"cart {self.pk}"


class CartLine(models.Model):
    """Some pieces of a variant, and the price that the shopper last saw and accepted."""

    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines")
    # What is in a cart had pieces once, and so is never deleted.
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    quantity = models.PositiveSmallIntegerField()
    price_seen = MoneyField()
    added_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="orders_cartline_variant_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=99), name="orders_cartline_quantity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"


class CartCoupon(models.Model):
    """A seller's coupon that a shopper has put into their cart, and the version of it that they were shown."""

    cart = models.ForeignKey(Cart, models.CASCADE, related_name="coupons")
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="+")
    version_seen = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cart", "seller"], name="orders_cartcoupon_seller_once")
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id} in {self.cart_id}"
