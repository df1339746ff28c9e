"""Staged edits of listings: for whoever writes one, and for whoever decides about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from marketplace.accounts.models import User
from marketplace.products.content import Content, content_of, content_of_edit, content_of_version
from marketplace.products.edit_states import EDIT_CHANGEABLE, EDIT_OPEN, EDIT_TONES, EditStatus
from marketplace.products.models import EditEvent, ListingEdit, ListingVersion
from marketplace.products.shown import mark_of_edit

_TOLD = (EditStatus.CHANGES_REQUESTED, EditStatus.DECLINED)


@dataclass(frozen=True)
class OwnEdit:
    """An own edit as its listing's page and row tell of it."""

    edit: ListingEdit
    asked_for: str = ""
    """Why an admin sent it back, or declined it."""

    @property
    def status(self) -> EditStatus:
        return EditStatus(self.edit.status)

    @property
    def tone(self) -> str:
        return EDIT_TONES[self.status]

    @property
    def mark(self) -> str:
        """What a form about it is drawn for."""
        return mark_of_edit(self.edit)

    @property
    def is_open(self) -> bool:
        return self.edit.is_open

    @property
    def can_be_changed(self) -> bool:
        return self.status in EDIT_CHANGEABLE

    @property
    def can_be_withdrawn(self) -> bool:
        return self.edit.is_waiting


def edits_of(user: User) -> QuerySet[ListingEdit]:
    """The edits that this person wrote: all of their own listings', whatever their state."""
    return ListingEdit.objects.filter(product__seller=user)


def open_edit(user: User, slug: str) -> ListingEdit | None:
    """The open edit of an own listing, with all that its editor shows; None where there is none, or it is another's."""
    return _whole(edits_of(user)).filter(product__slug=slug, status__in=EDIT_OPEN).first()


def last_edit(user: User, slug: str) -> OwnEdit | None:
    """The newest edit of an own listing, open or over; None where there never was one, or it is another's."""
    edit = edits_of(user).filter(product__slug=slug).order_by("-pk").first()
    if edit is None:
        return None
    if edit.status not in _TOLD:
        return OwnEdit(edit)
    steps = EditEvent.objects.filter(edit=edit, to_status=edit.status).order_by("-pk")
    return OwnEdit(edit, steps.values_list("reason", flat=True).first() or "")


def open_edits(product_ids: Iterable[int]) -> dict[int, EditStatus]:
    """The states of the open edits of these listings, for their rows: one query."""
    found = ListingEdit.objects.filter(product__in=list(product_ids), status__in=EDIT_OPEN)
    return {product: EditStatus(status) for product, status in found.values_list("product", "status")}


def edits_by_id(ids: Iterable[int]) -> dict[int, ListingEdit]:
    """Edits in whatever state, for whoever decides about them: with all that `compared` reads."""
    return {row.pk: row for row in _whole(ListingEdit.objects.filter(pk__in=list(ids)))}


def compared(edit: ListingEdit) -> tuple[Content, Content]:
    """What the listing says now, or said when an edit was begun that is over, and what it shall say, or says, by it."""
    was = None if edit.is_open else version_of(edit.product_id, edit.based_on)
    return was or content_of(edit.product), content_of_edit(edit)


def version_of(product_id: int, number: int) -> Content | None:
    """What a listing said under this content number; None where that is what it says now."""
    found = ListingVersion.objects.filter(product=product_id, number=number)
    version = found.prefetch_related("pictures").first()
    return content_of_version(version) if version else None


def _whole(found: QuerySet[ListingEdit]) -> QuerySet[ListingEdit]:
    found = found.select_related(
        "category", "brand", "product__category", "product__brand", "product__seller__seller_profile"
    )
    return found.prefetch_related("pictures", "product__images", "product__variants")
