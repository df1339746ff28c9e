"""Pictures of a staged edit. Drawing and storing happen before the transaction, never in it."""

from collections.abc import Callable, Collection, Sequence
from typing import IO

from django.utils.translation import gettext as _

from marketplace.common.authorisation import Actor
from marketplace.common.errors import Invalid
from marketplace.common.files import forgotten_on_failure, stored_whole
from marketplace.common.transactions import service
from marketplace.products import pictures
from marketplace.products.files import is_named, remove_files
from marketplace.products.models import ListingEdit, StagedPicture

from .categories import clean_name
from .edit_steps import lock_own_edit
from .images import MAX_ALT, MAX_IMAGES
from .staging import require_edit_changeable, touch


def stage_picture(
    *,
    edit_id: int,
    file: IO[bytes],
    alt_text: str,
    actor: Actor,
    shows: Collection[int] = (),
    first: Callable[[], None] | None = None,
) -> StagedPicture:
    """Add a picture after the others of an edit; all else as `add_image`, of which nothing is seen before it is
    confirmed. `shows` are variants whose own picture it is. Raises as that, and `ListingEdit.DoesNotExist`."""
    alt_text = clean_name(alt_text, MAX_ALT, field="alt_text") if alt_text.strip() else ""
    # Drawing takes long: who may not is refused before; what counts is asked again under the lock.
    require_edit_changeable(actor, ListingEdit.objects.select_related("product").get(pk=edit_id))
    content = pictures.rebuild(file)
    staged = StagedPicture(edit_id=edit_id, alt_text=alt_text)
    with stored_whole(remove_files, staged.picture.field.generate_filename(staged, content.name)):
        staged.picture.save(content.name, content, save=False)
    with forgotten_on_failure(lambda _name: staged.picture.delete(save=False), staged.picture.name):
        return _attach(staged=staged, actor=actor, shows=shows, first=first)


@service
def _attach(
    *, staged: StagedPicture, actor: Actor, shows: Collection[int], first: Callable[[], None] | None
) -> StagedPicture:
    if first is not None:
        first()
    edit = _lock(staged.edit_id, actor)
    number = edit.pictures.count()
    if number >= MAX_IMAGES:
        raise Invalid(_("A product has %(number)d pictures at most.") % {"number": MAX_IMAGES}, field="file")
    last = edit.pictures.order_by("-position").values_list("position", flat=True).first()
    staged.position = 0 if last is None else last + 1
    staged.pk = None  # another try after a deadlock inserts again
    staged.save(force_insert=True)
    name = staged.picture.name
    variants = [
        {**kept, "picture": name} if kept["pk"] is not None and kept["pk"] in shows else kept
        for kept in edit.variants
    ]
    touch(edit, variants=variants)
    return staged


@service
def describe_staged_picture(*, picture_id: int, alt_text: str, actor: Actor) -> StagedPicture:
    """Say what a picture of an edit shows. Raises `Invalid` (field "alt_text"), `PermissionDenied`, `StaleState`,
    `StagedPicture.DoesNotExist`."""
    edit = _lock(_edit_of(picture_id), actor)
    staged = StagedPicture.objects.get(pk=picture_id)
    staged.alt_text = clean_name(alt_text, MAX_ALT, field="alt_text")
    staged.save(update_fields=["alt_text"])
    touch(edit)
    return staged


def unstage_picture(*, picture_id: int, actor: Actor) -> ListingEdit:
    """Take a picture out of an edit; the listing shows it on, where it does. Raises `PermissionDenied`,
    `StaleState`, `StagedPicture.DoesNotExist`."""
    staged = StagedPicture.objects.get(pk=picture_id)
    edit = _detach(picture_id=picture_id, edit_id=staged.edit_id, actor=actor)
    if not is_named(staged.picture.name):
        staged.picture.delete(save=False)
    return edit


@service
def _detach(*, picture_id: int, edit_id: int, actor: Actor) -> ListingEdit:
    edit = _lock(edit_id, actor)
    staged = StagedPicture.objects.get(pk=picture_id)
    name = staged.picture.name
    StagedPicture.objects.filter(pk=picture_id).delete()
    # Variants that had it as their own have none.
    variants = [
        {**kept, "picture": "" if kept["picture"] == name else kept["picture"]} for kept in edit.variants
    ]
    touch(edit, variants=variants)
    return edit


@service
def sort_staged_pictures(*, edit_id: int, picture_ids: Sequence[int], actor: Actor) -> ListingEdit:
    """Show an edit's pictures in this order. Raises `PermissionDenied`, `StaleState`, `Invalid` unless these are
    all of them, `ListingEdit.DoesNotExist`."""
    edit = _lock(edit_id, actor)
    staged = {row.pk: row for row in edit.pictures.all()}
    if sorted(staged) != sorted(picture_ids):
        raise Invalid(_("The pictures have changed in the meantime. Please look again."))
    for position, pk in enumerate(picture_ids):
        staged[pk].position = position
    StagedPicture.objects.bulk_update(staged.values(), ["position"])
    touch(edit)
    return edit


def _edit_of(picture_id: int) -> int:
    return StagedPicture.objects.values_list("edit_id", flat=True).get(pk=picture_id)


def _lock(edit_id: int, actor: Actor) -> ListingEdit:
    edit = lock_own_edit(edit_id, actor)
    require_edit_changeable(actor, edit)
    return edit
