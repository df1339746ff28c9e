"""What money and notifications are about: each reader gets the page that they may open, or none."""

import pytest
from django.urls import reverse

from marketplace.common.models import SweepRun, SweepTrouble
from marketplace.delivery.models import Consignment, Courier, Delivery
from marketplace.delivery.states import DeliveryStatus
from marketplace.orders.models import Order, Shipment
from marketplace.wallet.models import TopUp, Wallet
from marketplace.web.subjects import name_of, page_of

NUMBER = "abc123abc123"


@pytest.fixture
def shipment(buyer, seller) -> Shipment:
    order = Order(pk=1, number="order0000001", buyer=buyer)
    return Shipment(pk=1, number=NUMBER, order=order, seller=seller)


@pytest.fixture
def job(shipment, courier) -> Delivery:
    consignment = Consignment(pk=1, key="shipment:1", shipment=shipment)
    return Delivery(pk=1, number="job000000001", consignment=consignment, courier=courier)


def test_an_order_is_its_buyers(shipment, buyer, seller, admin):
    assert page_of(shipment.order, buyer) == "/orders/order0000001/"
    assert [page_of(shipment.order, person) for person in (seller, admin)] == ["", ""]


def test_a_shipment_is_its_buyers_order_and_its_sellers_parcel(shipment, buyer, seller, other_seller):
    shop = seller.seller_profile.shop_name
    told = [(name_of(shipment, person), page_of(shipment, person)) for person in (buyer, seller)]

    assert told == [
        (f"Order order0000001 from {shop}", "/orders/order0000001/"),
        (f"Shipment {NUMBER}", f"/seller/parcels/{NUMBER}/"),
    ]
    assert page_of(shipment, other_seller) == ""


@pytest.mark.parametrize(
    ("status", "link"),
    [
        (DeliveryStatus.CLAIMED, "/courier/jobs/job000000001/"),
        (DeliveryStatus.DELIVERED, "/courier/jobs/job000000001/"),
        (DeliveryStatus.TAKEN_AWAY, "/courier/jobs/"),
        (DeliveryStatus.CANCELLED, "/courier/jobs/"),
    ],
)
def test_a_job_is_its_couriers_and_one_that_was_taken_leads_to_their_list(
    job, courier, other_courier, buyer, status, link
):
    job.status = status

    assert page_of(job, courier) == link
    assert [page_of(job, person) for person in (other_courier, buyer)] == ["", ""]
    assert name_of(job, courier) == f"Shipment {NUMBER}"


def test_a_courier_is_their_own_first_page_and_staffs_list(courier, other_courier, admin):
    about = Courier(user=courier)

    assert page_of(about, courier) == "/courier/"
    assert page_of(about, admin) == "/backoffice/couriers/"
    assert page_of(about, other_courier) == ""


def test_money_is_its_owners(buyer, seller):
    wallet = Wallet(pk=1, owner=buyer)
    top_up = TopUp(pk=1, public_id=NUMBER, wallet=wallet)

    assert page_of(wallet, buyer) == reverse("shop:wallet")
    assert (name_of(top_up, buyer), page_of(top_up, buyer)) == (
        f"Payment {NUMBER}",
        reverse("shop:payment", args=[NUMBER]),
    )
    assert [page_of(subject, seller) for subject in (wallet, top_up)] == ["", ""]


@pytest.mark.parametrize("about", [SweepRun(pk=1), SweepTrouble(pk=1)])
def test_the_clock_is_staffs(about, admin, seller):
    assert page_of(about, admin) == "/backoffice/sweeps/"
    assert page_of(about, seller) == ""


def test_nothing_and_what_nobody_has_a_page_for(buyer):
    for subject in (None, buyer):
        assert (name_of(subject, buyer), page_of(subject, buyer)) == ("", "")
