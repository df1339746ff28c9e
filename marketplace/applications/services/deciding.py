"""An admin decides about an application: the role comes with the decision, in one transaction."""

from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.accounts.saved import AddressKind
from marketplace.accounts.services import save_location
from marketplace.accounts.shops import become_courier, become_seller
from marketplace.applications.letters import write_decision
from marketplace.applications.models import Application
from marketplace.applications.notices import APPLICATION_APPROVED, APPLICATION_CHANGES, APPLICATION_REJECTED
from marketplace.applications.states import AFTER, ApplicationStatus
from marketplace.common.authorisation import SYSTEM, Actor
from marketplace.common.errors import StaleState
from marketplace.common.transactions import service
from marketplace.notifications.services import notify
from marketplace.reviewing.models import Submission
from marketplace.reviewing.services import steps
from marketplace.reviewing.states import Decision

from .applying import advance, lock_application

NOTICES = {
    ApplicationStatus.APPROVED: APPLICATION_APPROVED,
    ApplicationStatus.CHANGES_REQUESTED: APPLICATION_CHANGES,
    ApplicationStatus.REJECTED: APPLICATION_REJECTED,
}


def require_application_decidable(actor: Actor, submission: Submission) -> None:
    """Whether `actor` may decide about this application, as it is now (`steps.require_decidable`)."""
    steps.require_decidable(actor, submission)


@service
def decide_application(
    *, application_id: int, decision: str, reason: str, actor: Actor, expected: str | None = None
) -> Application:
    """Accept an application, refuse it, or ask for changes (`Decision`); its applicant is told, by mail, too.

    An accepted one gives the role: a seller has their shop and pick-up place at once, a courier their console.
    Nothing that they have ordered ends. `expected` is what the form was drawn for
    (`reviewing.shown.mark_of_submission`). Raises `Invalid` (`decision`, `reason`, or `shop_name` where the name
    was taken meanwhile), PermissionDenied, `ConflictOfInterest`, `DecidedAlready` for the second decision, and
    `StaleState` for a form of an earlier round or an applicant who is no shopper any more.
    """
    row, submission = lock_application(application_id)
    submission, is_new = steps.decide(
        submission, decision=decision, reason=reason, actor=actor, expected=expected
    )
    if not is_new:
        return row
    status = AFTER[Decision(decision)]
    is_over = status != ApplicationStatus.CHANGES_REQUESTED
    advance(row, status, **({"open_key": None} if is_over else {}))
    if status == ApplicationStatus.APPROVED:
        _give_role(row, actor)
    extra = {"role": row.role} | ({"reason": submission.reason} if submission.reason else {})
    notify(
        recipient_id=row.applicant_id,
        kind=NOTICES[status],
        subject=row,
        event_key=f"application:{row.pk}:{submission.round}:{status}",
        **extra,
    )
    write_decision(row, status, submission.reason)
    return row


def _give_role(row: Application, actor: Actor) -> None:
    if not User.objects.filter(pk=row.applicant_id, is_active=True).exists():
        raise StaleState(_("This account was closed meanwhile."))
    if not row.is_for_shop:
        become_courier(
            user_id=row.applicant_id,
            name=row.name,
            phone=row.phone,
            area=row.area,
            vehicle=row.vehicle,
            actor=actor,
        )
        return
    become_seller(
        user_id=row.applicant_id,
        shop_name=row.shop_name,
        about=row.about,
        ships_from=row.ships_from,
        actor=actor,
    )
    place = row.place
    assert place is not None, "a seller's application has one"
    save_location(
        user_id=row.applicant_id,
        lat=place.lat,
        lng=place.lng,
        address=row.location_address,
        access_notes=row.access_notes,
        kind=AddressKind.PICK_UP,
        actor=SYSTEM,
    )
