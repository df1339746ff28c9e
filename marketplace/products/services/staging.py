"""A seller changes what a listing says that shoppers have seen: beside it, until an admin confirms.

Locks: the edit's submission, the edit, the listing's variants and the listing, as far as each is needed.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import Invalid, InvalidTransition, StaleState
from marketplace.common.transactions import service
from marketplace.products.content import ContentVariant, content_of, write_variant
from marketplace.products.edit_states import EDIT_CHANGEABLE, STAGED, EditStatus, edit_not_possible
from marketplace.products.models import EditEvent, ListingEdit, Product, StagedPicture, Variant
from marketplace.products.search.words import fold
from marketplace.products.shown import require_as_shown, require_edit_as_shown

from .edit_steps import close, lock_own_edit, lock_submission_of, open_key_of
from .editing import Changes, known, said_by
from .locked import lock_own
from .variants import NewVariant, Options, check_options, check_variants, require_free_skus


def require_stageable(actor: Actor, product: Product) -> None:
    """Raise unless `actor` may begin an edit of this listing: `PermissionDenied`, `StaleState`."""
    authorize(actor, "products.edit_product", product)
    if product.status not in STAGED:
        raise StaleState(_("Only what shoppers have seen is changed this way."))


def require_edit_changeable(actor: Actor, edit: ListingEdit) -> None:
    """Raise unless `actor` may change what this edit says: `PermissionDenied`, `StaleState`."""
    authorize(actor, "products.edit_product", edit.product)
    if edit.is_waiting:
        raise StaleState(_("It is being reviewed. Take it back first, then change it."))
    if edit.status not in EDIT_CHANGEABLE:
        raise StaleState(_("This change is over. Begin another one."))


@service
def begin_edit(
    *, product_id: int, actor: Actor, expected: str | None = None, changes: Changes | None = None
) -> ListingEdit:
    """Begin to change what a listing says; it is open until it is confirmed, declined or cancelled.

    Where one is open, that one is returned, unless `changes` are said at once, which are those of a new one alone
    (an import's). `expected` is `shown.mark_of_listing`. Raises `PermissionDenied`, `StaleState`, `Invalid`,
    `Product.DoesNotExist`.
    """
    product = lock_own(product_id, actor, "products.edit_product")
    there = ListingEdit.objects.filter(open_key=open_key_of(product_id)).first()
    if there is not None and changes is not None:
        raise StaleState(_("A change of this listing is open here. Hand it in, or cancel it first."))
    if there is not None:
        return there
    require_stageable(actor, product)
    require_as_shown(expected, product)
    content, now = content_of(product), clock.now()
    edit = ListingEdit.objects.create(
        product=product,
        open_key=open_key_of(product_id),
        title=product.title,
        description=product.description,
        category_id=product.category_id,
        brand_id=product.brand_id,
        options=product.options,
        variants=[write_variant(replace(row, price=None)) for row in content.variants],
        based_on=product.content_number,
        created_at=now,
        updated_at=now,
    )
    StagedPicture.objects.bulk_create(
        StagedPicture(
            edit=edit,
            image_id=row.pk,
            picture=row.name,
            width=row.width,
            height=row.height,
            alt_text=row.alt,
            position=position,
        )
        for position, row in enumerate(content.pictures)
    )
    EditEvent.objects.create(edit=edit, actor_id=actor.pk, to_status=EditStatus.DRAFT, at=now)
    if changes is not None:
        _write(edit, changes)
    return edit


@service
def change_edit(*, edit_id: int, changes: Changes, actor: Actor, expected: str | None = None) -> ListingEdit:
    """Change what an edit says; of its variants those that are on offer keep their price and stock, whatever is said.

    `expected` is `shown.mark_of_edit`. Raises `Invalid` with the field that is wrong, `PermissionDenied`,
    `StaleState` (handed in, or over; not as `expected`), `ListingEdit.DoesNotExist`.
    """
    edit = lock_own_edit(edit_id, actor)
    require_edit_changeable(actor, edit)
    require_edit_as_shown(expected, edit)
    _write(edit, changes)
    return edit


def _write(edit: ListingEdit, changes: Changes) -> None:
    said = said_by(changes)
    if changes.variants is not None:
        options = edit.options if changes.options is None else changes.options
        said |= _staged_variants(edit, options, changes.variants)
    differing = {name: value for name, value in said.items() if getattr(edit, name) != value}
    if differing:
        touch(edit, **differing)


def touch(edit: ListingEdit, **changes: object) -> None:
    """A locked edit says something else from now on."""
    for name, value in changes.items():
        setattr(edit, name, value)
    edit.version += 1
    edit.updated_at = clock.now()
    edit.save(update_fields=[*changes, "version", "updated_at"])


def require_edit_cancellable(actor: Actor, edit: ListingEdit) -> None:
    """Raise unless `actor` may give this edit up: `PermissionDenied`, `InvalidTransition`."""
    authorize(actor, "products.edit_product", edit.product)
    if not edit.is_open:
        raise InvalidTransition(edit_not_possible(edit.status, EditStatus.CANCELLED))


@service
def cancel_edit(*, edit_id: int, actor: Actor, expected: str | None = None) -> ListingEdit:
    """Give an edit up: the listing stays as it is. Repeating it changes nothing.

    Raises `PermissionDenied`, `InvalidTransition` once it was decided, `StaleState` (not as `expected`),
    `ListingEdit.DoesNotExist`.
    """
    submission = lock_submission_of(edit_id)
    edit = lock_own_edit(edit_id, actor)
    if edit.status == EditStatus.CANCELLED:
        return edit
    require_edit_cancellable(actor, edit)
    require_edit_as_shown(expected, edit)
    close(edit, submission, to=EditStatus.CANCELLED, actor=actor)
    return edit


def _staged_variants(
    edit: ListingEdit, options: Options, variants: Sequence[NewVariant]
) -> dict[str, object]:
    """The columns `options` and `variants` of an edit. Raises `Invalid`."""
    rows = {row.pk: row for row in edit.product.variants.all()}
    checked = check_options(options)
    wanted = check_variants(checked, _renamed(rows.values(), known(rows.values(), variants)))
    pks = [variant.pk for variant in wanted if variant.pk is not None]
    if set(pks) - set(rows):
        raise Invalid(_("These variants have changed in the meantime. Please look again."), field="variants")
    if len(set(pks)) != len(pks):
        raise Invalid(_("One of these variants stands there twice."), field="variants")
    require_free_skus(edit.product.seller_id, [variant.sku for variant in wanted], but_of=edit.product_id)
    pictures = {kept["pk"] or tuple(kept["values"]): kept["picture"] for kept in edit.variants}
    staged = []
    for variant in wanted:
        row = rows.get(variant.pk or 0)
        is_on_offer = row is not None and row.is_offered
        staged.append(
            write_variant(
                ContentVariant(
                    pk=variant.pk,
                    values=variant.values,
                    sku=variant.sku,
                    barcode=variant.barcode,
                    weight_grams=variant.weight_grams,
                    size_class=variant.size_class,
                    picture=pictures.get(variant.pk or variant.values, ""),
                    price=None if is_on_offer else variant.price,
                    stock=None if is_on_offer else variant.stock,
                )
            )
        )
    return {"options": checked, "variants": staged}


def _renamed(rows: Collection[Variant], variants: Sequence[NewVariant]) -> list[NewVariant]:
    """`variants`, those of another value with a SKU that is there with its row: a size that is called otherwise is
    the same thing, and keeps its price, stock and orders."""
    taken = {variant.pk for variant in variants}
    there = {fold(row.sku): row.pk for row in rows if row.pk not in taken}
    return [
        replace(variant, pk=pk)
        if variant.pk is None and variant.sku and (pk := there.get(fold(variant.sku)))
        else variant
        for variant in variants
    ]
