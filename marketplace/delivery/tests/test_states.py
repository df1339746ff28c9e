"""Every pair of a job's and of a proof's states is a step of the table, or refused with nothing changed."""

from itertools import product

import pytest

from marketplace.common import clock
from marketplace.common.errors import InvalidTransition
from marketplace.common.transactions import service
from marketplace.delivery.models import Delivery, Proof
from marketplace.delivery.services.jobs import end_job, lock_job, move_job
from marketplace.delivery.services.proofs import move_proof
from marketplace.delivery.states import (
    ACTIVE,
    DELIVERY_NEXT,
    MAX_TRIES,
    OPEN_PROOFS,
    PROOF_NEXT,
    TONES,
    DeliveryStatus,
    ProofStatus,
)

pytestmark = pytest.mark.breaks_books  # a job is moved here without its shipment


def put(job: Delivery, status: DeliveryStatus) -> None:
    """The row as if it had come that far."""
    is_active = status in ACTIVE
    Delivery.objects.filter(pk=job.pk).update(
        status=status,
        live_key=job.consignment_id if is_active else None,
        slot_key=job.slot_key if is_active else None,
        ended_at=None if is_active else clock.now(),
    )


@service
def move(job: Delivery, to: DeliveryStatus) -> Delivery:
    locked = lock_job(job.pk).delivery
    move_job(locked, to)
    return locked


@pytest.mark.parametrize(("before", "to"), product(DeliveryStatus, DeliveryStatus), ids=str)
def test_a_job_takes_a_step_of_the_table_or_none(claimed, before, to):
    job = claimed()
    put(job, before)

    if to in DELIVERY_NEXT[before]:
        move(job, to)
        job.refresh_from_db()
        assert job.status == to
        assert (job.live_key is None, job.slot_key is None, job.ended_at is None) == (
            (to not in ACTIVE, to not in ACTIVE, to in ACTIVE)
        )
    else:
        was = Delivery.objects.values().get()
        with pytest.raises(InvalidTransition):
            move(job, to)
        assert Delivery.objects.values().get() == was


def test_a_job_that_somebody_else_moved_is_refused(claimed):
    """The conditional UPDATE is the second line behind the lock."""
    stale = claimed()
    move(stale, DeliveryStatus.CANCELLED)

    with pytest.raises(InvalidTransition):
        move_job(stale, DeliveryStatus.CARRYING)

    assert Delivery.objects.get().status == "cancelled"


def test_a_job_ends_in_an_end_only(claimed):
    job = claimed()

    with pytest.raises(ValueError):
        end_job(job, DeliveryStatus.CARRYING)


def of_status(status: ProofStatus) -> dict[str, object]:
    """What else a row of this status needs."""
    if status == ProofStatus.LOCKED:
        return {"status": status, "tries": MAX_TRIES, "locked_at": clock.now()}
    if status in (ProofStatus.CONFIRMED, ProofStatus.BYPASSED):
        return {"status": status, "used_at": clock.now(), "used_by_id": Delivery.objects.get().courier_id}
    return {"status": status}


@pytest.mark.parametrize(("before", "to"), product(ProofStatus, ProofStatus), ids=str)
def test_a_proof_takes_a_step_of_the_table_or_none(on_its_way, before, to):
    on_its_way()
    Proof.objects.update(**of_status(before))
    proof = Proof.objects.get()
    fields = of_status(to)

    if to in PROOF_NEXT[before]:
        move_proof(proof, fields.pop("status"), **fields)
        assert Proof.objects.get().status == to == proof.status
    else:
        was = Proof.objects.values().get()
        with pytest.raises(InvalidTransition):
            move_proof(proof, fields.pop("status"), **fields)
        assert Proof.objects.values().get() == was


def test_a_proof_that_somebody_else_used_is_refused(on_its_way):
    on_its_way()
    stale = Proof.objects.get()
    Proof.objects.update(**of_status(ProofStatus.CONFIRMED))

    with pytest.raises(InvalidTransition):
        move_proof(stale, ProofStatus.LOCKED, tries=MAX_TRIES, locked_at=clock.now())

    assert Proof.objects.get().status == "confirmed"


def test_ends_lead_nowhere_and_what_is_active_or_open_somewhere():
    assert {status for status, after in DELIVERY_NEXT.items() if after} == set(ACTIVE)
    assert {status for status, after in PROOF_NEXT.items() if after} == set(OPEN_PROOFS)


def test_every_state_of_a_job_has_a_colour():
    assert set(TONES) == set(DeliveryStatus.values)
