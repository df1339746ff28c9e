"""Categories and brands."""

from django.core.cache import cache
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from marketplace.common import clock, shown
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.cleaning import clean_line, clean_text
from marketplace.common.errors import Invalid
from marketplace.common.ids import new_public_id
from marketplace.common.locking import lock_row
from marketplace.common.tax import TaxClass
from marketplace.common.transactions import service
from marketplace.products.models import (
    MAX_CATEGORY_DEPTH,
    Brand,
    Category,
    CategoryAncestor,
    Product,
    SaleEvent,
    TreeState,
)
from marketplace.products.search import index
from marketplace.products.shown import mark_of_tax_classes
from marketplace.products.states import BrandStatus
from marketplace.products.tree import STAMP_KEY, STAMP_SECONDS


def lock_tree() -> None:
    """Lock the category tree and give it a new stamp: whoever calls this is about to change it."""
    TreeState.objects.bulk_create([TreeState(pk=1)], ignore_conflicts=True)
    state = lock_row(TreeState, 1)
    state.stamp = new_public_id()
    state.save(update_fields=["stamp"])
    cache.delete(STAMP_KEY)
    transaction.on_commit(lambda: cache.set(STAMP_KEY, state.stamp, STAMP_SECONDS), robust=True)


def free_slug(model: type[Brand] | type[Category] | type[SaleEvent], name: str) -> str:
    """`name` as it stands in a URL, with a few random letters if that is taken already."""
    slug = slugify(name)[:80] or new_public_id()
    return f"{slug}-{new_public_id()[:6]}" if model.objects.filter(slug=slug).exists() else slug


def clean_name(text: str, longest: int, field: str = "name") -> str:
    """`text` as a person reads it (`clean_line`). Raises `Invalid` if nothing is left or it is too long."""
    text = clean_line(text)
    if not text:
        raise Invalid(_("Please give it a name."), field=field)
    if len(text) > longest:
        raise Invalid(_("This may have %(number)d letters at most.") % {"number": longest}, field=field)
    return text


@service
def create_category(*, name: str, parent_id: int | None = None, icon: str = "", actor: Actor) -> Category:
    """Add a category, beneath another one or at the top, after its siblings.

    Staff's. Raises `PermissionDenied`, `Invalid` past the fifth level and for a parent that does not exist.
    """
    authorize(actor, "products.create_category")
    name = clean_name(name, 80)
    lock_tree()
    depth = 1
    if parent_id is not None:
        parent = Category.objects.filter(pk=parent_id).first()
        if parent is None:
            raise Invalid(_("That category does not exist."), field="parent")
        depth = parent.depth + 1
    if depth > MAX_CATEGORY_DEPTH:
        raise Invalid(_too_deep(), field="parent")
    category = Category.objects.create(
        name=name,
        slug=free_slug(Category, name),
        parent_id=parent_id,
        depth=depth,
        icon=icon,
        position=Category.objects.filter(parent_id=parent_id).count(),
    )
    above = CategoryAncestor.objects.filter(category__children=category).values_list("ancestor_id", flat=True)
    CategoryAncestor.objects.bulk_create(
        CategoryAncestor(category=category, ancestor_id=ancestor_id) for ancestor_id in [category.pk, *above]
    )
    return category


def _too_deep() -> str:
    return _("Categories may be %(depth)d levels deep at most.") % {"depth": MAX_CATEGORY_DEPTH}


@service
def set_tax_class(*, category_id: int, tax_class: str, actor: Actor, expected: str | None = None) -> Category:
    """Say which tax class a category's goods have, and those beneath it without one of their own; "" inherits.

    Staff's. It holds for what is ordered from then on. Raises `PermissionDenied`, `Invalid` (fields "category",
    "tax_class") for one that there is not, `StaleState` where it was changed since the form was drawn.
    """
    authorize(actor, "products.set_tax_class")
    lock_tree()
    category = Category.objects.filter(pk=category_id).first()
    if category is None:
        raise Invalid(_("That category does not exist."), field="category")
    shown.require_as_shown(expected, mark_of_tax_classes())
    if tax_class and tax_class not in TaxClass.values:
        raise Invalid(_("There is no such tax class."), field="tax_class")
    category.tax_class = tax_class
    category.save(update_fields=["tax_class"])
    return category


def move_category(*, category_id: int, parent_id: int | None, actor: Actor) -> Category:
    """Hang a category with everything beneath it under another parent (None: at the top).

    Staff's. Its products come under the sale events of their new place at once: their prices count as due.
    The search learns its new place batch by batch. Raises `PermissionDenied`, `Invalid` for a move
    beneath itself (I41) or past the fifth level, `Category.DoesNotExist`.
    """
    category = _move(category_id=category_id, parent_id=parent_id, actor=actor)
    beneath = CategoryAncestor.objects.filter(ancestor_id=category_id).values("category_id")
    for _batch in index.refresh(Product.objects.filter(category_id__in=beneath)):
        pass
    return category


@service
def _move(*, category_id: int, parent_id: int | None, actor: Actor) -> Category:
    authorize(actor, "products.move_category")
    lock_tree()
    nodes = {node.pk: node for node in Category.objects.all()}
    if category_id not in nodes:
        raise Category.DoesNotExist(category_id)
    if parent_id is not None and parent_id not in nodes:
        raise Invalid(_("That category does not exist."), field="parent")
    moved = nodes[category_id]
    if moved.parent_id == parent_id:
        return moved
    moved.parent_id = parent_id
    beneath = [node for node in nodes.values() if category_id in _chain(nodes, node, within=len(nodes))]
    if parent_id in {node.pk for node in beneath}:
        raise Invalid(_("A category cannot be moved beneath itself."), field="parent")
    for node in beneath:
        node.depth = len(_chain(nodes, node, within=len(nodes)))
    if max(node.depth for node in beneath) > MAX_CATEGORY_DEPTH:
        raise Invalid(_too_deep(), field="parent")
    moved.position = sum(node.parent_id == parent_id for node in nodes.values()) - 1
    Category.objects.bulk_update(beneath, ["parent", "depth", "position"])
    CategoryAncestor.objects.filter(category__in=beneath).delete()
    CategoryAncestor.objects.bulk_create(
        CategoryAncestor(category=node, ancestor_id=ancestor_id)
        for node in beneath
        for ancestor_id in _chain(nodes, node, within=MAX_CATEGORY_DEPTH)
    )
    Product.objects.filter(category__in=beneath).update(price_changes_at=clock.now())
    return moved


def _chain(nodes: dict[int, Category], node: Category, *, within: int) -> list[int]:
    """The ids from `node` up to its root; stops after `within` steps, so that a cycle ends too."""
    chain = [node.pk]
    while node.parent_id is not None and len(chain) <= within:
        node = nodes[node.parent_id]
        chain.append(node.pk)
    return chain


@service
def create_brand(*, name: str, about: str = "", status: str = BrandStatus.PENDING, actor: Actor) -> Brand:
    """Add a brand that the store knows.

    Staff's, who say what it is worth; a seller will ask for one once their points suffice (docs/states.md).
    Raises `PermissionDenied`, `Invalid` if there is one of that name.
    """
    authorize(actor, "products.create_brand")
    name = clean_name(name, 80)
    if Brand.objects.filter(name__iexact=name).exists():
        raise Invalid(_("There is a brand of that name already."), field="name")
    return Brand.objects.create(
        name=name, slug=free_slug(Brand, name), about=clean_text(about)[:1000], status=BrandStatus(status)
    )
