"""What is sold: listings with their variants, pictures, steps and moves of stock."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from pictures.models import PictureField

from marketplace.accounts.models import SavedAddress
from marketplace.common import clock
from marketplace.common.fields import IdentifierField, LineField, LongProseField
from marketplace.common.ids import new_public_id
from marketplace.common.models import Step
from marketplace.common.money import MoneyField, money_check
from marketplace.products.option_keys import MAX_KEYS
from marketplace.products.states import ListingStatus

from .tree import Brand, Category

MAX_OPTION_NAME, MAX_OPTION_VALUE = 30, 40
MAX_OPTIONS_TEXT = 3 * (MAX_OPTION_NAME + MAX_OPTION_VALUE + 5)


class SizeClass(models.TextChoices):
    """How much room a piece takes on the way; the courier sees it before they claim."""

    SMALL = "small", _("Fits a bag")
    MEDIUM = "medium", _("One hand")
    LARGE = "large", _("Two hands")
    BULKY = "bulky", _("Needs a car")


class Product(models.Model):
    """Something a seller lists, in one or more variants: what is bought is a variant (`Variant`).

    Its price columns are those of the variant that a card shows, the cheapest that can be had (`leading`), so
    that showing, filtering and sorting use one indexed number; `price_to` is what the dearest costs, and
    "from" stands before the price where it differs. `in_stock` says whether any variant is. Only
    `prices.summarise` writes these, under the product's lock. `version` grows with every change that a
    card shows: cached cards carry it in their key.
    """

    LOCK_RANK = 9.5

    # All of its variants, where a service has locked them with it (`services.lock_products`).
    locked_variants: "list[Variant]"
    # Whether its shop sells now, where a query has asked (`buying.open_now`).
    shop_is_open: bool
    # What tax its price contains, where a query has asked (`locking.lock_variants`).
    tax_class: str
    is_small_business: bool
    # Which pick-up place it is fetched at, where a query has asked (`accounts.pick_ups.pick_up_columns`).
    fetch_public_id: str | None

    # The composite indexes below begin with these keys, so they need none of their own.
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="products", db_index=False
    )
    category = models.ForeignKey(Category, models.PROTECT, related_name="products", db_index=False)
    brand = models.ForeignKey(
        Brand, models.PROTECT, null=True, blank=True, related_name="products", db_index=False
    )
    title = LineField(_("title"), max_length=140)
    slug = models.SlugField(max_length=160, unique=True)
    description = LongProseField(_("description"), max_length=8000, blank=True)
    status = models.CharField(max_length=20, choices=ListingStatus, default=ListingStatus.DRAFT)
    price = MoneyField(_("price"))
    current_price = MoneyField()
    lowest_price_30d = MoneyField(null=True)
    price_to = MoneyField()
    price_changes_at = models.DateTimeField(null=True)
    # Its options in order, each with its values in order: [["Size", ["S", "M"]], …]; none: a single variant.
    options = models.JSONField(default=list, blank=True)
    # What lists filter by: the option values of what is offered, as `option_keys.keys_of` writes them.
    option_keys = models.TextField(default="", blank=True)
    in_stock = models.BooleanField(default=False)
    on_sale = models.BooleanField(default=False)
    rating_sum = models.PositiveIntegerField(default=0)
    rating_count = models.PositiveIntegerField(default=0)
    rating_average = models.PositiveSmallIntegerField(default=0)  # hundredths of a star
    sold_count = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    # Which of its contents this is: one more with every edit that an admin confirms (`ListingVersion`).
    content_number = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    # The first picture, so that a page of cards is one query.
    cover_name = models.CharField(max_length=200, blank=True)
    cover_alt = LineField(max_length=200, blank=True)
    cover_width = models.PositiveIntegerField(default=0)
    cover_height = models.PositiveIntegerField(default=0)
    # Where couriers fetch it; NULL, or a place that is there no more, is its seller's default one. No page of the shop
    # shows it. The database does not bind it: who removes a place writes no row of the catalogue.
    pick_up = models.ForeignKey(
        SavedAddress,
        models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    published_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        # Each list is one of these, read in order from where the page begins; version and the cover are in
        # none (docs/decisions/0003), and a sale that leaves some touches no product at all.
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
            # A seller's own table: all of theirs, of one state, by title, by price, what is sold out.
            models.Index(fields=["seller", "id"], name="product_own"),
            models.Index(fields=["seller", "status", "id"], name="product_own_status"),
            models.Index(fields=["seller", "title", "id"], name="product_own_title"),
            models.Index(fields=["seller", "current_price", "id"], name="product_own_price"),
            models.Index(fields=["seller", "in_stock", "id"], name="product_own_stock"),
        ]
        constraints = [
            money_check("price", minimum=1),
            money_check("current_price", minimum=1),
            models.CheckConstraint(
                condition=Q(current_price__lte=F("price")), name="products_product_never_above_list_price"
            ),
            models.CheckConstraint(
                condition=Q(price_to__gte=F("current_price")), name="products_product_from_is_not_above_to"
            ),
            models.CheckConstraint(
                condition=Q(status__in=ListingStatus.values), name="products_product_status_known"
            ),
            # Lists run along published_at: a live product without one would be missing from them.
            models.CheckConstraint(
                condition=~Q(status=ListingStatus.LIVE) | Q(published_at__isnull=False),
                name="products_product_live_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def option_names(self) -> list[str]:
        return [name for name, _values in self.options]


def options_text(options: Sequence[Sequence[Any]], values: Iterable[str]) -> str:
    """Option values as people read them: "Size: M · Colour: Red"."""
    pairs = zip((name for name, _values in options), filter(None, values), strict=False)
    return " · ".join(f"{name}: {value}" for name, value in pairs)


def full_title(title: str, chosen: str) -> str:
    """What something is called with what was chosen of it: "Shirt (Size: M)"."""
    return f"{title} ({chosen})" if chosen else title


class Variant(models.Model):
    """One kind of a product that can be bought: what is priced, counted, put into a cart, sold and shipped.

    A product without options has exactly one, whose values are empty, and which nobody sees as such. `price` is
    the list price; `current_price` is what it costs now (best of list price, discount and sale event, never
    stacked), and a sweep refreshes it at its product's `price_changes_at`. `stock` is the sum of its moves (I16).
    Whoever sells it or changes what a sale rests on (its price, its product's status) holds its lock.
    """

    LOCK_RANK = 9

    product = models.ForeignKey(Product, models.PROTECT, related_name="variants", db_index=False)
    # The product's: a SKU is used once a seller.
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveSmallIntegerField(default=0)
    option1 = LineField(max_length=MAX_OPTION_VALUE, blank=True)
    option2 = LineField(max_length=MAX_OPTION_VALUE, blank=True)
    option3 = LineField(max_length=MAX_OPTION_VALUE, blank=True)
    # What is compared of these values (`option_keys.keys_of_variant`).
    option_keys = models.CharField(max_length=MAX_KEYS, default="", db_default="", blank=True, editable=False)
    sku = IdentifierField("SKU", max_length=40, default=new_public_id)
    barcode = IdentifierField(_("barcode"), max_length=14, blank=True)
    price = MoneyField(_("price"))
    current_price = MoneyField()
    lowest_price_30d = MoneyField(null=True)
    stock = models.PositiveIntegerField(_("stock"), default=0)
    # What a seller no longer offers stays for the orders that have it.
    is_offered = models.BooleanField(default=True)
    image = models.ForeignKey("ProductImage", models.SET_NULL, null=True, related_name="+")
    weight_grams = models.PositiveIntegerField(_("weight in grams"), default=0)
    size_class = models.CharField(_("size"), max_length=8, choices=SizeClass, default=SizeClass.MEDIUM)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            money_check("price", minimum=1),
            money_check("current_price", minimum=1),
            models.CheckConstraint(
                condition=Q(current_price__lte=F("price")), name="products_variant_never_above_list_price"
            ),
            models.CheckConstraint(condition=Q(stock__gte=0), name="products_variant_stock_not_negative"),
            models.CheckConstraint(
                condition=Q(size_class__in=SizeClass.values), name="products_variant_size_class_known"
            ),
            models.UniqueConstraint(
                fields=["product", "option1", "option2", "option3"], name="products_variant_values_once"
            ),
            models.UniqueConstraint(fields=["seller", "sku"], name="products_variant_sku_once_a_seller"),
        ]

    def __str__(self) -> str:
        return " / ".join(self.values) or self.sku

    @property
    def values(self) -> tuple[str, ...]:
        """Its option values, in the order of the product's options."""
        return tuple(value for value in (self.option1, self.option2, self.option3) if value)

    @property
    def options_text(self) -> str:
        """What it is of its product, as people read it: "Size: M · Colour: Red"; empty without options."""
        return options_text(self.product.options, self.values)

    @property
    def is_buyable(self) -> bool:
        """Whether there is one to sell, as far as the variant knows: its product must be live too."""
        return self.is_offered and self.stock > 0


class ProductImage(models.Model):
    """A picture of a product, rebuilt pixel by pixel from what was uploaded (M15)."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="images")
    picture = PictureField(
        upload_to="products", width_field="width", height_field="height", aspect_ratios=["1/1"]
    )
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt_text = LineField(_("what the picture shows"), max_length=200)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.alt_text


class ListingEvent(Step):
    """One step of a listing: who, from, to, why, when. `actor` is NULL when the store itself did it."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="events")
    from_status = models.CharField(max_length=20, choices=ListingStatus, blank=True)
    to_status = models.CharField(max_length=20, choices=ListingStatus)


class StockMove(models.Model):
    """Pieces that came or went, once a cause; a variant's moves sum to its stock (I16)."""

    variant = models.ForeignKey(Variant, models.PROTECT, related_name="stock_moves")
    delta = models.IntegerField()
    kind = models.CharField(max_length=20)  # received | sold | restocked | corrected
    key = models.CharField(max_length=120, unique=True)
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.delta:+d} of {self.variant_id}: {self.kind}"
