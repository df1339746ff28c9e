from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from pictures.models import PictureField

from marketplace.common import clock
from marketplace.common.ids import new_public_id
from marketplace.common.money import BASIS_POINTS, MoneyField, money_check

from .states import BrandStatus, ListingStatus

MAX_CATEGORY_DEPTH = 5


class Category(models.Model):
    """A node of the category tree: at most five deep, without cycles (I41, kept by the services)."""

    LOCK_RANK = 1

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(max_length=90, unique=True)
    depth = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveSmallIntegerField(default=0)
    icon = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name_plural = "categories"
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(depth__gte=1, depth__lte=MAX_CATEGORY_DEPTH), name="products_category_depth_range"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Brand(models.Model):
    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(max_length=90, unique=True)
    status = models.CharField(max_length=12, choices=BrandStatus, default=BrandStatus.PENDING)
    about = models.TextField(max_length=1000, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """Something a seller lists.

    `price` is the list price; `current_price` is what it costs now (best of list price, discount and
    sale event, never stacked), held here so that showing, filtering, sorting and charging use one
    number. A sweep refreshes it at `price_changes_at`. `version` grows with every change that a card
    shows: cached cards carry it in their key.
    """

    LOCK_RANK = 9

    seller = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="products")
    category = models.ForeignKey(Category, models.PROTECT, related_name="products")
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, related_name="products")
    sku = models.CharField("SKU", max_length=40, default=new_public_id)
    title = models.CharField(_("title"), max_length=140)
    slug = models.SlugField(max_length=160, unique=True)
    description = models.TextField(_("description"), max_length=8000, blank=True)
    status = models.CharField(max_length=20, choices=ListingStatus, default=ListingStatus.DRAFT)
    price = MoneyField(_("price"))
    current_price = MoneyField()
    lowest_price_30d = MoneyField(null=True)
    price_changes_at = models.DateTimeField(null=True)
    stock = models.PositiveIntegerField(_("stock"), default=0)
    in_stock = models.BooleanField(default=False)
    on_sale = models.BooleanField(default=False)
    rating_sum = models.PositiveIntegerField(default=0)
    rating_count = models.PositiveIntegerField(default=0)
    rating_average = models.PositiveSmallIntegerField(default=0)  # hundredths of a star
    sold_count = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            money_check("price", minimum=1),
            money_check("current_price", minimum=1),
            models.CheckConstraint(
                condition=Q(current_price__lte=F("price")), name="products_product_never_above_list_price"
            ),
            models.CheckConstraint(condition=Q(stock__gte=0), name="products_product_stock_not_negative"),
            models.UniqueConstraint(fields=["seller", "sku"], name="products_product_sku_once_a_seller"),
        ]

    def __str__(self) -> str:
        return self.title


class ProductImage(models.Model):
    """A picture of a product, rebuilt pixel by pixel from what was uploaded (M15)."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="images")
    picture = PictureField(
        upload_to="products", width_field="width", height_field="height", aspect_ratios=["1/1"]
    )
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt_text = models.CharField(_("what the picture shows"), max_length=200)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.alt_text


class Discount(models.Model):
    """A lower price for one product for some time: a percentage or an amount off."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="discounts")
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
    """A percentage off products or whole categories for some time."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(max_length=90, unique=True)
    percent_bps = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    products = models.ManyToManyField(Product, related_name="sale_events", blank=True)
    categories = models.ManyToManyField(Category, related_name="sale_events", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="products_saleevent_window"),
            models.CheckConstraint(
                condition=Q(percent_bps__gte=1, percent_bps__lt=BASIS_POINTS),
                name="products_saleevent_percent",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PriceChange(models.Model):
    """What a product cost from `at` on: the price history, one row a change of `current_price`."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="price_changes")
    price = MoneyField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["product", "at"])]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.price}"


class StockMove(models.Model):
    """Pieces that came or went, once a cause; a product's moves sum to its stock (I16)."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="stock_moves")
    delta = models.IntegerField()
    kind = models.CharField(max_length=20)  # received | sold | restocked | corrected
    key = models.CharField(max_length=120, unique=True)
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.delta:+d} of {self.product_id}: {self.kind}"
