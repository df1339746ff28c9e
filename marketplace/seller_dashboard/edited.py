"""What the editor changes: a listing itself, or the staged edit of one that shoppers have seen.

Both say the same things, have pictures and are handed in. The editor's views and templates ask either of:

- `content`, what it says as it is saved; `status`, `tone`; `asked_for`, what an admin has asked for, or why not
- `mark`, what a form about it is drawn for; `kept_as`, the name under which a browser keeps what is typed
- `may_edit`; `differs`, what it would change of what shoppers see (None: they have seen nothing, or it is over)
- `on_offer`, the variants that are sold now, by their folded values: their price and stock are changed elsewhere

and tell it to `save`, `hand_in`, and what becomes of its pictures. `EDITED` finds both by what their routes begin with
("listing_edit", "change_edit").
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import IO

from marketplace.accounts.models import User
from marketplace.common.authorisation import may
from marketplace.products import services
from marketplace.products.completeness import missing_of
from marketplace.products.content import Content, ContentVariant, content_of, content_of_edit
from marketplace.products.differences import Differences, differences
from marketplace.products.edit_states import EditStatus
from marketplace.products.models import ListingEdit, Product
from marketplace.products.search.words import fold
from marketplace.products.selectors import edits_by_id, last_edit, listings_of, open_edit, own_listing
from marketplace.products.services import Changes
from marketplace.products.shown import mark_of_edit, mark_of_listing
from marketplace.products.states import LISTING_TONES, ListingStatus

Values = tuple[str, ...]


class Draft:
    """A listing that shoppers have not seen: what is saved is what it says."""

    kind = "listing"
    is_staged = False
    differs: Differences | None = None
    on_offer: Mapping[Values, ContentVariant] = {}

    def __init__(self, user: User, listing: Product) -> None:
        self.user = user
        self.listing = listing
        self.status = ListingStatus(listing.status)
        self.tone = LISTING_TONES[self.status]
        self.mark = mark_of_listing(listing.pk, listing.status)
        self.kept_as = listing.slug
        self.may_edit = may(services.require_editable, user, listing)

    @cached_property
    def content(self) -> Content:
        return content_of(self.listing)

    @cached_property
    def asked_for(self) -> str:
        row = own_listing(self.user, self.listing.slug)
        return row.asked_for if row else ""

    def save(self, changes: Changes, expected: str) -> object:
        return services.edit_listing(
            product_id=self.listing.pk, changes=changes, actor=self.user, expected=expected
        )

    def hand_in(self, expected: str) -> object:
        return services.submit(product_id=self.listing.pk, actor=self.user, expected=expected)

    def add_picture(self, file: IO[bytes], alt_text: str) -> object:
        return services.add_image(product_id=self.listing.pk, file=file, alt_text=alt_text, actor=self.user)

    def describe_picture(self, number: int, alt_text: str) -> object:
        return services.describe_image(image_id=number, alt_text=alt_text, actor=self.user)

    def remove_picture(self, number: int) -> object:
        return services.remove_image(image_id=number, actor=self.user)

    def sort_pictures(self, numbers: Sequence[int]) -> object:
        return services.reorder_images(product_id=self.listing.pk, image_ids=numbers, actor=self.user)


class Change:
    """The staged edit of a listing: what is saved is what it will say, once an admin has confirmed it."""

    kind = "change"
    is_staged = True

    def __init__(self, user: User, edit: ListingEdit) -> None:
        self.user = user
        self.edit = edit
        self.listing = edit.product
        self.status = EditStatus(edit.status)
        self.tone = edit.tone
        self.mark = mark_of_edit(edit)
        self.kept_as = f"{edit.product.slug}:{edit.pk}"
        self.may_edit = may(services.require_edit_changeable, user, edit)

    @cached_property
    def content(self) -> Content:
        return content_of_edit(self.edit)

    @cached_property
    def asked_for(self) -> str:
        last = last_edit(self.user, self.listing.slug)
        return last.asked_for if last else ""

    @cached_property
    def _live(self) -> Content:
        return content_of(self.listing)

    @cached_property
    def differs(self) -> Differences | None:
        return differences(self._live, self.content) if self.edit.is_open else None

    @cached_property
    def on_offer(self) -> Mapping[Values, ContentVariant]:
        live = {row.pk: row for row in self._live.variants}
        named = [(row.values, row) for row in live.values()]
        named += [(row.values, live[row.pk]) for row in self.content.variants if row.pk in live]
        return {folded(values): row for values, row in named}

    def save(self, changes: Changes, expected: str) -> object:
        return services.change_edit(edit_id=self.edit.pk, changes=changes, actor=self.user, expected=expected)

    def hand_in(self, expected: str) -> object:
        return services.submit_edit(edit_id=self.edit.pk, actor=self.user, expected=expected)

    def add_picture(self, file: IO[bytes], alt_text: str) -> object:
        return services.stage_picture(edit_id=self.edit.pk, file=file, alt_text=alt_text, actor=self.user)

    def describe_picture(self, number: int, alt_text: str) -> object:
        return services.describe_staged_picture(picture_id=number, alt_text=alt_text, actor=self.user)

    def remove_picture(self, number: int) -> object:
        return services.unstage_picture(picture_id=number, actor=self.user)

    def sort_pictures(self, numbers: Sequence[int]) -> object:
        return services.sort_staged_pictures(edit_id=self.edit.pk, picture_ids=numbers, actor=self.user)


Edited = Draft | Change


def folded(values: Iterable[str]) -> Values:
    """Option values by what the services tell them apart."""
    return tuple(map(fold, values))


def missing_in(edited: Edited) -> list[str]:
    """What is missing before it can be handed in, a sentence each."""
    return missing_of(edited.content)


def can_be_handed_in(edited: Edited) -> bool:
    """Whether nothing is missing; and of an edit, whether it changes something."""
    return not missing_in(edited) and (edited.differs is None or bool(edited.differs))


def _draft(user: User, slug: str) -> Edited | None:
    found = listings_of(user).filter(slug=slug).select_related("category", "brand")
    listing = found.prefetch_related("images", "variants").first()
    return Draft(user, listing) if listing else None


def _change(user: User, slug: str) -> Edited | None:
    """The open edit, or the last one that there was: its page says what became of it."""
    edit = open_edit(user, slug)
    if edit is None and (last := last_edit(user, slug)):
        edit = edits_by_id([last.edit.pk])[last.edit.pk]
    return Change(user, edit) if edit else None


EDITED: Mapping[str, Callable[[User, str], Edited | None]] = {Draft.kind: _draft, Change.kind: _change}
"""How each kind is found, of the seller's own: None for whoever's it is not."""
