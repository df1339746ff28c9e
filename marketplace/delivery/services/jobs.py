"""A courier's job: opening it, moving it, ending it. The one writer of a delivery's status.

What is here joins a service's transaction and expects its locks: couriers, order, shipment, job, proofs,
in this order (docs/locks.md). `lock_job` takes the last four. A consignment never changes and is not locked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, OuterRef, QuerySet
from django.utils.translation import gettext as _

from marketplace.accounts.models import Profile
from marketplace.common import clock
from marketplace.common.locking import lock_all, lock_row
from marketplace.common.moving import move
from marketplace.common.places import Place
from marketplace.delivery.errors import OwnParcel, TooManyActive
from marketplace.delivery.kinds import ConsignmentKind, kind_of
from marketplace.delivery.models import SHIPMENT, Attempt, Consignment, Courier, Delivery, Proof
from marketplace.delivery.states import ACTIVE, DELIVERY_NEXT, DeliveryStatus, Purpose
from marketplace.orders.models import Shipment
from marketplace.orders.pick_ups import pick_up_of
from marketplace.rates.pricing import back_price

from .locks import lock_shipment
from .proofs import lock_proofs

GIVEN_BACK_COUNTS_FOR = timedelta(hours=24)


@dataclass
class Job:
    """A job with its locks taken: the delivery (with its consignment, shipment and order) and the current proofs."""

    delivery: Delivery
    proofs: dict[str, Proof]

    @property
    def consignment(self) -> Consignment:
        return self.delivery.consignment

    @property
    def shipment(self) -> Shipment:
        return self.consignment.shipment

    @property
    def kind(self) -> ConsignmentKind:
        """What its steps mean for what is carried."""
        return kind_of(self.consignment)

    @property
    def purpose(self) -> Purpose:
        """Whose PIN is asked for."""
        return purpose_of(self.delivery)

    @property
    def proof(self) -> Proof | None:
        """The proof that ends the job, once there is one."""
        return self.proofs.get(self.purpose)

    @property
    def goal(self) -> Place | None:
        """Where it is handed over: the order's pin, or where its seller is (who may not have said)."""
        if self.consignment.goes_to_buyer == (self.purpose == Purpose.DELIVERY):
            return self.shipment.order.place
        fetched = pick_up_of(self.shipment, Profile.objects.get(pk=self.shipment.seller_id))
        return fetched.place if fetched.address else None


def purpose_of(delivery: Delivery) -> Purpose:
    """Whose PIN ends this job: the receiver's, or the sender's once the parcel goes back."""
    goes_back = delivery.status in (DeliveryStatus.RETURNING, DeliveryStatus.RETURNED)
    return Purpose.RETURN if goes_back else Purpose.DELIVERY


def lock_job(delivery_id: int) -> Job:
    """Lock a job with its order, shipment and current proofs. Raises `Delivery.DoesNotExist`."""
    consignment = Delivery.objects.select_related("consignment").get(pk=delivery_id).consignment
    consignment.shipment = lock_shipment(consignment.shipment_id)
    delivery = lock_row(Delivery, delivery_id)
    delivery.consignment = consignment
    return Job(delivery, lock_proofs(consignment))


def lock_live_job(consignment: Consignment | Shipment) -> Job | None:
    """Lock the live job of a consignment (or a shipment's own), whose shipment is locked, with its proofs.

    None where nobody carries it.
    """
    if isinstance(consignment, Shipment):
        shipment, key = consignment, consignment_key(SHIPMENT, consignment.pk)
    else:
        shipment, key = consignment.shipment, consignment.key
    live = Delivery.objects.filter(live_key__isnull=False, consignment__key=key)
    delivery = next(iter(lock_all(live.select_related("consignment"))), None)
    if delivery is None:
        return None
    delivery.consignment.shipment = shipment
    return Job(delivery, lock_proofs(delivery.consignment))


def consignment_key(kind: str, pk: int) -> str:
    """What a consignment is found by."""
    return f"{kind}:{pk}"


def open_consignment(
    shipment: Shipment, *, kind: str, pk: int, sender_id: int, receiver_id: int, number: str = ""
) -> Consignment:
    """Write down what is to be carried for a locked shipment: "kind:pk", between the order's buyer and seller.

    `number` is what stands on the parcel, a new one unless given. For the domain whose kind it is.
    """
    consignment = Consignment(
        key=consignment_key(kind, pk),
        kind=kind,
        shipment=shipment,
        sender_id=sender_id,
        receiver_id=receiver_id,
        opened_at=clock.now(),
    )
    consignment.number = number or consignment.number
    consignment.save(force_insert=True)
    return consignment


def consignment_of(shipment: Shipment) -> Consignment:
    """The consignment of a locked shipment; its first claim opens it."""
    consignment = Consignment.objects.filter(key=consignment_key(SHIPMENT, shipment.pk)).first()
    if consignment is None:
        return open_consignment(
            shipment,
            kind=SHIPMENT,
            pk=shipment.pk,
            sender_id=shipment.seller_id,
            receiver_id=shipment.order.buyer_id,
            number=shipment.number,
        )
    consignment.shipment = shipment
    return consignment


def open_job(
    consignment: Consignment, courier: Courier, *, status: DeliveryStatus = DeliveryStatus.CLAIMED
) -> Delivery:
    """Give a consignment without a live job, whose shipment is locked, to a locked courier, in the lowest free slot.

    The caller tells its kind. Raises `TooManyActive` and `OwnParcel`.
    """
    if courier.pk in (consignment.sender_id, consignment.receiver_id):
        raise OwnParcel
    jobs = Delivery.objects.filter(courier_id=courier.pk, slot_key__isnull=False)
    taken = set(jobs.values_list("slot_key", flat=True))
    if len(taken) >= settings.COURIER_MAX_ACTIVE:
        raise TooManyActive(settings.COURIER_MAX_ACTIVE)
    slots = (f"{courier.pk}:{number}" for number in range(1, settings.COURIER_MAX_ACTIVE + 1))
    last = jobs.aggregate(last=Max("position"))["last"] or 0
    now = clock.now()
    fee, back_fee = fees_of(consignment.shipment)
    return Delivery.objects.create(
        consignment=consignment,
        courier_id=courier.pk,
        receiver_id=consignment.receiver_id,
        sender_id=consignment.sender_id,
        status=status,
        live_key=consignment.pk,
        slot_key=next(slot for slot in slots if slot not in taken),
        position=last + 1 if last else 0,  # behind the others, if the courier sorted them by hand
        fee=fee,
        back_fee=back_fee,
        claimed_at=now,
        picked_up_at=None if status == DeliveryStatus.CLAIMED else now,
    )


def fees_of(shipment: Shipment) -> tuple[int, int]:
    """What a courier earns for a shipment's way, and for its way back besides, in minor units.

    As its rates say; of one that was ordered in a store without any, `COURIER_FEE`, as it is now.
    """
    if shipment.rates is None:
        return settings.COURIER_FEE, 0
    return shipment.courier_share, back_price(shipment.rates, shipment.courier_share)


def move_job(delivery: Delivery, to: DeliveryStatus, **changes: object) -> None:
    """Move a locked job one step, with `changes`; one that is no longer ACTIVE gives its slot and what it carried free.

    Raises `InvalidTransition` for a step that `DELIVERY_NEXT` does not know.
    """
    if to == DeliveryStatus.CARRYING:
        changes["picked_up_at"] = clock.not_before(delivery.claimed_at)
    if to not in ACTIVE:
        changes |= {"live_key": None, "slot_key": None, "ended_at": _end_of(delivery), "position": 0}
    move(delivery, to, steps=DELIVERY_NEXT, refuse=not_possible, **changes)


def _end_of(delivery: Delivery) -> datetime:
    """Now, and not before anything of this job, whichever machine's clock wrote it."""
    tries = Attempt.objects.filter(delivery=delivery) if delivery.picked_up_at else Attempt.objects.none()
    last = tries.order_by("-number").values_list("at", flat=True).first()
    return clock.not_before(delivery.claimed_at, delivery.picked_up_at, last)


def given_back_lately(courier: int | OuterRef) -> QuerySet[Delivery]:
    """What a courier has given back within the last 24 hours (staff taking a job away is not that)."""
    since = clock.now() - GIVEN_BACK_COUNTS_FOR
    return Delivery.objects.filter(courier=courier, status=DeliveryStatus.GIVEN_BACK, ended_at__gt=since)


def end_job(delivery: Delivery, to: DeliveryStatus, *, reason: str = "") -> None:
    """`move_job` to one of the ends, and why (what the courier, the seller or an admin said)."""
    if to in ACTIVE:
        raise ValueError(f"{to} is no end")
    move_job(delivery, to, reason=reason)


def not_possible(before: str, to: str) -> str:
    """The sentence for a step of a job that is not there any more."""
    return _("This parcel is “%(before)s” now; it cannot become “%(to)s”.") % {
        "before": DeliveryStatus(before).label,
        "to": DeliveryStatus(to).label,
    }
