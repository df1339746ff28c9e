"""Staff give a job to somebody else, or back to the list."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.accounts.models import Role, User
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.texts import MAX_REASON, clean_reason
from marketplace.common.transactions import service
from marketplace.delivery.models import Consignment, Courier, Delivery
from marketplace.delivery.notices import JOB_ASSIGNED, JOB_TAKEN, to_courier
from marketplace.delivery.shown import require_as_shown
from marketplace.delivery.states import DeliveryStatus
from marketplace.notifications.services import Notice, notify_many
from marketplace.orders.models import Shipment
from marketplace.orders.states import ShipmentStatus

from .jobs import Job, end_job, lock_live_job, open_job
from .locks import lock_couriers, lock_shipment


def require_reassignable(actor: Actor, delivery: Delivery | None) -> Delivery:
    """Whether `actor` may give this job, a shipment's live one, to another courier.

    Returns it. Raises `PermissionDenied`, and `StaleState` where nobody carries it.
    """
    authorize(actor, "delivery.reassign")
    if delivery is None or not delivery.is_active:
        raise StaleState(_("Nobody carries this shipment now."))
    return delivery


def require_takeable_back(actor: Actor, delivery: Delivery | None) -> None:
    """As `require_reassignable`, for giving it back to the list: not once it was picked up."""
    if require_reassignable(actor, delivery).status != DeliveryStatus.CLAIMED:
        raise StaleState(_("A courier has it in hand: only another courier can take it over."))


@service
def reassign(
    *,
    shipment_id: int,
    actor: Actor,
    courier_id: int | None = None,
    reason: str,
    expected: str | None = None,
) -> Shipment:
    """Take a parcel from its courier: to another one, or (`courier_id` None, before pick-up) to the list.

    On the way it is a hand-over: the shipment keeps its state and its PIN, and its history says who has
    it. Both couriers are told. What is so already is a success. Raises `PermissionDenied`, `Invalid`
    (field "reason"; field "courier" for one who is none, is a party to it, suspended or has no free
    place) and `StaleState` where nobody carries it, for the list once it was picked up, and where it is not as
    `expected` (marketplace/delivery/shown.py).
    """
    authorize(actor, "delivery.reassign")
    reason = clean_reason(reason)
    courier = _lock_courier(courier_id) if courier_id is not None else None
    shipment = lock_shipment(shipment_id)
    job = lock_live_job(shipment)
    if job is None and courier is None and shipment.status == ShipmentStatus.PLACED:
        return shipment
    require_reassignable(actor, job.delivery if job else None)
    assert job, "or it had been refused"
    if courier and courier.pk == job.delivery.courier_id:
        return shipment
    require_as_shown(expected, shipment)
    if courier is None:
        _to_the_list(job, actor, reason)
    else:
        _to_another(job, courier, actor, reason)
    return shipment


def _to_the_list(job: Job, actor: Actor, reason: str) -> None:
    require_takeable_back(actor, job.delivery)
    end_job(job.delivery, DeliveryStatus.TAKEN_AWAY, reason=reason)
    job.kind.waits_again(job, actor, reason)
    notify_many([_taken(job.delivery, reason)])


def _to_another(job: Job, courier: Courier, actor: Actor, reason: str) -> None:
    before = job.delivery
    _require_free(courier, job.consignment)
    status = DeliveryStatus(before.status)
    end_job(before, DeliveryStatus.TAKEN_AWAY, reason=reason)
    after = open_job(job.consignment, courier, status=status)
    job.kind.handed_over(Job(after, job.proofs), actor, _handed_over(reason))
    notify_many([_taken(before, reason), to_courier(after, JOB_ASSIGNED, "assigned", reason=reason)])


def _taken(delivery: Delivery, reason: str) -> Notice:
    return to_courier(delivery, JOB_TAKEN, "taken", reason=reason)


def _handed_over(reason: str) -> str:
    told = _("Another courier took over: %(reason)s") % {"reason": reason}
    return told if len(told) <= MAX_REASON else reason


def _lock_courier(courier_id: int) -> Courier:
    """Lock who shall have it. Raises `Invalid` for who is no courier (any more)."""
    if not User.objects.filter(pk=courier_id, role=Role.DELIVERY, is_active=True).exists():
        raise Invalid(_("This is no courier, or their account is closed."), field="courier")
    return lock_couriers([courier_id])[courier_id]


def _require_free(courier: Courier, consignment: Consignment) -> None:
    """Raise `Invalid` (field "courier") unless a locked courier may have this consignment."""
    if courier.pk in (consignment.sender_id, consignment.receiver_id):
        raise Invalid(_("This courier bought or sold it; somebody else must carry it."), field="courier")
    if courier.claims_suspended_at:
        raise Invalid(_("This courier may take nothing at the moment: too many wrong PINs."), field="courier")
    most = settings.COURIER_MAX_ACTIVE
    if Delivery.objects.filter(courier_id=courier.pk, slot_key__isnull=False).count() >= most:
        sentence = ngettext(
            "This courier has %(most)d parcel already, and that is as many as one may carry.",
            "This courier has %(most)d parcels already, and that is as many as one may carry.",
            most,
        )
        raise Invalid(sentence % {"most": most}, field="courier")
