"""What of ours a file means by its words."""

from collections.abc import Sequence

from marketplace.common.cleaning import fold
from marketplace.products.models import Brand
from marketplace.products.shopify import VariantDraft
from marketplace.products.states import BrandStatus
from marketplace.products.tree import CategoryTree


def said_of(variant: VariantDraft) -> tuple[str, str, int]:
    """SKU, barcode and weight that a file says of a variant."""
    return variant.sku, variant.barcode, variant.grams or 0


def category_for(names: Sequence[str], tree: CategoryTree) -> int | None:
    """The category that one of `names` is, by its path ("Clothes > Shirts") or by its name if only one has it."""
    by_path: dict[str, int] = {}
    by_name: dict[str, list[int]] = {}
    for node in tree.walk():
        by_path[fold(" > ".join(each.name for each in node.path))] = node.id
        by_name.setdefault(fold(node.name), []).append(node.id)
    for name in map(fold, names):
        if found := by_path.get(name):
            return found
        if len(ids := by_name.get(name, [])) == 1:
            return ids[0]
    return None


def brand_for(name: str) -> int | None:
    """The approved brand of this name."""
    found = Brand.objects.filter(name=name, status=BrandStatus.APPROVED).values_list("pk", flat=True)
    return found.first() if name else None
