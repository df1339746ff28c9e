"""Staff take a job from its courier: to the list, or to another one."""

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.common.errors import Invalid, StaleState
from marketplace.delivery.models import Courier, Delivery
from marketplace.delivery.notices import JOB_ASSIGNED, JOB_TAKEN
from marketplace.delivery.services import claim_shipment, pick_up, reassign
from marketplace.delivery.states import DeliveryStatus, ProofStatus
from marketplace.notifications.models import Notification
from marketplace.orders.models import ShipmentEvent
from marketplace.orders.states import ShipmentStatus

pytestmark = pytest.mark.usefixtures("books_balance")


def told() -> list[tuple[str, int]]:
    kinds = (JOB_TAKEN.name, JOB_ASSIGNED.name)
    return sorted(Notification.objects.filter(kind__in=kinds).values_list("kind", "recipient_id"))


def everything() -> tuple:
    return (
        list(Delivery.objects.order_by("pk").values_list("courier_id", "status", "live_key", "slot_key")),
        list(ShipmentEvent.objects.order_by("pk").values_list("pk")),
        told(),
    )


def give(job, actor, to=None, reason="Flat tyre"):
    courier_id = None if to is None else to.pk
    return reassign(shipment_id=job.shipment_id, actor=actor, courier_id=courier_id, reason=reason)


def test_before_pick_up_it_goes_back_to_the_list(claimed, admin, courier, other_courier):
    job = claimed()

    for _ in range(2):
        shipment = give(job, admin)

    job.refresh_from_db()
    shipment.refresh_from_db()
    assert (job.status, job.reason, job.live_key) == (DeliveryStatus.TAKEN_AWAY, "Flat tyre", None)
    assert (shipment.status, shipment.courier_id, shipment.claimed_at) == (ShipmentStatus.PLACED, None, None)
    assert told() == [(JOB_TAKEN.name, courier.pk)]
    step = shipment.events.last()
    assert (step.actor_id, step.reason, step.is_step) == (admin.pk, "Flat tyre", True)
    assert claim_shipment(shipment_id=shipment.pk, actor=other_courier).is_active


def test_before_pick_up_another_courier_gets_it(claimed, admin, courier, other_courier):
    job = claimed()

    for _ in range(2):
        shipment = give(job, admin, other_courier)

    job.refresh_from_db()
    shipment.refresh_from_db()
    new = Delivery.objects.get(consignment__shipment=shipment, live_key__isnull=False)
    assert job.status == DeliveryStatus.TAKEN_AWAY
    assert (new.courier_id, new.status, new.picked_up_at) == (
        other_courier.pk,
        DeliveryStatus.CLAIMED,
        None,
    )
    assert (shipment.status, shipment.courier_id) == (ShipmentStatus.PROCESSING, other_courier.pk)
    assert told() == [(JOB_ASSIGNED.name, other_courier.pk), (JOB_TAKEN.name, courier.pk)]
    assert pick_up(delivery_id=new.pk, actor=other_courier).status == DeliveryStatus.CARRYING


def test_on_its_way_it_is_handed_over_and_the_pin_stays_good(
    on_its_way, admin, courier, other_courier, pin_of, confirm, proof_of
):
    job = on_its_way()
    pin = pin_of(job.shipment)

    shipment = give(job, admin, other_courier)

    shipment.refresh_from_db()
    new = Delivery.objects.get(consignment__shipment=shipment, live_key__isnull=False)
    assert (new.courier_id, new.status) == (other_courier.pk, DeliveryStatus.CARRYING)
    assert new.picked_up_at is not None
    assert shipment.status == ShipmentStatus.SHIPPED
    note = shipment.events.last()
    assert not note.is_step
    assert note.reason == "Another courier took over: Flat tyre"
    assert (proof_of(shipment).status, pin_of(shipment)) == (ProofStatus.ISSUED, pin)
    with pytest.raises(StaleState, match="only another courier can take it over"):
        give(new, admin)  # nobody can claim what is in somebody's hands
    confirm(new, pin=pin)
    shipment.refresh_from_db()
    assert shipment.status == ShipmentStatus.DELIVERED


def test_what_goes_back_is_handed_over_too(going_back, admin, other_courier, confirm):
    job = going_back()

    shipment = give(job, admin, other_courier)

    new = Delivery.objects.get(consignment__shipment=shipment, live_key__isnull=False)
    assert new.status == DeliveryStatus.RETURNING
    confirm(new)
    shipment.refresh_from_db()
    assert shipment.status == ShipmentStatus.RETURNED


@pytest.mark.parametrize("who", ["buyer", "seller", "courier", "other_courier", "stranger"])
def test_only_staff_reassign(request, claimed, other_courier, who):
    job = claimed()
    before = everything()

    for to in (None, other_courier):
        with pytest.raises(PermissionDenied):
            give(job, request.getfixturevalue(who), to)

    assert everything() == before


@pytest.fixture
def suspended(other_courier):
    Courier.objects.update_or_create(pk=other_courier.pk, defaults={"claims_suspended_at": clock.now()})
    return other_courier


@pytest.fixture
def busy(other_courier, placed, settings):
    settings.COURIER_MAX_ACTIVE = 2
    for _ in range(2):
        claim_shipment(shipment_id=placed().pk, actor=other_courier)
    return other_courier


@pytest.fixture
def closed(other_courier):
    other_courier.is_active = False
    other_courier.save(update_fields=["is_active"])
    return other_courier


@pytest.fixture
def buyer_who_carries_now(buyer):
    """Somebody bought it, and became a courier since."""
    buyer.role = Role.DELIVERY
    buyer.save(update_fields=["role"])
    return buyer


@pytest.mark.parametrize("who", ["suspended", "busy", "closed", "stranger", "buyer_who_carries_now"])
def test_somebody_who_may_not_have_it_does_not_get_it(request, on_its_way, admin, who):
    job = on_its_way()
    to = request.getfixturevalue(who)
    before = everything()

    with pytest.raises(Invalid) as refused:
        give(job, admin, to)

    assert refused.value.field == "courier"
    assert everything() == before


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_a_reason_is_needed(claimed, admin, other_courier, reason):
    job = claimed()
    before = everything()

    with pytest.raises(Invalid) as refused:
        give(job, admin, other_courier, reason=reason)

    assert refused.value.field == "reason"
    assert everything() == before


def test_what_nobody_carries_cannot_be_given_away(placed, delivered, admin, other_courier):
    waits, over = placed(), delivered()
    before = everything()

    for shipment_id in (waits.pk, over.shipment_id):
        with pytest.raises(StaleState):
            reassign(shipment_id=shipment_id, actor=admin, courier_id=other_courier.pk, reason="Try")

    assert everything() == before
