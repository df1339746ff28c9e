"""A courier is at the door: from then on it is counted how long they wait there."""

from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import clock, shown
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.places import Place, distance_m
from marketplace.common.transactions import service
from marketplace.delivery.models import Delivery
from marketplace.delivery.shown import mark_of_try
from marketplace.delivery.states import DeliveryStatus

from .failing import failed_tries, require_failable
from .jobs import Job, lock_job

AT_THE_DOOR_M = 200


def require_arrivable(actor: Actor, delivery: Delivery) -> None:
    """Whether `actor` may say that they are at the receiver's door with this job.

    Raises `PermissionDenied`, and `StaleState` unless it is on its way and its table has a fee for waiting.
    """
    require_failable(actor, delivery)
    table = delivery.shipment.rates
    if table is None or not table.wait_most:
        raise StaleState(_("Waiting costs nothing for this parcel."))


@service
def arrive(*, delivery_id: int, actor: User, place: Place | None, expected: str | None = None) -> Delivery:
    """Write down that the courier is at the receiver's door, as their phone shows; the receiver is told.

    What they wait from now on counts for this try (`rates.pricing.waiting_price`). Again changes nothing. Raises as
    `require_arrivable`, `StaleState` where another try comes next than the `expected` one (shown.mark_of_try), and
    `Invalid` (field "place") for a phone that does not say where it is, or is farther away than `AT_THE_DOOR_M`.
    """
    job = lock_job(delivery_id)
    authorize(actor, "delivery.carry", job.delivery)
    if job.delivery.status == DeliveryStatus.CARRYING and job.delivery.at_door_since:
        return job.delivery
    require_arrivable(actor, job.delivery)
    failed = failed_tries(job)
    shown.require_as_shown(expected, mark_of_try(delivery_id, job.delivery.status, failed))
    _require_at_the_door(job, place)
    job.delivery.at_door_since = clock.not_before(job.delivery.picked_up_at)
    job.delivery.save(update_fields=["at_door_since"])
    job.kind.waits_at_the_door(job, failed + 1)
    return job.delivery


def _require_at_the_door(job: Job, place: Place | None) -> None:
    if place is None:
        raise Invalid(
            _("Your phone has to say where it is: without that, waiting is not counted."), field="place"
        )
    if job.goal is None or distance_m(place, job.goal) > AT_THE_DOOR_M:
        raise Invalid(_("You are too far away from the door for that."), field="place")
