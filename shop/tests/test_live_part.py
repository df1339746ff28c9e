"""The part of an order's page that looks again by itself: it sees every change, and costs little without one."""

import pytest
from django.urls import reverse

from marketplace.accounts.models import Role
from marketplace.delivery.services import (
    claim_shipment,
    complete_shipment,
    pick_up,
)
from marketplace.orders.services import pack_shipment
from shop.tests.parcel_pages import page_of, shown, url

pytestmark = pytest.mark.usefixtures("books_balance")


def look(client, job, known: str = "", **headers: str):
    headers = {"HX-Request": "true"} | ({"If-None-Match": known} if known else {}) | headers
    return client.get(url("order_live", job), headers=headers)


def test_nothing_new_is_a_304_of_three_queries(client, buyer, on_its_way, django_assert_num_queries):
    """Who asks (2) and the stamp (1)."""
    job = on_its_way()
    client.force_login(buyer)
    known = look(client, job)["ETag"]

    with django_assert_num_queries(3):
        answer = look(client, job, known)

    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", known)


def test_the_page_knows_the_stamp_that_its_live_part_asks_with(client, buyer, on_its_way):
    job = on_its_way()

    page = page_of(client, buyer, job)

    stamp = look(client, job)["ETag"].replace('"', "\\&quot;")
    assert f"{{&quot;If-None-Match&quot;: &quot;{stamp}&quot;}}" in page


def test_a_proxys_weak_stamp_is_known_too(client, buyer, on_its_way):
    job = on_its_way()
    client.force_login(buyer)
    known = look(client, job)["ETag"]

    assert look(client, job, f"W/{known}").status_code == 304
    assert look(client, job, '"something else"').status_code == 200

    claim_shipment(shipment_id=job.shipment_id, actor=job.courier)


def test_every_change_of_the_way_is_seen(client, buyer, courier, seller, placed, confirm, wrong_pin, fail):
    shipment = placed()
    job = claim_shipment(shipment_id=shipment.pk, actor=courier)
    client.force_login(buyer)
    steps = [
        lambda: pack_shipment(shipment_id=shipment.pk, actor=seller),
        lambda: pick_up(delivery_id=job.pk, actor=courier),
        lambda: confirm(job, pin=wrong_pin(shipment)),
        lambda: client.post(url("proof_reissue", job, shipment.number), shown(job)),
        lambda: fail(job, "absent"),
        lambda: confirm(job),
        lambda: complete_shipment(shipment_id=shipment.pk, actor=buyer),
    ]
    known = look(client, job)["ETag"]

    for step in steps:
        assert look(client, job, known).status_code == 304
        step()
        answer = look(client, job, known)
        assert answer.status_code == 200
        assert "<html" not in answer.content.decode()
        known = answer["ETag"]


def test_it_looks_again_while_something_is_open_and_not_once_all_is_final(
    client, buyer, delivered, on_its_way
):
    assert 'hx-trigger="every 10s, look"' in page_of(client, buyer, on_its_way())
    job = delivered()
    assert 'hx-trigger="every 60s, look"' in page_of(client, buyer, job)

    complete_shipment(shipment_id=job.shipment_id, actor=buyer)

    page = page_of(client, buyer, job)
    assert "hx-trigger" not in page.split('id="live"')[1].split(">")[0]
    assert "hx-trigger" not in look(client, job).content.decode()


def test_without_htmx_the_live_part_leads_to_the_page(client, buyer, on_its_way):
    job = on_its_way()
    client.force_login(buyer)

    answer = client.get(url("order_live", job))

    assert (answer.status_code, answer.url) == (302, url("order_detail", job))


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("seller", 404), ("courier", 404)])
def test_nobody_else_looks(request, client, buyer, on_its_way, who, status):
    job = on_its_way()
    client.force_login(buyer)
    known = look(client, job)["ETag"]
    client.force_login(request.getfixturevalue(who))

    assert look(client, job).status_code == status
    assert look(client, job, known).status_code == status


@pytest.mark.parametrize("parcels", [1, 3])
@pytest.mark.every_database
def test_the_page_costs_as_many_queries_for_more_shipments_and_lines(
    client,
    buyer,
    courier,
    person,
    goods,
    fund,
    fill_cart,
    check_out,
    carry,
    fail,
    parcels,
    django_assert_num_queries,
):
    fund(buyer, 100_000)
    sellers = [person(Role.SELLER) for _ in range(parcels)]
    fill_cart(buyer, {goods(seller, price=1000): 1 for seller in sellers for _line in "ab"})
    order = check_out(buyer)
    for shipment in order.shipments.all():
        job = carry(shipment, courier)
        fail(job, "absent")
    client.force_login(buyer)

    # Who asks (2), the stamp, the order, its five, proofs, tries, the header's numbers.
    with django_assert_num_queries(13):
        page = client.get(reverse("shop:order_detail", args=[order.number])).content.decode()

    assert page.count('data-testid="pin"') == order.shipments.count()
