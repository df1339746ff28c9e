"""What a file says anew of a listing that shoppers have seen: one staged edit, handed in with what it brings."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from marketplace.products.content import Content, ContentVariant, content_of, content_of_edit
from marketplace.products.edit_states import EDIT_OPEN
from marketplace.products.models import ListingEdit, Product
from marketplace.products.services import Changes, NewVariant
from marketplace.products.shopify import ImageDraft, ProductDraft, VariantDraft
from marketplace.products.tree import category_tree

from .looking_up import brand_for, category_for, said_of

if TYPE_CHECKING:
    from .plans import Plan


def open_edit_of(product: Product) -> ListingEdit | None:
    """The open edit of a listing, of which there is one at most."""
    return ListingEdit.objects.filter(product=product, status__in=EDIT_OPEN).first()


def plan_edit(found: "Plan", draft: ProductDraft, product: Product, *, images: Sequence[ImageDraft]) -> None:
    """Compare `draft` with what the listing says, or shall say by its open edit: what differs is an edit, or is left
    where one is open."""
    edit = open_edit_of(product)
    now = content_of(product) if edit is None else content_of_edit(edit)
    changes, what = _differing(draft, now)
    if images:
        what.append(_("pictures"))
    if not what:
        return
    if edit is not None:
        found.is_whole = False
        found.remarks.append(
            _(
                "A change of this listing is open here, so what it says stays: hand that in, or cancel it first."
            )
        )
        return
    found.edit, found.images = Changes(**changes), images
    found.words.append(_("For review, while it stays on sale as it is: %s.") % ", ".join(what))


def _differing(draft: ProductDraft, now: Content) -> tuple[dict[str, Any], list[str]]:
    """What `draft` changes of a content, and how people call that. Category and brand stay where it names none of
    ours."""
    changes: dict[str, Any] = {}
    what: list[str] = []
    if draft.title != now.title:
        changes["title"] = draft.title
        what.append(_("title"))
    if draft.text != now.description:
        changes["description"] = draft.text
        what.append(_("text"))
    category_id = category_for(draft.category_names, category_tree())
    if category_id and category_id != now.category_id:
        changes["category_id"] = category_id
        what.append(_("category"))
    brand_id = brand_for(draft.brand)
    if brand_id and brand_id != now.brand_id:
        changes["brand_id"] = brand_id
        what.append(_("brand"))
    there = {row.values: row for row in now.variants}
    options = tuple((option.name, tuple(option.values)) for option in draft.options)
    if (
        options != now.options
        or {variant.values for variant in draft.variants} != set(there)
        or any(_differs(variant, there[variant.values]) for variant in draft.variants)
    ):
        changes["options"] = options
        changes["variants"] = [_wanted(variant, there.get(variant.values)) for variant in draft.variants]
        what.append(_("options and variants"))
    return changes, what


def _differs(variant: VariantDraft, row: ContentVariant) -> bool:
    return said_of(variant) != (row.sku if variant.sku else "", row.barcode, row.weight_grams)


def _wanted(variant: VariantDraft, row: ContentVariant | None) -> NewVariant:
    size = {"size_class": row.size_class} if row else {}
    return NewVariant(
        price=variant.price,
        stock=variant.stock or 0,
        values=variant.values,
        sku=variant.sku or (row.sku if row else ""),
        barcode=variant.barcode,
        weight_grams=variant.grams or 0,
        pk=row.pk if row else None,
        **size,
    )
