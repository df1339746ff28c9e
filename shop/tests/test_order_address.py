"""The page on which a buyer sends an order elsewhere."""

import re
from decimal import Decimal

import pytest

from marketplace.accounts.address_book import save_location
from marketplace.accounts.models import Role
from marketplace.delivery.services import claim_shipment, pick_up
from marketplace.orders.models import Order
from marketplace.rates.services import Rates, publish_rates

pytestmark = pytest.mark.usefixtures("books_balance")

NEW = {
    "to": "new",
    "name": "Bo",
    "phone": "+49 40 1234567",
    "location_address": "Jungfernstieg 1, 20095 Hamburg",
}


@pytest.fixture
def order(placed, buyer) -> Order:
    return placed(buyer).order


def url(order) -> str:
    return f"/orders/{order.number}/address/"


def mark(client, order) -> dict[str, str]:
    return {"shown": re.search(r'name="shown" value="([^"]*)"', client.get(url(order)).content.decode())[1]}


def test_an_order_is_sent_elsewhere(order, buyer, as_person):
    client = as_person(buyer)
    assert 'data-testid="change-address"' in client.get(f"/orders/{order.number}/").content.decode()
    form = NEW | mark(client, order)

    assert client.post(url(order), form).status_code == 303

    assert NEW["location_address"] in client.get(f"/orders/{order.number}/").content.decode()
    assert client.post(url(order), form | {"name": "Other"}).status_code == 409


def test_a_bad_address_changes_nothing_and_keeps_what_was_typed(order, buyer, as_person):
    client = as_person(buyer)
    before = Order.objects.values().get()

    for changes in ({"location_address": "The mill by the brook"}, {"phone": "call me"}, {"to": "nonsense"}):
        answer = client.post(url(order), NEW | mark(client, order) | {"notes": "Mind the cat"} | changes)
        assert answer.status_code == 422
        assert 'value="Mind the cat"' in answer.content.decode()
    assert Order.objects.values().get() == before


def test_after_the_pick_up_the_page_leads_back(order, buyer, courier, as_person):
    client = as_person(buyer)
    form = NEW | mark(client, order)
    job = claim_shipment(shipment_id=order.shipments.get().pk, actor=courier)
    pick_up(delivery_id=job.pk, actor=courier)

    assert client.get(url(order)).status_code == 302
    assert client.post(url(order), form).status_code == 409
    assert 'data-testid="change-address"' not in client.get(f"/orders/{order.number}/").content.decode()


def test_somebody_elses_order_is_not_there(order, stranger, seller, person, as_person):
    for somebody in (stranger, seller):
        assert as_person(somebody).post(url(order), NEW).status_code == 404
    assert as_person(person(Role.ADMIN)).post(url(order), NEW).status_code == 403


@pytest.fixture
def with_rates(admin):
    publish_rates(rates=Rates(base=290, per_km=100), actor=admin, expected_version=0)


def test_a_dearer_address_is_refused_beside_the_addresses(with_rates, fund, buyer, placed, as_person):
    fund(buyer, 1_000)
    order, client = placed(buyer).order, as_person(buyer)
    before = Order.objects.values().get()
    assert 'data-testid="price-of-the-way"' in client.get(url(order)).content.decode()

    refused = client.post(url(order), NEW | mark(client, order))

    assert refused.status_code == 422
    assert "delivery to this address costs" in refused.content.decode()
    assert Order.objects.values().get() == before


def test_what_a_cheaper_way_gives_back_is_said(with_rates, fund, buyer, seller, placed, as_person):
    hamburg = {
        "lat": Decimal("53.550341"),
        "lng": Decimal("10.000654"),
        "address": "Hamburg",
    }  # where it goes now
    save_location(user_id=seller.pk, actor=seller, **hamburg)
    fund(buyer, 50_000)
    order, client = placed(buyer).order, as_person(buyer)

    assert client.post(url(order), NEW | mark(client, order)).status_code == 303

    assert "less; you have it back." in client.get(f"/orders/{order.number}/").content.decode()


@pytest.mark.every_database
def test_a_double_click_changes_it_once_and_is_no_refusal(order, buyer, as_person):
    client = as_person(buyer)
    form = NEW | mark(client, order)

    assert [client.post(url(order), form).status_code for _click in range(2)] == [303, 303]

    events = order.shipments.get().events
    assert events.filter(reason="It goes to another address now.").count() == 1


def test_without_javascript_another_address_is_chosen_and_what_was_typed_stays(order, buyer, as_person):
    client = as_person(buyer)

    page = client.post(url(order), NEW | mark(client, order) | {"go": "choose"}).content.decode()

    assert NEW["location_address"] in page
    assert 'value="Bo"' in page
    assert re.search(r'value="new"[^>]*checked', page)


@pytest.mark.every_database
def test_a_saved_address_with_another_pin_is_not_where_it_goes(order, buyer, as_person):
    """It says the same, and its pin was moved since: opening the page and sending it moves nothing."""
    Order.objects.update(ship_lat="52.530008")
    before = Order.objects.values().get()
    client = as_person(buyer)

    page = client.get(url(order)).content.decode()

    assert re.search(r'value="new"[^>]*checked', page)
    assert Order.objects.values().get() == before
