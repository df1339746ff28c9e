"""The back office's inbox and its page of couriers."""

import pytest

from marketplace.common import clock
from marketplace.delivery.models import Courier
from marketplace.delivery.shown import mark_of_suspension

pytestmark = pytest.mark.usefixtures("books_balance")
COURIERS = "/backoffice/couriers/"


@pytest.fixture
def office(as_person, admin):
    return as_person(admin)


@pytest.fixture
def suspended(courier):
    Courier.objects.create(pk=courier.pk, claims_suspended_at=clock.now())
    return courier


def lift(suspended) -> dict[str, str]:
    """The form that lifts a suspension, as the list draws it."""
    since = Courier.objects.get(pk=suspended.pk).claims_suspended_at
    return {"courier": suspended.email, "shown": mark_of_suspension(suspended.pk, since)}


def test_the_inbox_is_empty_where_nothing_waits(office, claimed):
    claimed()

    assert "Nothing waits for you" in office.get("/backoffice/").content.decode()


def test_the_inbox_counts_what_waits_and_leads_there(
    office, on_its_way, fail, other_courier, suspended, buyer
):
    fail(on_its_way(buyer, other_courier))

    page = office.get("/backoffice/").content.decode()

    assert 'href="/backoffice/deliveries/?trouble=failed" data-testid="queue-failed"' in page
    assert 'href="/backoffice/couriers/?suspended=1" data-testid="queue-suspended"' in page
    assert "queue-locked" not in page
    assert '<span class="count">1</span>' in page


def test_a_suspension_is_lifted(office, suspended):
    page = office.get(COURIERS, {"suspended": "1"}).content.decode()
    assert page.count('data-testid="courier-row"') == 1
    assert "Let Cara claim again" in page

    answer = office.post("/backoffice/couriers/lift/", lift(suspended), follow=True)

    assert "Cara can claim again." in answer.content.decode()
    assert Courier.objects.get(pk=suspended.pk).claims_suspended_at is None
    assert "Nobody fits" in office.get(COURIERS, {"suspended": "1"}).content.decode()


@pytest.mark.parametrize("email", ["", "nobody@example.org", "\x00"])
def test_nobody_of_that_address(office, email):
    assert office.post("/backoffice/couriers/lift/", {"courier": email}).status_code == 404


def test_a_buyer_is_no_courier_to_lift(office, buyer):
    assert office.post("/backoffice/couriers/lift/", {"courier": buyer.email}).status_code == 404
    assert not Courier.objects.exists()


def test_without_couriers_the_page_says_so(office):
    assert "No couriers yet" in office.get(COURIERS).content.decode()
