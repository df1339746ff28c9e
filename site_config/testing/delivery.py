"""Fixtures of the delivery domain: parcels at every point of their way, by the real services."""

from types import ModuleType

import pytest

from marketplace.accounts.models import User
from marketplace.coupons.models import Coupon
from marketplace.delivery.models import Delivery, Proof
from marketplace.delivery.services import Confirmation, Result
from marketplace.orders.models import Shipment
from site_config.acts import coupons, delivery


@pytest.fixture
def placed(request, goods, fund, fill_cart, check_out):
    """`placed(buyer, seller, price=1000, quantity=1)` buys something and returns its shipment; the audit follows.

    Without them it is the fixtures' `buyer` and `seller`; a `coupon` of the seller's goes into the cart, too.
    """

    def order(
        buyer: User | None = None,
        seller: User | None = None,
        *,
        price: int = 1000,
        quantity: int = 1,
        coupon: Coupon | None = None,
        **fields: object,
    ) -> Shipment:
        buyer = buyer or request.getfixturevalue("buyer")
        seller = seller or request.getfixturevalue("seller")
        fund(buyer, price * quantity)
        fill_cart(buyer, {goods(seller, price=price, **fields): quantity})
        if coupon:
            coupons.apply(buyer, coupon)
        return check_out(buyer).shipments.select_related("order").get()

    return order


@pytest.fixture(name="delivery")
def delivery_() -> ModuleType:
    """What people do on a parcel's way (site_config/acts/delivery.py): `delivery.carry(shipment, courier)`."""
    return delivery


@pytest.fixture
def carry():
    """`carry(shipment, courier)`: claimed and picked up; returns the job."""

    return delivery.carry


@pytest.fixture
def claimed(request, placed):
    """`claimed(buyer, courier)`: a new parcel's job, still to pick up. More arguments as `placed`'s."""

    def run(buyer: User | None = None, courier: User | None = None, **fields: object) -> Delivery:
        courier = courier or request.getfixturevalue("courier")
        return delivery.claim(placed(buyer, **fields), courier)

    return run


@pytest.fixture
def on_its_way(request, claimed):
    """`on_its_way(buyer, courier)`: a new parcel's job, picked up: its buyer has a PIN. More as `claimed`."""

    def run(buyer: User | None = None, courier: User | None = None, **fields: object) -> Delivery:
        return delivery.pick_up(claimed(buyer, courier, **fields))

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
    return delivery.current_proof


@pytest.fixture
def pin_of():
    """`pin_of(shipment)`: the six digits that the order's page shows (the seller's page, on the way back)."""
    return delivery.pin_of


@pytest.fixture
def token_of():
    """`token_of(shipment)`: what the QR code holds behind "#"."""
    return delivery.token_of


@pytest.fixture
def wrong_pin():
    """`wrong_pin(shipment)`: six other digits, of no issue of this shipment."""
    return delivery.wrong_pin


@pytest.fixture
def confirm():
    """`confirm(job)` gives the right PIN; `confirm(job, pin="000000")`, `confirm(job, token=…, place=…)` others."""

    def run(job: Delivery, **given: object) -> Confirmation:
        outcome = delivery.prove(job, **given)
        assert {"pin", "token"} & given.keys() or outcome.result == Result.CONFIRMED
        return outcome

    return run


@pytest.fixture
def bypass(request, picture_file):
    """`bypass(shipment)`: an admin (the fixtures' `admin`) confirms it without its PIN; returns its proof."""

    def run(shipment: Shipment, reason: str = "Seen on the camera") -> Proof:
        admin = request.getfixturevalue("admin")
        return delivery.bypass(shipment, admin, photo=picture_file(size=(8, 8)), reason=reason)

    return run


@pytest.fixture
def fail():
    """`fail(job, "absent")`: a try at the door that came to nothing; more as `fail_attempt`'s."""
    return delivery.fail
