"""From shipments' jobs to consignments' (migrations 0004 to 0006, and on to now), with rows of the old schema."""

from importlib import import_module

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.crypto import salted_hmac

from marketplace.common import clock
from marketplace.common.invariants import find_breaches
from marketplace.common.transactions import service
from marketplace.delivery.invariants import INVARIANTS
from marketplace.delivery.models import Attempt, Consignment, Delivery, Proof
from marketplace.delivery.notices import ORDER_SHIPPED
from marketplace.delivery.services import Result, claim_shipment
from marketplace.notifications.services import notify_many
from marketplace.orders.models import Shipment
from marketplace.orders.notices import to_buyer
from marketplace.orders.services.shipments import advance, lock_shipment
from marketplace.orders.states import ShipmentStatus

BEFORE = "0003_name_jobs_that_were_taken_back"
FILL = import_module("marketplace.delivery.migrations.0005_fill_consignments")


def migrate(name: str):
    """Take the delivery domain's tables to a migration; returns the models of that time."""
    executor = MigrationExecutor(connection)
    executor.migrate([("delivery", name)])
    return MigrationExecutor(connection).loader.project_state([("delivery", name)]).apps


def migrate_to_now() -> None:
    [(_app, newest)] = MigrationExecutor(connection).loader.graph.leaf_nodes("delivery")
    migrate(newest)


@pytest.fixture
def old():
    """The models of before; afterwards the tables are as they are now, whatever happened."""
    yield migrate(BEFORE)
    migrate_to_now()


@service
def _ship(shipment_id: int, courier_id: int, job_id: int) -> None:
    shipment = lock_shipment(shipment_id)
    shipment.courier_id = courier_id
    advance(shipment, ShipmentStatus.PROCESSING, actor_id=courier_id, also_save=["courier_id"])
    advance(shipment, ShipmentStatus.SHIPPED, actor_id=courier_id)
    notify_many([to_buyer(shipment, ORDER_SHIPPED, f"delivery:{job_id}:picked_up")])


def carried_by_old_code(apps, shipment: Shipment, courier, slot: int) -> str:
    """A shipment on its way as the code of before would have left it; returns the PIN that its buyer holds."""
    now = clock.now()
    job = apps.get_model("delivery", "Delivery").objects.create(
        shipment_id=shipment.pk,
        courier_id=courier.pk,
        buyer_id=shipment.order.buyer_id,
        seller_id=shipment.seller_id,
        status="carrying",
        live_key=shipment.pk,
        slot_key=f"{courier.pk}:{slot}",
        claimed_at=now,
        picked_up_at=now,
    )
    apps.get_model("delivery", "Attempt").objects.create(
        shipment_id=shipment.pk, delivery=job, number=1, outcome="failed", reason="absent", at=clock.now()
    )
    nonce = f"{slot:032x}"
    apps.get_model("delivery", "Proof").objects.create(
        shipment_id=shipment.pk,
        purpose="delivery",
        issue=1,
        nonce=nonce,
        current_key=f"delivery:{shipment.pk}",
    )
    _ship(shipment.pk, courier.pk, job.pk)
    said = f"pin:delivery:{shipment.pk}:1:{nonce}"
    digest = salted_hmac(
        "marketplace.delivery.proof", said, secret=settings.SECRET_KEY, algorithm="sha256"
    ).digest()
    return f"{int.from_bytes(digest, 'big') % 10**6:06d}"


@pytest.mark.django_db(transaction=True)
def test_what_is_under_way_goes_on_with_the_pins_that_buyers_hold(
    placed, person, courier, confirm, old, monkeypatch
):
    monkeypatch.setattr(FILL, "BATCH", 2)
    shipments = [placed(person(), price=100) for _number in range(4)]
    untouched, *moving = shipments
    pins = [carried_by_old_code(old, shipment, courier, slot) for slot, shipment in enumerate(moving, 1)]

    apps = migrate("0005_fill_consignments")
    half = apps.get_model("delivery", "Attempt").objects.filter(shipment_id=moving[1].pk)
    half.update(consignment=None)
    with connection.schema_editor(atomic=False) as editor:
        FILL.fill(apps, editor)  # once more, after a run that did not get through
    migrate_to_now()

    assert {row.key: (row.number, row.sender_id, row.receiver_id) for row in Consignment.objects.all()} == {
        f"shipment:{shipment.pk}": (shipment.number, shipment.seller_id, shipment.order.buyer_id)
        for shipment in moving
    }
    for shipment in moving:
        job = Delivery.objects.get(consignment__shipment=shipment)
        assert job.live_key == job.consignment_id
        assert Attempt.objects.get(delivery=job).consignment_id == job.consignment_id
        assert (
            Proof.objects.get(consignment__shipment=shipment).current_key == f"delivery:{job.consignment_id}"
        )
    assert find_breaches(INVARIANTS) == []

    for shipment, pin in zip(moving, pins, strict=True):
        job = Delivery.objects.select_related("courier").get(consignment__shipment=shipment)
        assert confirm(job, pin=pin).result == Result.CONFIRMED
    claim_shipment(shipment_id=untouched.pk, actor=courier)  # its consignment has a number of its own
    assert find_breaches(INVARIANTS) == []


@pytest.mark.django_db(transaction=True)
def test_it_can_be_undone_until_something_new_is_carried(placed, person, courier, old):
    shipment = placed(person(), price=100)
    carried_by_old_code(old, shipment, courier, 1)
    migrate("0006_jobs_point_at_consignments")

    apps = migrate(BEFORE)

    for name in ("Delivery", "Attempt", "Proof"):
        assert apps.get_model("delivery", name).objects.get().shipment_id == shipment.pk
