"""A staged edit's way through review: its seller hands it in or takes it back, an admin confirms or declines it.

Locks: the submission (8.5), the edit (8.6), then the listing's variants and the listing.
"""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import Conflicts, Invalid, InvalidTransition
from marketplace.common.locking import lock_row
from marketplace.common.transactions import service
from marketplace.notifications.services import notify
from marketplace.products.completeness import missing_of
from marketplace.products.content import content_of, content_of_edit, read_variant
from marketplace.products.edit_states import EDIT_NEXT, STAGED, EditStatus, edit_not_possible
from marketplace.products.models import (
    ListingEdit,
    Product,
    ProductImage,
    StagedPicture,
    Variant,
)
from marketplace.products.notices import EDIT_CHANGES, EDIT_CONFIRMED, EDIT_DECLINED
from marketplace.products.reviewed import LISTING_EDIT
from marketplace.products.search import index
from marketplace.products.shown import require_edit_as_shown
from marketplace.products.states import ListingStatus
from marketplace.reviewing.services import steps
from marketplace.reviewing.states import Decision

from .checks import check_brand, check_category
from .edit_steps import advance_edit, changed_meanwhile, close, lock_own_edit, lock_submission_of
from .images import set_cover
from .keeping import keep_what_it_says
from .locked import lock_own
from .variants import NewVariant, write_variants

AFTER = {
    Decision.APPROVE: EditStatus.CONFIRMED,
    Decision.ASK_FOR_CHANGES: EditStatus.CHANGES_REQUESTED,
    Decision.REJECT: EditStatus.DECLINED,
}
NOTICES = {
    EditStatus.CONFIRMED: EDIT_CONFIRMED,
    EditStatus.CHANGES_REQUESTED: EDIT_CHANGES,
    EditStatus.DECLINED: EDIT_DECLINED,
}


def require_edit_submittable(actor: Actor, edit: ListingEdit) -> None:
    """Raise unless `actor` may hand this edit in now: `PermissionDenied`, `InvalidTransition`, and `Conflicts` with
    what is missing of it, or where the listing says all of it already."""
    authorize(actor, "products.submit_product", edit.product)
    if EditStatus.PENDING not in EDIT_NEXT[edit.status]:
        raise InvalidTransition(edit_not_possible(edit.status, EditStatus.PENDING))
    content = content_of_edit(edit)
    if missing := missing_of(content):
        raise Conflicts(_("Some things are missing before it can be reviewed."), missing)
    if content == content_of(edit.product):
        raise Conflicts(_("Nothing differs from what the listing says now."))


@service
def submit_edit(*, edit_id: int, actor: Actor, expected: str | None = None) -> ListingEdit:
    """Hand an edit in for review, or once more after changes were asked for. Repeating it changes nothing.

    Raises `PermissionDenied`, `InvalidTransition`, `Conflicts`, `StaleState` (not as `expected`, which is
    `shown.mark_of_edit`), `ListingEdit.DoesNotExist`.
    """
    submission = lock_submission_of(edit_id)
    edit = lock_own_edit(edit_id, actor, "products.submit_product")
    if edit.is_waiting:
        return edit
    require_edit_submittable(actor, edit)
    require_edit_as_shown(expected, edit)
    if submission is not None:
        steps.submit_again(submission, actor=actor)
    elif edit.status == EditStatus.CHANGES_REQUESTED:
        raise changed_meanwhile()
    else:
        steps.submit(subject=edit, kind=LISTING_EDIT, submitter_id=edit.product.seller_id)
    advance_edit(edit, EditStatus.PENDING, actor=actor)
    return edit


def require_edit_withdrawable(actor: Actor, edit: ListingEdit) -> None:
    """Raise unless `actor` may take an edit back out of review: `PermissionDenied`, `InvalidTransition`."""
    authorize(actor, "products.submit_product", edit.product)
    if not edit.is_waiting:
        raise InvalidTransition(edit_not_possible(edit.status, EditStatus.DRAFT))


@service
def withdraw_edit(*, edit_id: int, actor: Actor, expected: str | None = None) -> ListingEdit:
    """Take an edit back out of review: it can be changed again. Repeating it changes nothing.

    Raises `PermissionDenied`, `InvalidTransition`, `StaleState` (not as `expected`), `ListingEdit.DoesNotExist`.
    """
    submission = lock_submission_of(edit_id)
    edit = lock_own_edit(edit_id, actor, "products.submit_product")
    if edit.status == EditStatus.DRAFT:
        return edit
    require_edit_withdrawable(actor, edit)
    require_edit_as_shown(expected, edit)
    close(edit, submission, to=EditStatus.DRAFT, actor=actor)
    return edit


@service
def decide_edit(
    *, submission_id: int, decision: str, reason: str, actor: Actor, expected: str | None = None
) -> ListingEdit:
    """Let a listing say what its edit says, decline that, or ask for changes (`Decision`); its seller is told.

    What the listing said until now is kept for the orders that were made meanwhile (`ListingVersion`). Price, stock
    and state of the listing stay. `expected` is `reviewing.shown.mark_of_submission`. Raises `Invalid`
    (`decision`, `reason`), `PermissionDenied`, `ConflictOfInterest`, `DecidedAlready` for the second decision,
    `StaleState` for a form of an earlier round, and `Conflicts` where the edit no longer fits the store.
    """
    submission = steps.lock_submission(submission_id)
    edit = lock_row(ListingEdit, submission.object_id)
    submission, is_new = steps.decide(
        submission, decision=decision, reason=reason, actor=actor, expected=expected
    )
    product = lock_own(edit.product_id, actor, "products.publish_product")
    edit.product = product
    if not is_new:
        return edit
    to = AFTER[Decision(decision)]
    if to == EditStatus.CONFIRMED:
        _confirm(edit, product, clock.now())
    advance_edit(edit, to, actor=actor, reason=submission.reason)
    notify(
        recipient_id=product.seller_id,
        kind=NOTICES[to],
        subject=product,
        event_key=f"edit:{edit.pk}:{submission.pk}:{submission.round}:{to}",
        title=product.title,
        **({"reason": submission.reason} if submission.reason else {}),
    )
    return edit


def _confirm(edit: ListingEdit, product: Product, now: datetime) -> None:
    """The locked listing says from now on what the locked edit says. Raises `Conflicts` where that does not fit."""
    if product.status not in STAGED:
        raise Conflicts(_("The listing is no longer one that can be changed."))
    try:
        check_category(edit.category_id)
        check_brand(edit.brand_id)
        keep_what_it_says(product, now)
        for name in ("title", "description", "category_id", "brand_id"):
            setattr(product, name, getattr(edit, name))
        product.version += 1
        names = ["title", "description", "category", "brand", "content_number", "version"]
        product.save(update_fields=names)
        write_variants(product, edit.options, _wanted(edit, product))
    except Invalid as error:
        sentence = _("It does not fit any more, so nothing was done. Please ask for changes, or decline it.")
        raise Conflicts(sentence, [str(error)]) from error
    images = _show(product, list(edit.pictures.all()))
    _give_own_pictures(edit, product.locked_variants, images)
    set_cover(product)
    if product.status == ListingStatus.LIVE:
        index.add([product.pk])


def _wanted(edit: ListingEdit, product: Product) -> list[NewVariant]:
    """The edit's variants; those that are on offer at the price that they have now."""
    there = {row.pk: row for row in product.locked_variants}
    wanted = []
    for variant in map(read_variant, edit.variants):
        row = there.get(variant.pk or 0)
        price = row.price if row and (row.is_offered or variant.price is None) else variant.price
        wanted.append(
            NewVariant(
                price=price or 0,
                stock=variant.stock or 0,
                values=variant.values,
                sku=variant.sku,
                barcode=variant.barcode,
                weight_grams=variant.weight_grams,
                size_class=variant.size_class,
                pk=variant.pk,
            )
        )
    return wanted


def _show(product: Product, staged: Sequence[StagedPicture]) -> dict[str, int]:
    """The locked listing shows these pictures: those that it has keep their rows, the others take over the files.
    Returns the rows by their files."""
    there = {image.pk: image for image in product.images.all()}
    kept, new = [], []
    for position, row in enumerate(staged):
        image = there.pop(row.image_id or 0, None)
        if image is None:
            image = ProductImage(
                product=product, picture=row.picture.name, width=row.width, height=row.height
            )
            new.append(image)
        else:
            kept.append(image)
        image.alt_text, image.position = row.alt_text, position
    ProductImage.objects.filter(pk__in=list(there)).delete()
    ProductImage.objects.bulk_update(kept, ["alt_text", "position"])
    ProductImage.objects.bulk_create(new)
    return dict(product.images.values_list("picture", "pk"))


def _give_own_pictures(edit: ListingEdit, rows: Sequence[Variant], images: dict[str, int]) -> None:
    """The variants, in the order of the edit's, are shown by their own pictures."""
    for row, kept in zip(rows, edit.variants, strict=True):
        row.image_id = images.get(kept["picture"])
    Variant.objects.bulk_update(rows, ["image"], batch_size=100)
