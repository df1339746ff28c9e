"""A listing's way through review: its seller hands it in or takes it back, an admin decides.

Locks: the submission first (rank 8.5), then the listing's variants and the listing.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import Conflicts, InvalidTransition
from marketplace.common.transactions import service
from marketplace.notifications.services import notify
from marketplace.products.completeness import missing_of
from marketplace.products.content import content_of
from marketplace.products.models import Product
from marketplace.products.notices import LISTING_APPROVED, LISTING_CHANGES, LISTING_REJECTED
from marketplace.products.reviewed import LISTING
from marketplace.products.shown import require_as_shown
from marketplace.products.states import LISTING_NEXT, ListingStatus, listing_not_possible
from marketplace.reviewing.models import Submission
from marketplace.reviewing.services import steps
from marketplace.reviewing.states import Decision

from .edit_steps import changed_meanwhile, handed_in_since
from .listings import advance, enter_window
from .locked import lock_own

AFTER = {
    Decision.APPROVE: ListingStatus.LIVE,
    Decision.ASK_FOR_CHANGES: ListingStatus.CHANGES_REQUESTED,
    Decision.REJECT: ListingStatus.REJECTED,
}
NOTICES = {
    ListingStatus.LIVE: LISTING_APPROVED,
    ListingStatus.CHANGES_REQUESTED: LISTING_CHANGES,
    ListingStatus.REJECTED: LISTING_REJECTED,
}


def lock_submissions(product_ids: Iterable[int]) -> dict[int, Submission]:
    """The open submissions about these listings, locked, by the listing's id. Before any listing is locked."""
    return {row.object_id: row for row in steps.lock_open(Product(pk=pk) for pk in product_ids)}


def require_submittable(actor: Actor, product: Product, *, as_it_is: bool = False) -> None:
    """Raise unless `actor` may hand this listing in now: `PermissionDenied`, `InvalidTransition`, and `Conflicts`
    with what is missing of it."""
    authorize(actor, "products.submit_product", product)
    if ListingStatus.PENDING not in LISTING_NEXT[product.status]:
        raise InvalidTransition(listing_not_possible(product.status, ListingStatus.PENDING))
    if not as_it_is and (missing := missing_of(content_of(product))):
        raise Conflicts(_("Some things are missing before it can be reviewed."), missing)


@service
def submit(*, product_id: int, actor: Actor, expected: str | None = None, as_it_is: bool = False) -> Product:
    """Hand a draft in for review, or once more after changes were asked for. Repeating it changes nothing.

    `as_it_is` is an import's: its pictures may come later, and whoever decides sees what is missing.
    Raises `PermissionDenied`, `InvalidTransition`, `Conflicts` (what is missing), `StaleState` (not as
    `expected`, the mark of marketplace/products/shown.py), `Product.DoesNotExist`.
    """
    submissions = lock_submissions([product_id])
    product = lock_own(product_id, actor, "products.submit_product")
    if product.status == ListingStatus.PENDING:
        return product
    require_submittable(actor, product, as_it_is=as_it_is)
    require_as_shown(expected, product)
    if submission := submissions.get(product_id):
        steps.submit_again(submission, actor=actor)
    else:
        steps.submit(subject=product, kind=LISTING, submitter_id=product.seller_id)
    advance(product, ListingStatus.PENDING, actor=actor)
    return product


def require_withdrawable(actor: Actor, product: Product) -> None:
    """Raise unless `actor` may take a listing back out of review: `PermissionDenied`, `InvalidTransition`."""
    authorize(actor, "products.submit_product", product)
    if product.status != ListingStatus.PENDING:
        raise InvalidTransition(listing_not_possible(product.status, ListingStatus.DRAFT))


@service
def withdraw(*, product_id: int, actor: Actor, expected: str | None = None) -> Product:
    """Take a listing back out of review: it is a draft again. Repeating it changes nothing.

    Raises `PermissionDenied`, `InvalidTransition`, `StaleState` (not as `expected`), `Product.DoesNotExist`.
    """
    submissions = lock_submissions([product_id])
    product = lock_own(product_id, actor, "products.submit_product")
    if product.status == ListingStatus.DRAFT:
        return product
    require_withdrawable(actor, product)
    require_as_shown(expected, product)
    if handed_in_since([product_id], submissions):
        raise changed_meanwhile()
    close_submissions(submissions.values(), actor)
    advance(product, ListingStatus.DRAFT, actor=actor)
    return product


def close_submissions(submissions: Iterable[Submission], actor: Actor) -> None:
    """Nobody decides about these locked submissions any more: their seller has taken the listing away."""
    for submission in submissions:
        steps.withdraw(submission, actor=actor)


@service
def decide_listing(
    *, submission_id: int, decision: str, reason: str, actor: Actor, expected: str | None = None
) -> Product:
    """Put a listing into the shop, refuse it, or ask for changes (`Decision`); its seller is told, with the reason.

    `expected` is what the form was drawn for (`reviewing.shown.mark_of_submission`). Raises `Invalid`
    (`decision`, `reason`), `PermissionDenied`, `ConflictOfInterest`, `DecidedAlready` for the second decision,
    `StaleState` for a form of an earlier round.
    """
    submission = steps.lock_submission(submission_id)
    submission, is_new = steps.decide(
        submission, decision=decision, reason=reason, actor=actor, expected=expected
    )
    product = lock_own(submission.object_id, actor, "products.publish_product")
    if not is_new:
        return product
    to, now = AFTER[Decision(decision)], clock.now()
    if to == ListingStatus.LIVE:
        advance(product, to, actor=actor, published_at=product.published_at or now)
        enter_window([product], now)
    else:
        advance(product, to, actor=actor, reason=submission.reason)
    notify(
        recipient_id=product.seller_id,
        kind=NOTICES[to],
        subject=product,
        event_key=f"listing:{product.pk}:{submission.pk}:{submission.round}:{to}",
        title=product.title,
        **({"reason": submission.reason} if submission.reason else {}),
    )
    return product
