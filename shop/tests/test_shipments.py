"""What a buyer sees of a delivery: the PIN, its way, paying the seller, who sees which photo."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from marketplace.common import clock
from marketplace.delivery.models import Proof
from marketplace.delivery.services import (
    Place,
    void_attempt,
)
from marketplace.notifications.models import Notification
from marketplace.orders.models import Shipment
from marketplace.orders.states import ShipmentStatus
from marketplace.wallet.selectors import wallet_of
from shop.tests.parcel_pages import page_of, pin_on, shown, url

pytestmark = pytest.mark.usefixtures("books_balance")


# --- the PIN and the code -------------------------------------------------------------------------


def test_before_the_pick_up_there_is_no_pin(client, buyer, claimed):
    page = page_of(client, buyer, claimed())

    assert pin_on(page) is None
    assert 'data-testid="qr"' not in page


def test_on_its_way_the_buyer_sees_the_pin_in_groups_and_hears_digits(client, buyer, on_its_way, pin_of):
    job = on_its_way()
    pin = pin_of(job.shipment)

    page = page_of(client, buyer, job)

    assert pin_on(page) == f"{pin[:3]} {pin[3:]}"
    assert f"PIN: {' '.join(pin[:3])}, {' '.join(pin[3:])}" in page
    assert re.search(r'class="qr" role="img" aria-label="[^"]+"', page)
    assert 'fill="#fff"' in page


def test_the_code_is_drawn_into_the_page_and_holds_the_token_only(client, buyer, on_its_way, token_of):
    """Neither the address that the code leads to nor the token is anywhere in the page's text."""
    job = on_its_way()

    page = page_of(client, buyer, job)

    assert token_of(job.shipment) not in page
    assert "/courier/scan/" not in page
    assert "style=" not in page.split('data-testid="qr"')[1].split("</svg>")[0]


def test_the_page_with_a_pin_is_kept_nowhere(client, buyer, on_its_way):
    job = on_its_way()
    client.force_login(buyer)

    for name in ("order_detail", "order_live"):
        answer = client.get(url(name, job), headers={"HX-Request": "true"})
        assert "no-store" in answer["Cache-Control"]
        assert "private" in answer["Cache-Control"]


@pytest.mark.parametrize("who", ["admin", "superadmin"])
def test_staff_open_the_order_and_see_no_pin(request, client, on_its_way, who):
    page = page_of(client, request.getfixturevalue(who), on_its_way())

    assert pin_on(page) is None
    assert 'data-testid="proof"' not in page
    assert 'data-testid="all-fine"' not in page


@pytest.mark.every_database
def test_the_pin_is_in_no_notification_title_or_receipt(client, buyer, on_its_way, pin_of, caplog):
    job = on_its_way()
    pin = pin_of(job.shipment)

    page = page_of(client, buyer, job)
    receipt = client.get(url("order_receipt", job))

    assert pin not in re.search("<title>(.*?)</title>", page)[1].replace(" ", "")
    assert pin.encode() not in receipt.content
    assert pin not in caplog.text
    assert not [row for row in Notification.objects.all() if pin in str(row.extra_data)]


def test_wrong_tries_are_told_and_five_lock_it(client, buyer, on_its_way, confirm, wrong_pin):
    job = on_its_way()
    for _ in range(2):
        confirm(job, pin=wrong_pin(job.shipment))
    page = page_of(client, buyer, job)
    assert "A wrong PIN was given 2 times." in page
    assert "3 tries are left" in page

    for _ in range(3):
        confirm(job, pin=wrong_pin(job.shipment))

    page = page_of(client, buyer, job)
    assert "This PIN is locked" in page
    assert pin_on(page) is None
    assert 'data-testid="qr"' not in page


def test_a_new_pin_replaces_the_locked_one(client, buyer, on_its_way, confirm, wrong_pin, pin_of):
    job = on_its_way()
    old = pin_of(job.shipment)
    for _ in range(5):
        confirm(job, pin=wrong_pin(job.shipment))
    client.force_login(buyer)

    answer = client.post(url("proof_reissue", job, job.shipment.number), shown(job))

    assert answer.status_code == 303
    assert answer.url.partition("#")[0] == url("order_detail", job)
    page = page_of(client, buyer, job)
    new = pin_of(job.shipment)
    assert new != old
    assert pin_on(page) == f"{new[:3]} {new[3:]}"
    assert "At most 3 in 24 hours: 1 more now." in page


def test_a_double_click_makes_one_new_pin(client, buyer, on_its_way):
    job = on_its_way()
    client.force_login(buyer)

    for _ in range(2):
        assert client.post(url("proof_reissue", job, job.shipment.number), shown(job)).status_code == 303

    assert Proof.objects.filter(consignment__shipment=job.shipment).count() == 2


@pytest.mark.every_database
def test_a_fourth_pin_within_a_day_is_refused_and_not_offered(client, buyer, on_its_way, pin_of):
    job = on_its_way()
    client.force_login(buyer)
    for minutes in (1, 2):
        with clock.moved(timedelta(minutes=minutes)):
            client.post(url("proof_reissue", job, job.shipment.number), shown(job))
    kept = pin_of(job.shipment)

    page = client.get(url("order_detail", job)).content.decode()
    with clock.moved(timedelta(minutes=3)):
        answer = client.post(url("proof_reissue", job, job.shipment.number), shown(job))

    again_at = page.split('data-testid="no-more-pins"')[1].split("</p>")[0]
    first = Proof.objects.filter(consignment__shipment=job.shipment).earliest("pk")
    assert f'datetime="{first.issued_at + timedelta(days=1):%Y-%m-%dT%H:%M:%S}+00:00"' in again_at
    assert 'data-testid="new-pin"' not in page
    assert answer.status_code == 429
    assert pin_of(job.shipment) == kept


def test_no_new_pin_for_what_is_not_on_its_way(client, buyer, claimed):
    job = claimed()
    client.force_login(buyer)

    answer = client.post(url("proof_reissue", job, job.shipment.number), shown(job))

    assert answer.status_code == 409
    assert not Proof.objects.exists()


@pytest.mark.parametrize("who", ["stranger", "seller", "courier", None])
def test_nobody_else_makes_a_pin_or_pays(request, client, on_its_way, delivered, pin_of, who):
    job, arrived = on_its_way(), delivered()
    kept = pin_of(job.shipment)
    status = 302 if who is None else 404
    if who:
        client.force_login(request.getfixturevalue(who))

    assert client.post(url("proof_reissue", job, job.shipment.number), shown(job)).status_code == status
    assert client.get(url("shipment_complete", arrived, arrived.shipment.number)).status_code == status
    assert (
        client.post(url("shipment_complete", arrived, arrived.shipment.number), shown(arrived)).status_code
        == status
    )

    assert pin_of(job.shipment) == kept
    assert Shipment.objects.get(pk=arrived.shipment_id).status == ShipmentStatus.DELIVERED


@pytest.mark.every_database
def test_staff_make_a_new_pin_that_they_do_not_see(client, admin, on_its_way, delivered, pin_of):
    job, arrived = on_its_way(), delivered()
    old = pin_of(job.shipment)
    client.force_login(admin)

    page = client.post(
        url("proof_reissue", job, job.shipment.number), shown(job), follow=True
    ).content.decode()

    assert pin_of(job.shipment) != old
    assert pin_on(page) is None
    assert (
        client.post(url("shipment_complete", arrived, arrived.shipment.number), shown(arrived)).status_code
        == 403
    )


def test_a_shipment_of_another_order_is_not_found(client, buyer, on_its_way):
    one, other = on_its_way(), on_its_way()
    client.force_login(buyer)

    for name in ("proof_reissue", "shipment_complete"):
        assert client.post(url(name, one, other.shipment.number)).status_code == 404
        assert client.post(url(name, one, "nothing")).status_code == 404


# --- the way --------------------------------------------------------------------------------------


def test_a_failed_try_says_why_and_what_comes_next(client, buyer, on_its_way, fail):
    job = on_its_way()
    fail(job, "absent", note="Rang twice, nobody opened")

    page = page_of(client, buyer, job)

    assert "Nobody was there" in page
    assert "Rang twice, nobody opened" in page
    assert "The courier will come again." in page


def test_what_goes_back_says_so_and_shows_no_pin_any_more(client, buyer, going_back, confirm):
    job = going_back()
    page = page_of(client, buyer, job)
    assert pin_on(page) is None
    assert "Coming back" in page
    assert "it comes back to you when the parcel is with the seller again" in page
    assert "It was refused" in page

    confirm(job)

    assert "€10.00 went back to the wallet." in page_of(client, buyer, job)


def test_after_the_delivery_the_record_says_when_and_how(client, buyer, delivered):
    page = page_of(client, buyer, delivered())

    record = page.split('data-testid="handover"')[1].split("</div>")[0]
    assert "Handed over to you" in record
    assert "Proved by PIN" in record
    assert pin_on(page) is None


def test_what_the_store_confirmed_says_why_shows_the_photo_and_doubles_the_time(
    client, buyer, on_its_way, bypass, settings
):
    settings.COMPLETION_DAYS = 3
    job = on_its_way(price=4200)
    proof = bypass(job.shipment, "The phone was broken; the neighbour saw it")

    page = page_of(client, buyer, job)

    record = page.split('data-testid="handover"')[1].split("</div>")[0]
    assert "Confirmed by the store" in record
    assert "The phone was broken; the neighbour saw it" in record
    assert reverse("photo", args=[proof.public_id]) in record
    assert "You have twice the usual time" in page
    shipment = Shipment.objects.get(pk=job.shipment_id)
    assert timedelta(days=5, hours=23) < shipment.completes_at - clock.now() <= timedelta(days=6)


def test_how_far_from_the_address_it_was_handed_over_is_said(client, buyer, on_its_way, confirm, pin_of):
    job = on_its_way()
    order = job.shipment.order
    confirm(job, pin=pin_of(job.shipment), place=Place(order.ship_lat + Decimal("0.001"), order.ship_lng, 12))

    assert "111 m from the address" in page_of(client, buyer, job)


def test_a_try_that_staff_took_back_is_marked(client, buyer, admin, on_its_way, fail):
    attempt = fail(on_its_way(), "absent")
    void_attempt(attempt_id=attempt.pk, actor=admin, reason="They rang at the wrong door")

    page = page_of(client, buyer, attempt.delivery)

    assert "it does not count" in page


# --- paying the seller ----------------------------------------------------------------------------


def test_the_money_line_says_when_the_seller_is_paid(client, buyer, delivered):
    page = page_of(client, buyer, delivered(price=4200))

    sentence = page.split('data-testid="where-the-money-is"')[1].split("</p>")[0]
    assert "€42.00 is held" in sentence
    assert "or as soon as you say that all is fine" in sentence
    assert "<time" in sentence


def test_all_is_fine_asks_once_and_then_pays(client, buyer, seller, delivered):
    job = delivered(price=4200)
    address = url("shipment_complete", job, job.shipment.number)
    assert address in page_of(client, buyer, job)
    asked = client.get(address).content.decode()
    assert "€42.00 goes from what is held in your wallet" in asked
    assert wallet_of(seller.pk).balance == 0

    for _ in range(2):
        answer = client.post(address, shown(job))
        assert (answer.status_code, answer.url) == (303, url("order_detail", job))

    page = page_of(client, buyer, job)
    assert "€42.00 was paid to" in page
    assert address not in page
    assert wallet_of(seller.pk).balance == 4200
    assert wallet_of(buyer.pk).held_balance == 0


def test_what_has_not_arrived_cannot_be_paid(client, buyer, seller, on_its_way):
    job = on_its_way()
    client.force_login(buyer)
    address = url("shipment_complete", job, job.shipment.number)

    assert client.get(address).status_code == 302
    assert client.post(address, shown(job)).status_code == 409
    assert wallet_of(seller.pk).balance == 0


def test_what_is_frozen_says_so_and_cannot_be_paid(client, buyer, seller, delivered):
    job = delivered(price=4200)
    Shipment.objects.filter(pk=job.shipment_id).update(frozen=1000)
    page = page_of(client, buyer, job)
    assert "€10.00 of it is frozen" in page
    assert 'data-testid="all-fine"' not in page

    answer = client.post(url("shipment_complete", job, job.shipment.number), shown(job))

    assert answer.status_code == 409
    assert "held back" in answer.content.decode()
    assert wallet_of(seller.pk).balance == 0
    Shipment.objects.filter(pk=job.shipment_id).update(frozen=0)


# --- the list -------------------------------------------------------------------------------------


def test_the_list_says_first_what_waits_for_the_buyer(
    client, buyer, stranger, on_its_way, delivered, placed, confirm, wrong_pin
):
    placed()
    arrived, carried, locked = delivered(), on_its_way(), on_its_way()
    for _ in range(5):
        confirm(locked, pin=wrong_pin(locked.shipment))
    client.force_login(buyer)

    page = client.get(reverse("shop:orders")).content.decode()

    needs = page.split('data-testid="need"')[1:]
    assert len(needs) == 3
    assert carried.shipment.order.number in needs[0]
    assert "Show the PIN" in needs[0]
    assert "Make a new PIN" in needs[1]
    assert arrived.shipment.order.number in needs[2]
    assert "Look it over" in needs[2]
    assert page.index('data-testid="need"') < page.index('data-testid="order-card"')
    client.force_login(stranger)
    assert 'data-testid="need"' not in client.get(reverse("shop:orders")).content.decode()
