"""The steps of a listing's staged edit, and its locks: submission (8.5), edit (8.6), then the listing. Inner steps."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import StaleState
from marketplace.common.locking import lock_all, lock_row
from marketplace.common.moving import move
from marketplace.products.edit_states import EDIT_NEXT, EditStatus, edit_not_possible
from marketplace.products.models import EditEvent, ListingEdit, Product
from marketplace.products.reviewed import LISTING, LISTING_EDIT
from marketplace.reviewing.models import Submission
from marketplace.reviewing.services import steps


def open_key_of(product_id: int) -> str:
    """What the open edit of a listing has alone."""
    return f"product:{product_id}"


def lock_own_edit(edit_id: int, actor: Actor, permission: str = "products.edit_product") -> ListingEdit:
    """The locked edit with its listing (which is not locked), if `actor` may do this with that listing.

    Raises `PermissionDenied`, `ListingEdit.DoesNotExist`.
    """
    edit = lock_row(ListingEdit, edit_id)
    edit.product = Product.objects.get(pk=edit.product_id)
    authorize(actor, permission, edit.product)
    return edit


def lock_submission_of(edit_id: int) -> Submission | None:
    """The open submission about this edit, locked. Before the edit is."""
    return next(iter(steps.lock_open([ListingEdit(pk=edit_id)])), None)


def advance_edit(edit: ListingEdit, to: EditStatus, *, actor: Actor, reason: str = "") -> None:
    """The only writer of an edit's status: moves a locked edit one step, and writes who did it and why.

    Raises `InvalidTransition` for a step that `EDIT_NEXT` does not know.
    """
    now = clock.now()
    is_over = not EDIT_NEXT[to]
    changes: dict[str, object] = {"open_key": None} if is_over else {}
    before = move(edit, to, steps=EDIT_NEXT, refuse=edit_not_possible, updated_at=now, **changes)
    EditEvent.objects.create(
        edit=edit, actor_id=actor.pk, from_status=before, to_status=to, reason=reason, at=now
    )


def close(edit: ListingEdit, submission: Submission | None, *, to: EditStatus, actor: Actor) -> None:
    """A locked edit is a draft again, or is given up: nobody decides about it any more. Raises `StaleState` where it
    was handed in while its locks were waited for."""
    if edit.status in (EditStatus.PENDING, EditStatus.CHANGES_REQUESTED):
        if submission is None:
            raise changed_meanwhile()
        steps.withdraw(submission, actor=actor)
    advance_edit(edit, to, actor=actor)
    if to == EditStatus.CANCELLED:
        edit.pictures.filter(image=None).delete()  # the sweep takes their files away


def changed_meanwhile() -> StaleState:
    """What was waited for is no longer as it was read."""
    return StaleState(
        _("This has changed since the page was drawn, so nothing was done. Please look it over again.")
    )


@dataclass(frozen=True)
class UnderReview:
    """What is open about some listings, locked: their own submissions, their edits, and those edits' submissions."""

    submissions: dict[int, Submission]
    """By listing."""
    edits: dict[int, ListingEdit]
    """By listing."""
    of_edits: dict[int, Submission]
    """By edit."""

    def begun_since(self, product_ids: Iterable[int]) -> set[int]:
        """Those of these locked listings that were handed in, or of which an edit was begun, while the locks were
        waited for: two queries."""
        ids = list(product_ids)
        edits = [open_key_of(pk) for pk in ids if pk not in self.edits]
        begun = ListingEdit.objects.filter(open_key__in=edits).values_list("product_id", flat=True)
        return {*begun, *handed_in_since(ids, self.submissions)}

    def close_all(self, products: Sequence[Product], actor: Actor) -> None:
        """These locked listings are archived: nothing about them is reviewed any more, and no edit goes on."""
        for product in products:
            if submission := self.submissions.get(product.pk):
                steps.withdraw(submission, actor=actor)
            if edit := self.edits.get(product.pk):
                close(edit, self.of_edits.get(edit.pk), to=EditStatus.CANCELLED, actor=actor)


def handed_in_since(product_ids: Iterable[int], submissions: Collection[int]) -> set[int]:
    """Those of these locked listings with an open submission that is not among the `submissions` (by listing) that
    were locked before: one query, none where all have theirs."""
    keys = [steps.open_key_of(Product(pk=pk)) for pk in product_ids if pk not in submissions]
    if not keys:
        return set()
    return set(Submission.objects.filter(open_key__in=keys).values_list("object_id", flat=True))


def lock_under_review(product_ids: Iterable[int]) -> UnderReview:
    """All that is open about these listings, locked. Before any listing is."""
    ids = set(product_ids)
    mine = ListingEdit.objects.filter(open_key__in=[open_key_of(pk) for pk in ids])
    subjects = [
        *(Product(pk=pk) for pk in ids),
        *(ListingEdit(pk=pk) for pk in mine.values_list("pk", flat=True)),
    ]
    submissions = steps.lock_open(subjects)
    edits = [edit for edit in lock_all(mine) if edit.is_open]
    return UnderReview(
        {row.object_id: row for row in submissions if row.kind == LISTING.name},
        {edit.product_id: edit for edit in edits},
        {row.object_id: row for row in submissions if row.kind == LISTING_EDIT.name},
    )
