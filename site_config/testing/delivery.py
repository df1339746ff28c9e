"""Fixtures of the delivery domain: parcels at every point of their way, by the real services."""

import pytest

from marketplace.accounts.models import User
from marketplace.common.idempotency import new_form_key
from marketplace.delivery import proofs
from marketplace.delivery.models import Delivery, Proof
from marketplace.delivery.services import (
    Confirmation,
    Result,
    claim_shipment,
    confirm_delivery,
    fail_attempt,
    pick_up,
)
from marketplace.orders.models import Shipment


@pytest.fixture
def parcel(request, goods, fund, fill_cart, check_out):
    """`parcel(buyer, seller, price=1000, quantity=1)` buys something and returns its shipment; the audit follows.

    Without them it is the fixtures' `buyer` and `seller`.
    """

    def order(
        buyer: User | None = None,
        seller: User | None = None,
        *,
        price: int = 1000,
        quantity: int = 1,
        **fields: object,
    ) -> Shipment:
        buyer = buyer or request.getfixturevalue("buyer")
        seller = seller or request.getfixturevalue("seller")
        fund(buyer, price * quantity)
        fill_cart(buyer, {goods(seller, price=price, **fields): quantity})
        return check_out(buyer).shipments.select_related("order").get()

    return order


@pytest.fixture
def carry():
    """`carry(shipment, courier)`: claimed and picked up; returns the job."""

    def run(shipment: Shipment, courier: User) -> Delivery:
        job = claim_shipment(shipment_id=shipment.pk, actor=courier)
        return pick_up(delivery_id=job.pk, actor=courier)

    return run


@pytest.fixture
def claimed(request, parcel):
    """`claimed(buyer, courier)`: a new parcel's job, still to pick up. More arguments as `parcel`'s."""

    def run(buyer: User | None = None, courier: User | None = None, **fields: object) -> Delivery:
        courier = courier or request.getfixturevalue("courier")
        return claim_shipment(shipment_id=parcel(buyer, **fields).pk, actor=courier)

    return run


@pytest.fixture
def on_its_way(request, claimed):
    """`on_its_way(buyer, courier)`: a new parcel's job, picked up: its buyer has a PIN. More as `claimed`."""

    def run(buyer: User | None = None, courier: User | None = None, **fields: object) -> Delivery:
        job = claimed(buyer, courier, **fields)
        return pick_up(delivery_id=job.pk, actor=job.courier)

    return run


@pytest.fixture
def delivered(on_its_way, confirm):
    """`delivered(buyer, courier)`: a new parcel's job, ended with the buyer's PIN. More as `claimed`."""

    def run(buyer: User | None = None, courier: User | None = None, **fields: object) -> Delivery:
        return confirm(on_its_way(buyer, courier, **fields)).delivery

    return run


@pytest.fixture
def going_back(on_its_way, fail):
    """`going_back(buyer, courier)`: a new parcel's job, refused at the door: its seller has a PIN."""

    def run(buyer: User | None = None, courier: User | None = None, **fields: object) -> Delivery:
        job = on_its_way(buyer, courier, **fields)
        fail(job, "refused")
        job.refresh_from_db()
        return job

    return run


@pytest.fixture
def proof_of():
    """`proof_of(shipment)` is the proof that is waited for now: the buyer's, or the seller's on the way back."""

    def find(shipment: Shipment) -> Proof:
        current = Proof.objects.filter(shipment_id=shipment.pk, current_key__isnull=False)
        return current.order_by("pk").last()

    return find


@pytest.fixture
def pin_of(proof_of):
    """`pin_of(shipment)`: the six digits that the order's page shows (the seller's page, on the way back)."""
    return lambda shipment: proofs.pin_of(proof_of(shipment))


@pytest.fixture
def token_of(proof_of):
    """`token_of(shipment)`: what the QR code holds behind "#"."""
    return lambda shipment: proofs.token_of(proof_of(shipment))


@pytest.fixture
def wrong_pin(pin_of):
    """`wrong_pin(shipment)`: six other digits, of no issue of this shipment."""

    def make(shipment: Shipment, other: int = 1) -> str:
        return f"{(int(pin_of(shipment)) + other) % 10**proofs.PIN_DIGITS:06d}"

    return make


@pytest.fixture
def confirm(pin_of):
    """`confirm(job)` gives the right PIN; `confirm(job, pin="000000")`, `confirm(job, token=…, place=…)` others."""

    def run(job: Delivery, **given: object) -> Confirmation:
        right = {} if {"pin", "token"} & given.keys() else {"pin": pin_of(job.shipment)}
        outcome = confirm_delivery(
            **{
                "delivery_id": job.pk,
                "actor": job.courier,
                "place": None,
                "form_key": new_form_key(user_id=job.courier_id, action="confirm_delivery", subject=job.pk),
            }
            | right
            | given
        )
        assert not right or outcome.result == Result.CONFIRMED
        return outcome

    return run


@pytest.fixture
def fail():
    """`fail(job, "absent")`: a try at the door that came to nothing; more as `fail_attempt`'s."""

    def run(job: Delivery, reason: str = "absent", **given: object):
        return fail_attempt(
            **{
                "delivery_id": job.pk,
                "actor": job.courier,
                "reason": reason,
                "form_key": new_form_key(user_id=job.courier_id, action="fail_attempt", subject=job.pk),
            }
            | given
        )

    return run
