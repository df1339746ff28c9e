"""Where goods stand, and who made them: categories with what is above each, brands."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.common.fields import LineField, LongProseField
from marketplace.common.ids import new_public_id
from marketplace.common.tax import TaxClass
from marketplace.products.states import BrandStatus

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
    name = LineField(_("name"), max_length=80)
    slug = models.SlugField(max_length=90, unique=True)
    depth = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveSmallIntegerField(default=0)
    icon = models.CharField(max_length=60, blank=True)
    # Which rate of tax its goods have; "" is the one of the category above it, at the top the standard one.
    tax_class = models.CharField(max_length=12, choices=TaxClass, blank=True, default="", db_default="")

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
    name = LineField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(max_length=90, unique=True)
    status = models.CharField(max_length=12, choices=BrandStatus, default=BrandStatus.PENDING)
    about = LongProseField(max_length=1000, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
