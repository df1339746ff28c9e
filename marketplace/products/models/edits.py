"""A listing's staged edit, and what it said before (docs/decisions/0021)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from pictures.models import PictureField

from marketplace.common import clock
from marketplace.common.fields import KeyField, LineField, LongProseField
from marketplace.common.models import Step
from marketplace.products.edit_states import EDIT_OPEN, EDIT_TONES, EditStatus

from .catalogue import Product, ProductImage
from .tree import Brand, Category


class ListingEdit(models.Model):
    """What a listing that shoppers have seen shall say instead; it goes on saying what it says until an admin confirms.

    One is open a listing: `open_key` names that while it is. It holds the whole of what the listing will say, not
    the differences: price and stock are no part of it, but those that new variants begin with.
    """

    LOCK_RANK = 8.6

    product = models.ForeignKey(Product, models.PROTECT, related_name="edits")
    status = models.CharField(max_length=20, choices=EditStatus, default=EditStatus.DRAFT, editable=False)
    open_key = KeyField(max_length=40, null=True, unique=True, editable=False)
    title = LineField(_("title"), max_length=140)
    description = LongProseField(_("description"), max_length=8000, blank=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="+", db_index=False)
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # As `Product.options`.
    options = models.JSONField(default=list, blank=True)
    # In order: {"pk", "values", "sku", "barcode", "weight_grams", "size_class", "price", "stock", "picture"}, as
    # `content.py` reads and writes them. Price and stock are those that a variant begins with which is not on
    # offer yet; "picture" is the file of its own picture.
    variants = models.JSONField(default=list)
    # The listing's content number when the edit was begun: what it is compared with.
    based_on = models.PositiveIntegerField()
    # Grows with every change of what it says.
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=EDIT_OPEN, open_key__isnull=False)
                | (~Q(status__in=EDIT_OPEN) & Q(open_key=None)),
                name="products_edit_open_has_its_key",
            ),
            models.CheckConstraint(
                condition=Q(status__in=EditStatus.values), name="products_edit_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"edit of {self.product_id}: {self.title}"

    @property
    def tone(self) -> str:
        """The colour of its status (templates/components/status_pill.html)."""
        return EDIT_TONES[EditStatus(self.status)]

    @property
    def is_open(self) -> bool:
        return self.status in EDIT_OPEN

    @property
    def is_waiting(self) -> bool:
        """Whether an admin may decide now."""
        return self.status == EditStatus.PENDING


class EditEvent(Step):
    """One step of a listing's edit: who, from, to, why, when. `actor` is NULL when the store itself did it."""

    edit = models.ForeignKey(ListingEdit, models.CASCADE, related_name="events")
    from_status = models.CharField(max_length=20, choices=EditStatus, blank=True)
    to_status = models.CharField(max_length=20, choices=EditStatus)


class StagedPicture(models.Model):
    """A picture that a listing shall show: one that it shows already (`image`), or a new one. Both name the file."""

    edit = models.ForeignKey(ListingEdit, models.CASCADE, related_name="pictures")
    image = models.ForeignKey(ProductImage, models.SET_NULL, null=True, related_name="+")
    picture = PictureField(
        upload_to="products", width_field="width", height_field="height", aspect_ratios=["1/1"], db_index=True
    )
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt_text = LineField(_("what the picture shows"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.alt_text


class ListingVersion(models.Model):
    """What a listing said under a content number that it no longer has: written once, when an edit replaces it.

    Orders name the number that their buyer saw (`ShipmentLine.listing_number`). What a listing says now has no
    row: so nothing is written for what never changes, and no order pays for it.
    """

    product = models.ForeignKey(Product, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    title = LineField(max_length=140)
    description = LongProseField(max_length=8000, blank=True)
    # By their names: a category may be moved or go, what was said stays.
    category_id = models.BigIntegerField(null=True)
    category_name = LineField(max_length=80)
    brand_id = models.BigIntegerField(null=True)
    brand_name = LineField(max_length=80, blank=True)
    options = models.JSONField(default=list, blank=True)
    # As `ListingEdit.variants`, without price and stock.
    variants = models.JSONField(default=list)
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="products_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="products_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"


class VersionPicture(models.Model):
    """A picture that a listing showed; its file stays as long as this row does."""

    version = models.ForeignKey(ListingVersion, models.CASCADE, related_name="pictures")
    picture = models.CharField(max_length=100, db_index=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt_text = LineField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.alt_text
