from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from pictures.models import PictureField

from marketplace.common import clock
from marketplace.common.ids import new_public_id
from marketplace.common.models import Step
from marketplace.common.money import BASIS_POINTS, MoneyField, money_check

from .states import BrandStatus, ListingStatus

MAX_CATEGORY_DEPTH = 5


class TreeState(models.Model):
    """One row: the lock on the category tree, and a stamp that changes with the tree."""

    LOCK_RANK = 1

    stamp = models.CharField(max_length=32, default=new_public_id)

    def __str__(self) -> str:
        return self.stamp


class Category(models.Model):
    """A node of the category tree: at most five deep, without cycles (I41, kept by the services)."""

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


class CategoryAncestor(models.Model):
    """Every category with each category above it, itself included: the tree for set-based SQL."""

    category = models.ForeignKey(Category, models.CASCADE, related_name="ancestry")
    ancestor = models.ForeignKey(Category, models.CASCADE, related_name="descent", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ancestor", "category"], name="products_ancestor_once"),
        ]

    def __str__(self) -> str:
        return f"{self.ancestor_id} over {self.category_id}"


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

    # The composite indexes below begin with these keys, so they need none of their own.
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="products", db_index=False
    )
    category = models.ForeignKey(Category, models.PROTECT, related_name="products", db_index=False)
    brand = models.ForeignKey(
        Brand, models.PROTECT, null=True, blank=True, related_name="products", db_index=False
    )
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
    # The first picture, so that a page of cards is one query.
    cover_name = models.CharField(max_length=200, blank=True)
    cover_alt = models.CharField(max_length=200, blank=True)
    cover_width = models.PositiveIntegerField(default=0)
    cover_height = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        # Each list is one of these, read in order from where the page begins; stock, in_stock,
        # version and the cover are in none, so that a sale touches no index (docs/decisions/0003).
        indexes = [
            models.Index(fields=["category", "status", "published_at", "id"], name="product_category_newest"),
            models.Index(fields=["category", "status", "current_price", "id"], name="product_category_price"),
            models.Index(
                fields=["category", "status", "rating_average", "id"], name="product_category_rating"
            ),
            models.Index(fields=["category", "status", "sold_count", "id"], name="product_category_popular"),
            models.Index(fields=["status", "published_at", "id"], name="product_newest"),
            models.Index(fields=["status", "current_price", "id"], name="product_price"),
            models.Index(fields=["status", "rating_average", "id"], name="product_rating"),
            models.Index(fields=["status", "sold_count", "id"], name="product_popular"),
            models.Index(fields=["status", "on_sale", "published_at", "id"], name="product_on_sale"),
            models.Index(fields=["brand", "status", "published_at", "id"], name="product_brand_newest"),
            models.Index(fields=["seller", "status", "published_at", "id"], name="product_seller_newest"),
            models.Index(fields=["price_changes_at"], name="product_price_due"),
        ]
        constraints = [
            money_check("price", minimum=1),
            money_check("current_price", minimum=1),
            models.CheckConstraint(
                condition=Q(current_price__lte=F("price")), name="products_product_never_above_list_price"
            ),
            models.CheckConstraint(condition=Q(stock__gte=0), name="products_product_stock_not_negative"),
            models.CheckConstraint(
                condition=Q(status__in=ListingStatus.values), name="products_product_status_known"
            ),
            # Lists run along published_at: a live product without one would be missing from them.
            models.CheckConstraint(
                condition=~Q(status=ListingStatus.LIVE) | Q(published_at__isnull=False),
                name="products_product_live_is_dated",
            ),
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
    """A percentage off products or whole categories for some time.

    Its products are told of it when it is created and once more by the price sweep a minute later,
    which catches what was listed at that very moment or lost in a crash; `spread_at` is when that was.
    """

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(max_length=90, unique=True)
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
    """What a product cost from `at` on: the price history, one row a change of `current_price`."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="price_changes")
    price = MoneyField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["product", "at"])]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.price}"


class ListingEvent(Step):
    """One step of a listing: who, from, to, why, when. `actor` is NULL when the store itself did it."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="events")
    from_status = models.CharField(max_length=20, choices=ListingStatus, blank=True)
    to_status = models.CharField(max_length=20, choices=ListingStatus)


class SearchEntry(models.Model):
    """What the search knows of a live product: normalised words (marketplace.products.search).

    The full-text index over these columns is each database's own (migration 0002).
    """

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="search_entry")
    title = models.TextField()
    keywords = models.TextField()  # brand, categories, SKU
    body = models.TextField()

    def __str__(self) -> str:
        return self.title


class SearchWord(models.Model):
    """A word of titles, brands and categories, for typing mistakes and half-typed words."""

    word = models.CharField(max_length=40, unique=True)
    spelling = models.CharField(max_length=40)  # as a person writes it; `word` has lost its plural s
    frequency = models.PositiveIntegerField(default=0)  # products with it at the last rebuild

    def __str__(self) -> str:
        return self.word


class SearchGram(models.Model):
    """Three letters of a word: words that share many are spelt alike."""

    gram = models.CharField(max_length=3)
    word = models.ForeignKey(SearchWord, models.CASCADE, related_name="grams")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gram", "word"], name="products_gram_once")]

    def __str__(self) -> str:
        return self.gram


class StockMove(models.Model):
    """Pieces that came or went, once a cause; a product's moves sum to its stock (I16)."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="stock_moves")
    delta = models.IntegerField()
    kind = models.CharField(max_length=20)  # received | sold | restocked | corrected
    key = models.CharField(max_length=120, unique=True)
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.delta:+d} of {self.product_id}: {self.kind}"
