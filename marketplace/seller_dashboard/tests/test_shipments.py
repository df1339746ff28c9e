"""One parcel of a seller's: packing, the way, the PIN for what comes back, the money."""

import re

import pytest
from django.urls import reverse

from marketplace.delivery.services import complete_shipment
from marketplace.delivery.shown import mark_of
from marketplace.orders.models import Shipment

pytestmark = pytest.mark.usefixtures("books_balance")


def url(name: str, shipment) -> str:
    return reverse(f"seller_dashboard:{name}", args=[shipment.number])


def page_of(client, seller, shipment) -> str:
    """The page without its random tokens, in which any three letters may stand."""
    client.force_login(seller)
    page = client.get(url("parcel", shipment)).content.decode()
    return re.sub(r'(name="csrfmiddlewaretoken" value|nonce)="\w+"', "", page)


def test_it_shows_its_own_lines_and_of_the_buyer_only_the_area(
    client, buyer, seller, other_seller, goods, fund, fill_cart, check_out
):
    fund(buyer, 20_000)
    fill_cart(buyer, {goods(seller, title="Lamp", price=2500): 2, goods(other_seller, title="Mug"): 1})
    order = check_out(buyer)

    page = page_of(client, seller, order.shipments.get(seller=seller))

    assert "2 × Lamp" in page
    assert "Mug" not in page
    assert "Mitte" in page  # the nearest town or district
    for private in (order.ship_name, order.ship_address, order.ship_phone, buyer.email, order.number):
        assert private not in page


def test_packed_is_said_once_and_stays(client, seller, placed):
    shipment = placed()
    assert 'data-testid="pack"' in page_of(client, seller, shipment)

    for _ in range(2):
        answer = client.post(url("parcel_pack", shipment))
        assert (answer.status_code, answer.url) == (303, url("parcel", shipment))

    page = page_of(client, seller, shipment)
    assert 'data-testid="pack"' not in page
    assert "Packed; it waits for a courier." in page
    assert Shipment.objects.get(pk=shipment.pk).packed_at


def test_what_comes_back_has_a_pin_for_its_seller_only(client, buyer, seller, going_back, pin_of, confirm):
    job = going_back()
    pin = pin_of(job.shipment)

    page = page_of(client, seller, job.shipment)

    assert re.search(r'data-testid="pin">([0-9 ]*)<', page)[1] == f"{pin[:3]} {pin[3:]}"
    assert 'data-testid="qr"' in page
    client.force_login(buyer)
    theirs = client.get(reverse("shop:order_detail", args=[job.shipment.order.number])).content.decode()
    assert 'data-testid="pin"' not in theirs

    confirm(job)
    page = page_of(client, seller, job.shipment)
    assert 'data-testid="pin"' not in page
    assert "Back with you" in page
    assert "The buyer has the money back." in page


def test_the_buyers_pin_is_not_the_sellers_to_see(client, seller, on_its_way):
    page = page_of(client, seller, on_its_way().shipment)

    assert 'data-testid="proof"' not in page


@pytest.mark.every_database
def test_a_new_pin_for_what_comes_back(client, seller, going_back, pin_of):
    job = going_back()
    old = pin_of(job.shipment)
    client.force_login(seller)

    assert (
        client.post(url("parcel_reissue", job.shipment), {"shown": mark_of(job.shipment_id)}).status_code
        == 303
    )

    assert pin_of(job.shipment) != old


def test_no_new_pin_for_what_does_not_come_back(client, seller, on_its_way, pin_of):
    job = on_its_way()
    old = pin_of(job.shipment)
    client.force_login(seller)

    assert (
        client.post(url("parcel_reissue", job.shipment), {"shown": mark_of(job.shipment_id)}).status_code
        == 409
    )
    assert pin_of(job.shipment) == old


@pytest.mark.parametrize(("who", "status"), [("other_seller", 404), ("buyer", 403), ("courier", 403)])
def test_nobody_else_opens_it(request, client, going_back, pin_of, who, status):
    job = going_back()
    kept = pin_of(job.shipment)
    client.force_login(request.getfixturevalue(who))

    assert client.get(url("parcel", job.shipment)).status_code == status
    for name in ("parcel_pack", "parcel_reissue"):
        assert client.post(url(name, job.shipment)).status_code == status

    assert pin_of(job.shipment) == kept


def test_it_says_what_the_seller_gets_and_when(client, buyer, seller, delivered, settings):
    settings.COMMISSION_BPS = 1000
    job = delivered(price=4200)
    page = page_of(client, seller, job.shipment)
    assert 'data-testid="gross">€42.00' in page
    assert 'data-testid="fee">€4.20' in page
    assert 'data-testid="net">€37.80' in page
    assert "or as soon as the buyer says that all is fine" in page

    complete_shipment(shipment_id=job.shipment_id, actor=buyer)

    page = page_of(client, seller, job.shipment)
    assert "Paid on" in page
    assert 'data-testid="net">€37.80' in page


def test_the_home_page_leads_to_parcels_and_says_what_was_paid(
    client, buyer, seller, placed, on_its_way, going_back, delivered
):
    waiting, carried, refused, paid = placed(), on_its_way(), going_back(), delivered(price=4200)
    complete_shipment(shipment_id=paid.shipment_id, actor=buyer)
    client.force_login(seller)

    page = client.get(reverse("seller_dashboard:home")).content.decode()

    assert url("parcel", waiting) in page.split('data-testid="to-pack"')[1]
    under_way = page.split('data-testid="under-way"')[1:]
    assert url("parcel", refused.shipment) in under_way[0]
    assert "your PIN for it is on its page" in under_way[0]
    assert url("parcel", carried.shipment) in under_way[1]
    assert url("parcel", paid.shipment) in page.split('data-testid="paid"')[1]
    assert "€42.00" in page.split('data-testid="paid"')[1]


@pytest.mark.every_database
def test_the_page_costs_eight_queries(client, seller, going_back, django_assert_num_queries):
    """Who asks (2), the shipment, its events, lines, proofs and tries, the header's numbers."""
    address = url("parcel", going_back().shipment)
    client.force_login(seller)

    with django_assert_num_queries(8):
        assert client.get(address).status_code == 200
