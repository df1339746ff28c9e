"""A seller takes listings off the shop window for a while, puts them back, takes them away for good."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.common import clock
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import DomainError, InvalidTransition, StaleState
from marketplace.common.transactions import service
from marketplace.products.locking import lock_products
from marketplace.products.models import Product
from marketplace.products.needed import needed_among
from marketplace.products.shown import require_as_shown
from marketplace.products.states import LISTING_NEXT, ListingStatus, listing_not_possible

from .edit_steps import UnderReview, changed_meanwhile, lock_under_review
from .listings import advance, enter_window, leave_window
from .locked import lock_own

MOST_AT_ONCE = 100


class Move(models.TextChoices):
    """What a seller does with listings without changing what they say."""

    PAUSE = "pause", gettext_lazy("Pause")
    RESUME = "resume", gettext_lazy("Resume")
    ARCHIVE = "archive", gettext_lazy("Archive")

    @property
    def leads_to(self) -> ListingStatus:
        """The state after it."""
        return _LEADS_TO[self]


_LEADS_TO = {
    Move.PAUSE: ListingStatus.PAUSED,
    Move.RESUME: ListingStatus.LIVE,
    Move.ARCHIVE: ListingStatus.ARCHIVED,
}


@dataclass(frozen=True)
class Moved:
    """What became of several listings: those that are where they should be now, and why the others are not."""

    done: list[Product]
    refused: list[tuple[Product, DomainError]]


def require_movable(
    actor: Actor, product: Product, move: Move, *, needed: Collection[int] | None = None
) -> None:
    """Raise unless `actor` may do this with a listing now: `PermissionDenied`, `InvalidTransition`, `StaleState`.

    `needed` are the listings that open orders need, for whoever asks about many; else they are asked for.
    """
    authorize(actor, "products.move_product", product)
    if move.leads_to not in LISTING_NEXT[product.status]:
        raise InvalidTransition(listing_not_possible(product.status, move.leads_to))
    # Only a paused one is resumed: what waits for review or is suspended becomes live by an admin's word.
    if move == Move.RESUME and product.status != ListingStatus.PAUSED:
        raise InvalidTransition(listing_not_possible(product.status, move.leads_to))
    if move == Move.ARCHIVE and product.pk in (needed_among([product.pk]) if needed is None else needed):
        raise StaleState(
            _(
                "There are open orders for it. Pause it, so that nobody buys more; archive it when the orders are over."
            )
        )


@service
def move_listing(*, product_id: int, move: Move, actor: Actor, expected: str | None = None) -> Product:
    """Pause a live listing, resume a paused one, or archive one that no open order needs.

    What is not live is not in the shop and not in the search; a resumed one costs what it costs now, and its
    price history goes on. Repeating it changes nothing. Raises `PermissionDenied`, `InvalidTransition`,
    `StaleState` (open orders; or not as `expected`, the mark of marketplace/products/shown.py),
    `Product.DoesNotExist`.
    """
    reviewed = lock_under_review([product_id])
    product = lock_own(product_id, actor, "products.move_product")
    if product.status == move.leads_to:
        return product
    require_movable(actor, product, move)
    require_as_shown(expected, product)
    if move == Move.ARCHIVE and reviewed.begun_since([product.pk]):
        raise changed_meanwhile()
    _move_all([product], move, actor, reviewed)
    return product


@service
def move_listings(*, marks: Mapping[int, str], move: Move, actor: Actor) -> Moved:
    """As `move_listing`, of many: each that can be moved is, and the others stay as they are, each with the reason.

    `marks` says what each listing's row was drawn for, by its id; 100 at most (`ValueError`: no page offers more).
    """
    if len(marks) > MOST_AT_ONCE:
        raise ValueError("too many listings at once")
    reviewed = lock_under_review(marks)
    products = list(lock_products(marks).values())
    for product in products:
        authorize(actor, "products.move_product", product)
    needed = needed_among([product.pk for product in products]) if move == Move.ARCHIVE else set()
    begun = reviewed.begun_since(marks) if move == Move.ARCHIVE else set()
    moving: list[Product] = []
    refused: list[tuple[Product, DomainError]] = []
    done: list[Product] = []
    for product in products:
        if product.status == move.leads_to:
            done.append(product)
            continue
        try:
            require_movable(actor, product, move, needed=needed)
            require_as_shown(marks[product.pk], product)
            if product.pk in begun:
                raise changed_meanwhile()
        except DomainError as error:
            refused.append((product, error))
        else:
            moving.append(product)
    _move_all(moving, move, actor, reviewed)
    return Moved([*done, *moving], refused)


def _move_all(products: Sequence[Product], move: Move, actor: Actor, reviewed: UnderReview) -> None:
    """Locked listings that may go there go there; what is archived is reviewed and changed no more."""
    if move == Move.ARCHIVE:
        reviewed.close_all(products, actor)
    was_live = [product for product in products if product.status == ListingStatus.LIVE]
    now = clock.now()
    for product in products:
        if move == Move.RESUME:  # one that came paused, by an import, was never live
            advance(product, move.leads_to, actor=actor, published_at=product.published_at or now)
        else:
            advance(product, move.leads_to, actor=actor)
    if was_live:
        leave_window(was_live)
    if move == Move.RESUME and products:
        enter_window(products, now)
