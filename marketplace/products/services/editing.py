"""What a listing says, changed by its seller before shoppers see it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from marketplace.common.authorisation import Actor
from marketplace.common.transactions import service
from marketplace.products.models import Product, Variant
from marketplace.products.search import own
from marketplace.products.search.words import fold
from marketplace.products.shown import require_as_shown

from .categories import clean_name
from .checks import MAX_TITLE, check_brand, check_category, check_description
from .locked import edit_own, require_editable
from .stock import set_draft_stock
from .variants import NewVariant, Options, write_variants

_KEEP = -1


@dataclass(frozen=True)
class Changes:
    """What is to be different; None stays as it is."""

    title: str | None = None
    description: str | None = None
    category_id: int | None = None
    brand_id: int | None = _KEEP
    """None takes the brand away; -1 leaves it."""
    options: Options | None = None
    variants: Sequence[NewVariant] | None = None
    """Their stock, too, is as it says: nobody buys of a draft meanwhile."""


@service
def edit_listing(*, product_id: int, changes: Changes, actor: Actor, expected: str | None = None) -> Product:
    """Change what a draft says, or a listing of which changes were asked for.

    Raises `Invalid` with the field that is wrong (title, description, category, brand, options, variants, …),
    `PermissionDenied`, `StaleState` (in another state; not as `expected`), `Product.DoesNotExist`.
    """
    product = edit_own(product_id, actor)
    require_editable(actor, product)
    require_as_shown(expected, product)
    said = said_by(changes)
    for name, value in said.items():
        setattr(product, name, value)
    if said:
        product.version += 1
        product.save(update_fields=[*said, "version"])
    if "title" in said and changes.variants is None:  # with the variants it is done below
        own.write([product.pk])
    if changes.variants is not None:
        options = product.options if changes.options is None else changes.options
        wanted = known(product.locked_variants, changes.variants)
        write_variants(product, options, wanted)
        set_draft_stock(product, wanted)
    return product


def said_by(changes: Changes) -> dict[str, object]:
    """The columns that `changes` sets besides options and variants, checked. Raises `Invalid`."""
    said: dict[str, object] = {}
    if changes.title is not None:
        said["title"] = clean_name(changes.title, MAX_TITLE, field="title")
    if changes.description is not None:
        said["description"] = check_description(changes.description)
    if changes.category_id is not None:
        said["category_id"] = check_category(changes.category_id)
    if changes.brand_id != _KEEP:
        said["brand_id"] = check_brand(changes.brand_id)
    return said


def known(there_are: Iterable[Variant], variants: Sequence[NewVariant]) -> list[NewVariant]:
    """`variants`, those that are there already with their row: a form says them by their values."""
    rows = sorted(there_are, key=lambda row: row.is_offered)  # of two alike, the one on offer
    there = {_compared(row.values): row.pk for row in rows}
    taken = {variant.pk for variant in variants}
    return [
        replace(variant, pk=pk)
        if variant.pk is None and (pk := there.get(_compared(variant.values))) and pk not in taken
        else variant
        for variant in variants
    ]


def _compared(values: Iterable[str]) -> tuple[str, ...]:
    """Option values by what `check_options` tells them apart: "red" is "Red", and is written anew."""
    return tuple(map(fold, values))
