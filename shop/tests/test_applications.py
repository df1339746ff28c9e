"""The account's pages on which a shopper becomes a seller or a courier."""

import re
from html import unescape

import pytest
from django.urls import reverse

from marketplace.accounts.models import Role, User
from marketplace.applications.models import Application
from marketplace.reviewing.states import Decision
from marketplace.web.tests.markup import form_on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_balance")]

SELL, DELIVER = reverse("shop:apply_to_sell"), reverse("shop:apply_to_deliver")
OWN, WITHDRAW = reverse("shop:application"), reverse("shop:application_withdraw")
SHOP = {
    "shop_name": "Bea's Beans",
    "about": "Beans that we roast on Mondays.",
    "ships_from": "Berlin",
    "location_address": "Torstraße 1, 10119 Berlin",
    "access_notes": "Ring twice",
    "location_lat": "52.520008, 13.404954",
    "location_lng": "",
    "agrees": "on",
}
COURIER = {"name": "Bea", "phone": "+49 30 1", "area": "Mitte", "vehicle": "bike", "agrees": "on"}


@pytest.mark.parametrize(("path", "typed", "role"), [(SELL, SHOP, "seller"), (DELIVER, COURIER, "delivery")])
def test_a_shopper_applies_and_is_led_to_what_becomes_of_it(buyer, as_person, path, typed, role):
    client = as_person(buyer)
    fields = form_of(client.get(path).content.decode())

    answer = client.post(path, fields | typed)

    assert (answer.status_code, answer["Location"]) == (303, OWN)
    assert Application.objects.get().role == role
    page = client.get(OWN).content.decode()
    assert "Waiting for review" in page
    assert client.get(path)["Location"] == OWN
    assert 'data-testid="application"' in client.get(reverse("shop:account")).content.decode()


def form_of(page: str) -> dict[str, str]:
    found = dict(re.findall(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', page.split("<main", 1)[1]))
    return {"form_key": found["form_key"]}


def test_what_the_store_knows_is_filled_in(buyer, as_person):
    client = as_person(buyer)

    sell, deliver = (client.get(path).content.decode() for path in (SELL, DELIVER))

    assert "Torstraße 1, 10119 Berlin" in sell
    assert "52.520008" in sell
    assert 'value="Bea"' in deliver
    assert 'value="+49 30 1234567"' in deliver


@pytest.mark.parametrize(
    ("path", "typed", "field"),
    [
        *((SELL, SHOP, field) for field in ("shop_name", "about", "location_address", "agrees")),
        *((DELIVER, COURIER, field) for field in ("name", "phone", "area", "vehicle", "agrees")),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_the_rest_stays(buyer, as_person, path, typed, field):
    client = as_person(buyer)
    fields = form_of(client.get(path).content.decode())
    rest = {name: value for name, value in typed.items() if name != field}

    answer = client.post(path, fields | rest)

    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert f'id="error_{"id_" + field}"' in page or f"error_1_id_{field}" in page
    assert all(value.split(",")[0] in page for name, value in rest.items() if name in ("shop_name", "area"))
    assert not Application.objects.exists()


@pytest.mark.every_database
def test_a_look_alike_is_refused_beside_the_name(buyer, seller, as_person, applying):
    client = as_person(buyer)
    name = seller.seller_profile.shop_name.replace("a", "а")

    answer = client.post(
        SELL, SHOP | {"shop_name": name, "form_key": applying.key_of(buyer, applying.shop_wish())}
    )

    assert answer.status_code == 422
    assert "looks like this one" in answer.content.decode()
    assert not Application.objects.exists()


def test_nothing_else_can_be_sent_along(buyer, admin, as_person, applying):
    """No field of the row but the form's own."""
    typed = SHOP | {"status": "approved", "applicant": str(admin.pk), "role": "admin", "open_key": ""}

    as_person(buyer).post(SELL, typed | {"form_key": applying.key_of(buyer, applying.shop_wish())})

    row = Application.objects.get()
    assert (row.status, row.applicant, row.role) == ("pending", buyer, "seller")
    assert row.open_key == str(buyer.pk)
    assert User.objects.get(pk=buyer.pk).role == Role.USER


def test_changes_are_made_and_sent_again(buyer, admin, as_person, applying):
    applying.decide(
        applying.apply(buyer, applying.shop_wish()), admin, Decision.ASK_FOR_CHANGES, "Which beans?"
    )
    client = as_person(buyer)
    page = client.get(OWN).content.decode()
    assert "Which beans?" in page
    assert "Beans that we roast on Mondays." in page

    mark = newest_mark(page)
    answer = client.post(OWN, SHOP | {"about": "Red ones", "shown": mark})

    assert answer.status_code == 303
    assert applying.newest_of(buyer).about == "Red ones"
    assert "Waiting for review" in client.get(OWN).content.decode()


def newest_mark(page: str) -> str:
    return form_on(page, WITHDRAW)["shown"]


def test_a_bad_change_keeps_what_was_typed(buyer, admin, as_person, applying):
    applying.decide(
        applying.apply(buyer, applying.shop_wish()), admin, Decision.ASK_FOR_CHANGES, "Which beans?"
    )
    client = as_person(buyer)
    mark = newest_mark(client.get(OWN).content.decode())

    answer = client.post(OWN, SHOP | {"about": "Red ones", "shop_name": "", "shown": mark})

    assert answer.status_code == 422
    assert "Red ones" in answer.content.decode()
    assert applying.newest_of(buyer).about == "Beans that we roast on Mondays."


def test_it_is_taken_back(buyer, as_person, applying):
    applying.apply(buyer, applying.shop_wish())
    client = as_person(buyer)
    mark = newest_mark(client.get(OWN).content.decode())

    assert client.post(WITHDRAW, {"shown": mark}).status_code == 303

    page = client.get(OWN).content.decode()
    assert "Withdrawn" in page
    assert SELL in page
    assert DELIVER in page


def test_a_form_of_before_a_decision_does_nothing(buyer, admin, as_person, applying):
    application = applying.apply(buyer, applying.courier_wish())
    client = as_person(buyer)
    mark = newest_mark(client.get(OWN).content.decode())
    applying.decide(application, admin, Decision.ASK_FOR_CHANGES, "Which districts?")

    for path, typed in ((WITHDRAW, {}), (OWN, COURIER)):
        answer = client.post(path, {"shown": mark} | typed)
        assert answer.status_code == 409
        assert "Which districts?" in answer.content.decode()

    application.refresh_from_db()
    assert application.status == "changes_requested"


def test_nobody_who_is_no_shopper_is_asked(seller, courier, admin, as_person):
    for user in (seller, courier, admin):
        client = as_person(user)
        assert 'data-testid="sell-here"' not in client.get(reverse("shop:account")).content.decode()
        assert client.get(SELL).status_code == client.get(DELIVER).status_code == 403
        assert client.get(OWN).status_code == 404


def test_who_was_accepted_reads_where_to_go(buyer, admin, as_person, applying):
    applying.decide(applying.apply(buyer, applying.shop_wish()), admin, reason="Welcome!")
    client = as_person(User.objects.get(pk=buyer.pk))

    page = client.get(OWN).content.decode()

    assert "Welcome!" in page
    assert reverse("seller_dashboard:home") in page
    assert client.get(reverse("seller_dashboard:home")).status_code == 200
