"""What the forms about a listing were drawn for (marketplace/common/shown.py)."""

from marketplace.common import shown

from .models import Category, ListingEdit, Product


def mark_of_listing(product_id: int, status: str) -> str:
    """A mark of the state that a listing's page or row showed. A sale or a new price changes nothing in it."""
    return shown.mark_of("listing", product_id, status)


def require_as_shown(expected: str | None, product: Product) -> None:
    """Raise `StaleState` unless this locked listing still is in the state that a form was drawn for."""
    shown.require_as_shown(expected, mark_of_listing(product.pk, product.status))


def mark_of_edit(edit: ListingEdit) -> str:
    """A mark of the state that a staged edit's page showed; what it says is typed in several places at once."""
    return shown.mark_of("edit", edit.pk, edit.status)


def require_edit_as_shown(expected: str | None, edit: ListingEdit) -> None:
    """Raise `StaleState` unless this locked edit still is in the state that a form was drawn for."""
    shown.require_as_shown(expected, mark_of_edit(edit))


def mark_of_tax_classes() -> str:
    """A mark of which tax class each category was given, and where it stands in the tree: one query."""
    rows = Category.objects.order_by("pk").values_list("pk", "parent_id", "tax_class")
    return shown.mark_of("tax classes", *(value for row in rows for value in row))
