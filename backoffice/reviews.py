"""What is reviewed, a row a kind: how it is called in the list, what its case shows, and which service decides.

A later kind costs an entry here, its template under templates/backoffice/reviews/, and its tests
(docs/architecture.md, "Something else that is reviewed").
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.accounts.models import User
from marketplace.applications import services as applications
from marketplace.applications.models import Application
from marketplace.applications.reviewed import COURIER_APPLICATION, SELLER_APPLICATION
from marketplace.applications.selectors import applications_by_id, earlier_tries
from marketplace.common.discovery import by_name
from marketplace.products import services as products
from marketplace.products.differences import differences
from marketplace.products.models import ListingEdit, Product
from marketplace.products.pictures import shown_pictures
from marketplace.products.reviewed import LISTING, LISTING_EDIT
from marketplace.products.selectors import compared, edits_by_id, listings_by_id
from marketplace.products.states import ListingStatus
from marketplace.reviewing.kinds import Kind
from marketplace.reviewing.models import Submission


@dataclass(frozen=True)
class Decided:
    """A decision as an admin sent it."""

    submission: Submission
    decision: str
    reason: str
    actor: User
    shown: str


@dataclass(frozen=True)
class Reviewed:
    """How one kind is read and decided.

    `rows` are the subjects by their ids, for all lines of a list in one query, and what belongs to the case that is
    open; `title` is what one of them is called, `evidence` what its `template` shows of it (the subject, and all
    rows), `decide` the service of its domain.
    """

    kind: Kind
    rows: Callable[[Iterable[int], Submission | None], Mapping[int, Any]]
    title: Callable[[Any], str]
    evidence: Callable[[Any, Mapping[int, Any]], dict[str, object]]
    template: str
    decide: Callable[[Decided], object]

    @property
    def name(self) -> str:
        return self.kind.name


def _applications(ids: Iterable[int], case: Submission | None) -> Mapping[int, Application]:
    return applications_by_id(ids, and_of=case.submitter_id if case else None)


def _application(subject: Application, rows: Mapping[int, Application]) -> dict[str, object]:
    return {"application": subject, "earlier": earlier_tries(subject, rows.values())}


def _decide_application(sent: Decided) -> object:
    return applications.decide_application(
        application_id=sent.submission.object_id,
        decision=sent.decision,
        reason=sent.reason,
        actor=sent.actor,
        expected=sent.shown,
    )


def _listings(ids: Iterable[int], case: Submission | None) -> Mapping[int, Product]:
    return listings_by_id(ids)


def _listing(product: Product, rows: Mapping[int, Product]) -> dict[str, object]:
    variants = [row for row in product.variants.all() if row.is_offered]
    for row in variants:
        row.product = product
    return {"listing": product, "variants": variants, "pictures": shown_pictures(product.images.all())}


def _decide_listing(sent: Decided) -> object:
    return products.decide_listing(
        submission_id=sent.submission.pk,
        decision=sent.decision,
        reason=sent.reason,
        actor=sent.actor,
        expected=sent.shown,
    )


def _edits(ids: Iterable[int], case: Submission | None) -> Mapping[int, ListingEdit]:
    return edits_by_id(ids)


def _edit(edit: ListingEdit, rows: Mapping[int, ListingEdit]) -> dict[str, object]:
    return {
        "edit": edit,
        "listing": edit.product,
        "is_in_shop": edit.product.status == ListingStatus.LIVE,
        "differences": differences(*compared(edit)),
    }


def _decide_edit(sent: Decided) -> object:
    return products.decide_edit(
        submission_id=sent.submission.pk,
        decision=sent.decision,
        reason=sent.reason,
        actor=sent.actor,
        expected=sent.shown,
    )


REVIEWED: dict[str, Reviewed] = by_name(
    (
        Reviewed(
            SELLER_APPLICATION,
            _applications,
            lambda application: application.shop_name,
            _application,
            "backoffice/reviews/application.html",
            _decide_application,
        ),
        Reviewed(
            COURIER_APPLICATION,
            _applications,
            lambda application: application.name,
            _application,
            "backoffice/reviews/application.html",
            _decide_application,
        ),
        Reviewed(
            LISTING,
            _listings,
            lambda product: product.title,
            _listing,
            "backoffice/reviews/listing.html",
            _decide_listing,
        ),
        Reviewed(
            LISTING_EDIT,
            _edits,
            lambda edit: edit.product.title,
            _edit,
            "backoffice/reviews/listing_edit.html",
            _decide_edit,
        ),
    )
)


@dataclass(frozen=True)
class Subjects:
    """What some submissions are about: one query a sort of subject."""

    rows: Mapping[Callable[..., Mapping[int, Any]], Mapping[int, Any]]

    def rows_of(self, submission: Submission) -> Mapping[int, Any]:
        """All rows of the sort that this one is about, by their ids."""
        return self.rows[REVIEWED[submission.kind].rows]

    def of(self, submission: Submission) -> Any:
        """What this one is about; None where that is gone."""
        return self.rows_of(submission).get(submission.object_id)


def subjects_of(submissions: Sequence[Submission], case: Submission | None) -> Subjects:
    """The subjects of a list's lines and of the case that is open beside it."""
    ids: dict[Callable[..., Mapping[int, Any]], set[int]] = {}
    for submission in [*submissions, *([case] if case else [])]:
        ids.setdefault(REVIEWED[submission.kind].rows, set()).add(submission.object_id)
    mine = REVIEWED[case.kind].rows if case else None
    return Subjects({rows: rows(wanted, case if rows is mine else None) for rows, wanted in ids.items()})
