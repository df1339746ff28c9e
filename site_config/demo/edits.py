"""Sellers change what shoppers have seen: an edit in every state, each of another listing of one shop. Days ago."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from marketplace.accounts.models import User
from marketplace.products.edit_states import EditStatus
from marketplace.products.models import ListingEdit, Product
from marketplace.products.services import Changes, begin_edit, cancel_edit, change_edit
from marketplace.reviewing.selectors import submissions_about
from marketplace.reviewing.states import Decision
from site_config.acts import products

from .people import ADMIN

Entry = tuple[float, Callable[[], object]]


@dataclass(frozen=True)
class Wanted:
    """Of which listing, what its text shall say besides, when it was begun, and the state that it comes to."""

    title: str
    says: str
    ago: float
    becomes: EditStatus
    reason: str = ""


WANTED = [
    Wanted("Serving Spoon, Mirror Polished", "The handle is 31 cm long.", 0.3, EditStatus.DRAFT),
    Wanted("Cook's Knife, 20 cm", "New: with a guard for the drawer.", 0.7, EditStatus.PENDING),
    Wanted(
        "Everyday Dinner Set, One Place",
        "Now with a bowl, too.",
        2.2,
        EditStatus.CHANGES_REQUESTED,
        "Please show the bowl in a picture, or say how large it is.",
    ),
    Wanted("Morning Cup with Saucer", "Holds 180 ml up to the brim.", 5.1, EditStatus.CONFIRMED),
    Wanted(
        "Cast-Iron Skillet, 26 cm",
        "The best skillet of this store.",
        6.3,
        EditStatus.DECLINED,
        "Please say what it is; which one is the best, shoppers say.",
    ),
    Wanted("Blue Breakfast Bowl and Spoon", "With a fork.", 3.4, EditStatus.CANCELLED),
]
DECISIONS = {
    EditStatus.CHANGES_REQUESTED: Decision.ASK_FOR_CHANGES,
    EditStatus.CONFIRMED: Decision.APPROVE,
    EditStatus.DECLINED: Decision.REJECT,
}
UNSENT = (EditStatus.DRAFT, EditStatus.CANCELLED)


def diary(people: Mapping[str, int]) -> Iterator[Entry]:
    """What happened: each was begun, and came to its state a few hours later."""
    for wanted in WANTED:
        yield wanted.ago, lambda one=wanted: _begin(one)
        if wanted.becomes == EditStatus.CANCELLED:
            yield wanted.ago - 0.2, lambda one=wanted: _cancel(one)
        if wanted.becomes in DECISIONS:
            yield wanted.ago - 0.2, lambda one=wanted: _decide(one, User.objects.get(pk=people[ADMIN.email]))


def _begin(wanted: Wanted) -> None:
    """Begin it and hand it in, unless it is to stay unsent; a run that was interrupted goes on with its draft."""
    product = Product.objects.select_related("seller").get(title=wanted.title)
    edit = _edit_of(wanted)
    if edit is not None and edit.status != EditStatus.DRAFT:
        return
    text = f"{product.description}\n\n{wanted.says}"
    if wanted.becomes not in UNSENT:
        products.hand_in_edit(product, description=text)
        return
    edit = begin_edit(product_id=product.pk, actor=product.seller)
    change_edit(edit_id=edit.pk, changes=Changes(description=text), actor=product.seller)


def _cancel(wanted: Wanted) -> None:
    edit = _edit_of(wanted)
    if edit is not None:
        cancel_edit(edit_id=edit.pk, actor=edit.product.seller)


def _decide(wanted: Wanted, admin: User) -> None:
    edit = _edit_of(wanted)
    if edit is not None and edit.status == EditStatus.PENDING:
        submission = submissions_about([edit])[edit.pk]
        products.decide_edit(submission, admin, DECISIONS[wanted.becomes], wanted.reason)


def _edit_of(wanted: Wanted) -> ListingEdit | None:
    edits = ListingEdit.objects.filter(product__title=wanted.title).select_related("product__seller")
    return edits.order_by("pk").last()
