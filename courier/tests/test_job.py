"""One parcel: who sees where it goes, how long, and what can be done with it."""

import pytest
from django.urls import reverse

from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.delivery.models import AddressRead, Delivery
from marketplace.delivery.services import give_back
from marketplace.orders.models import Shipment


def url(name: str, job: Delivery) -> str:
    return reverse(f"courier:{name}", args=[job.number])


ROUTES = ("job", "pick_up", "give_back", "fail")


def status_of(client, name: str, job: Delivery) -> int:
    return (client.get if name in ("job", "fail") else client.post)(url(name, job)).status_code


@pytest.mark.parametrize("role", [Role.USER, Role.SELLER, Role.ADMIN, Role.SUPERADMIN, None])
@pytest.mark.parametrize("name", ROUTES)
def test_other_roles_get_nowhere(as_person, person, claimed, name, role):
    job = claimed()

    assert status_of(as_person(person(role) if role else None), name, job) == (403 if role else 302)
    job.refresh_from_db()
    assert job.status == "claimed"


@pytest.mark.parametrize("name", ROUTES)
def test_another_couriers_job_is_not_there(as_person, other_courier, claimed, name):
    job = claimed()

    assert status_of(as_person(other_courier), name, job) == 404
    job.refresh_from_db()
    assert job.status == "claimed"
    assert not AddressRead.objects.exists()


@pytest.mark.parametrize("number", ["nothing", "0" * 12, "x" * 80])
@pytest.mark.parametrize("name", ROUTES)
def test_a_number_that_is_no_job_is_not_there(client, name, number):
    assert status_of(client, name, Delivery(number=number)) == 404


@pytest.mark.parametrize("name", ["pick_up", "give_back"])
def test_what_changes_something_is_a_post(client, claimed, name):
    assert client.get(url(name, claimed())).status_code == 405


def test_before_the_pick_up_both_doors_are_shown_and_one_thing_to_do(client, claimed, tells_all_of_the_buyer):
    answer = client.get(url("job", claimed()))

    page = answer.content.decode()
    tells_all_of_the_buyer(answer)
    assert "Torstraße 1, 10119 Berlin" in page
    assert "Picked up" in page
    assert page.count('data-testid="primary"') == 1
    assert "https://www.openstreetmap.org/?mlat=52.481000&amp;mlon=13.431000" in page


def test_a_parcel_on_its_way_shows_the_buyers_door_alone(client, on_its_way, tells_all_of_the_buyer):
    answer = client.get(url("job", on_its_way()))

    page = answer.content.decode()
    tells_all_of_the_buyer(answer)
    assert 'data-testid="door-from"' not in page
    assert url("fail", Delivery.objects.get()) in page
    assert page.count('data-testid="primary"') == 1


def test_a_parcel_that_goes_back_shows_the_seller_and_nothing_of_the_buyer(
    client, going_back, tells_nothing_of_the_buyer
):
    answer = client.get(url("job", going_back()))

    tells_nothing_of_the_buyer(answer)
    assert "Torstraße 1, 10119 Berlin" in answer.content.decode()
    assert "Bring back" in answer.content.decode()
    assert not AddressRead.objects.exists()


def test_after_the_end_there_is_nothing_of_the_buyer_or_the_seller(
    client, delivered, tells_nothing_of_the_buyer
):
    answer = client.get(url("job", delivered()))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "This job is done" in page
    assert "Torstra" not in page
    assert "tel:" not in page
    tells_nothing_of_the_buyer(answer)


def test_who_gave_it_back_sees_nothing_any_more(client, claimed, courier, tells_nothing_of_the_buyer):
    job = claimed()
    give_back(delivery_id=job.pk, actor=courier, reason="Flat tyre")

    answer = client.get(url("job", job))

    assert "This job is not yours any more" in answer.content.decode()
    tells_nothing_of_the_buyer(answer)


@pytest.mark.every_database
def test_reading_the_address_is_noted_once_an_hour(client, claimed, courier, time_machine):
    job = claimed()
    time_machine.move_to(clock.now().replace(minute=5), tick=False)

    for _ in range(3):
        client.get(url("job", job))
    assert AddressRead.objects.get(delivery=job).reader == courier

    time_machine.shift(3600)
    client.get(url("job", job))
    assert AddressRead.objects.count() == 2


def test_an_address_that_cannot_be_noted_is_not_shown(client, claimed, monkeypatch):
    def broken(**_reading: object) -> None:
        raise RuntimeError("no record")

    monkeypatch.setattr("courier.views.job.note_address_read", broken)
    client.raise_request_exception = False

    answer = client.get(url("job", claimed()))

    assert answer.status_code == 500
    assert "Weserstra" not in answer.content.decode()


def test_picking_up_is_said_once_and_again_is_the_same(client, claimed):
    job = claimed()

    for _ in range(2):
        answer = client.post(url("pick_up", job))
        assert (answer.status_code, answer.url) == (303, url("job", job))

    job.refresh_from_db()
    assert (job.status, job.shipment.status) == ("carrying", "shipped")


def test_a_parcel_that_is_gone_cannot_be_picked_up(client, claimed, courier):
    job = claimed()
    give_back(delivery_id=job.pk, actor=courier, reason="Flat tyre")

    answer = client.post(url("pick_up", job))

    assert answer.status_code == 409
    assert 'role="alert"' in answer.content.decode()
    assert Shipment.objects.get().status == "placed"


def test_giving_back_needs_a_reason_and_frees_the_parcel(client, claimed):
    job = claimed()
    too_long = client.post(url("give_back", job), {"reason": "x" * 301})
    assert (client.post(url("give_back", job), {"reason": "  "}).status_code, too_long.status_code) == (
        422,
        422,
    )
    assert "x" * 301 in too_long.content.decode()
    job.refresh_from_db()
    assert job.status == "claimed"

    for _ in range(2):
        answer = client.post(url("give_back", job), {"reason": "Flat tyre"})
        assert (answer.status_code, answer.url) == (303, reverse("courier:jobs"))

    job.refresh_from_db()
    assert (job.status, job.reason, job.shipment.status) == ("given_back", "Flat tyre", "placed")


def test_what_was_picked_up_is_not_given_back(client, on_its_way):
    job = on_its_way()

    answer = client.post(url("give_back", job), {"reason": "Too heavy"})

    assert answer.status_code == 409
    job.refresh_from_db()
    assert job.status == "carrying"


def test_the_page_tells_of_a_locked_pin_and_never_the_pin(
    client, on_its_way, confirm, wrong_pin, pin_of, token_of
):
    job = on_its_way()
    pin, token = pin_of(job.shipment), token_of(job.shipment)
    for other in range(1, 6):
        confirm(job, pin=wrong_pin(job.shipment, other))

    page = client.get(url("job", job)).content.decode()

    assert 'data-testid="locked"' in page
    assert pin not in page
    assert token not in page


def test_the_page_costs_eight_queries_at_most(client, on_its_way, fail, django_assert_num_queries):
    job = on_its_way()
    fail(job)
    client.get(url("job", job))

    with django_assert_num_queries(7):
        client.get(url("job", job))
