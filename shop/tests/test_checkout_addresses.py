# ruff: noqa: F811  what the checkout page's tests have is used here, too
"""Where to, at the checkout: a saved address or a new one, and what was typed survives every detour."""

import re
from dataclasses import replace

import pytest
from django.urls import reverse

from marketplace.accounts.address_book import add_address, remove_address
from marketplace.accounts.models import SavedAddress
from marketplace.accounts.saved import AddressKind
from marketplace.accounts.tests.test_address_book import WORK, key
from marketplace.orders.models import Order

from .test_checkout import URL, chair, filled_in, lamp, shopper  # noqa: F401

pytestmark = pytest.mark.usefixtures("books_balance")

NEW = {"to": "new", "location_address": "Jungfernstieg 1, 20095 Hamburg"}


@pytest.fixture
def work(shopper):
    return add_address(
        user_id=shopper.pk, kind=AddressKind.DOOR, wish=WORK, form_key=key(shopper), actor=shopper
    )


@pytest.fixture(autouse=True)
def something_in_the_cart(shopper, lamp, fill_cart):
    fill_cart(shopper, {lamp: 1})


def fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(name|phone|notes|label)" value="([^"]*)"', page))


def chosen(page: str) -> str:
    (value,) = re.findall(r'name="to"\s+value="(\w+)"[^>]*?checked', page, re.DOTALL)
    return value


def test_the_default_address_is_chosen_and_ordered_to(client, shopper, work):
    home = shopper.saved_addresses.first()

    page = client.get(URL).content.decode()
    assert page.count('data-testid="door"') == 2
    assert chosen(page) == home.public_id
    client.post(URL, filled_in(client, to=home.public_id))

    assert Order.objects.get().ship_address == home.address


def test_another_saved_address_is_ordered_to(client, work):
    client.post(URL, filled_in(client, to=work.public_id))

    order = Order.objects.get()
    assert (order.ship_address, order.place) == (work.address, work.place)


def test_choosing_an_address_brings_who_lives_there_along(client, work):
    answer = client.post(URL, filled_in(client, to=work.public_id, go="choose"))

    assert (answer.status_code, answer.url) == (303, URL)
    page = client.get(URL).content.decode()
    assert chosen(page) == work.public_id
    assert fields(page) | {"label": ""} == {
        "name": "Front desk",
        "phone": "+49 30 7654321",
        "notes": "Second yard",
        "label": "",
    }


def test_a_new_address_is_ordered_to_and_not_saved(client, shopper):
    assert client.post(URL, filled_in(client, **NEW)).status_code == 303

    order = Order.objects.get()
    assert order.ship_address == NEW["location_address"]
    assert round(float(order.ship_lat), 1) == 53.6
    assert shopper.saved_addresses.count() == 1


@pytest.mark.every_database
def test_a_new_address_with_a_name_is_saved_with_the_order(client, shopper):
    client.post(URL, filled_in(client, **NEW, label="Gran"))

    saved = shopper.saved_addresses.get(label="Gran")
    assert (saved.address, saved.name) == (NEW["location_address"], "Bea")
    assert Order.objects.get().place == saved.place
    assert shopper.profile.default_address_id != saved.pk


@pytest.mark.every_database
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"location_address": ""}, "Please say where parcels should go."),
        ({"location_address": "The mill by the brook"}, "We could not find this address"),
        ({"location_lat": "91", "location_lng": "1"}, "Please type a number from"),
        ({"location_lat": "68.9", "location_lng": "27"}, "from where this store delivers"),
        ({"label": "x" * 41}, "at most 40 characters"),
    ],
    ids=str,
)
def test_a_bad_new_address_orders_nothing_and_keeps_what_was_typed(client, shopper, changes, said):
    response = client.post(URL, filled_in(client, **NEW | changes, notes="Mind the cat"))

    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert 'value="Mind the cat"' in page
    assert chosen(page) == "new"
    assert not Order.objects.exists()
    assert shopper.saved_addresses.count() == 1


def test_what_stands_in_fields_that_are_not_meant_is_nobodys_mistake(client, shopper):
    home = shopper.saved_addresses.first()
    odd = {"to": home.public_id, "location_address": "x" * 301, "location_lat": "north", "label": "y" * 41}

    assert client.post(URL, filled_in(client, **odd)).status_code == 303


def test_an_address_that_is_gone_or_somebody_elses_orders_nothing(client, shopper, work, stranger):
    form = filled_in(client)
    remove_address(address_id=work.pk, actor=shopper)
    theirs = stranger.saved_addresses.get()

    for to in (work.public_id, theirs.public_id, "nonsense"):
        response = client.post(URL, form | {"to": to})
        assert response.status_code == 422
        assert "This address is saved no more" in response.content.decode()
        # None is chosen in its place, and a browser asks for one: the default is not meant.
        assert not re.search(r'name="to"[^>]*checked', response.content.decode())
        assert re.search(r'name="to"[^>]*required', response.content.decode())
    assert not Order.objects.exists()


def test_a_full_book_orders_nothing_and_says_so(client, shopper, settings):
    settings.ADDRESSES_MAX = 1

    response = client.post(URL, filled_in(client, **NEW, label="Gran"))

    assert response.status_code == 422
    assert "Please remove one of them first" in response.content.decode()
    assert not Order.objects.exists()
    assert shopper.saved_addresses.count() == 1


def test_a_double_click_saves_the_new_address_once(client, shopper):
    form = filled_in(client, **NEW, label="Gran")

    assert client.post(URL, form).url == client.post(URL, form).url

    assert shopper.saved_addresses.count() == 2


@pytest.mark.parametrize("go", ["top_up", "cart", "addresses"])
def test_what_was_typed_survives_a_detour(client, go):
    typed = filled_in(client, **NEW, label="Gran", notes="Mind the cat", go=go)

    assert client.post(URL, typed).status_code == 303

    page = client.get(URL).content.decode()
    assert fields(page)["notes"] == "Mind the cat"
    assert fields(page)["label"] == "Gran"
    assert NEW["location_address"] in page
    assert chosen(page) == "new"
    assert not Order.objects.exists()


def test_what_was_ordered_is_forgotten(client, shopper, lamp, fill_cart):
    client.post(URL, filled_in(client, notes="Mind the cat", go="cart"))
    client.post(URL, filled_in(client))
    fill_cart(shopper, {lamp: 1})

    assert "Mind the cat" not in client.get(URL).content.decode()


def test_what_was_typed_survives_signing_in_again_and_is_nobody_elses(
    client,
    shopper,
    stranger,
    lamp,
    fill_cart,
):
    typed = filled_in(client, **NEW, notes="Mind the cat")
    client.logout()

    answer = client.post(URL, typed)

    assert (answer.status_code, answer.url) == (302, f"{reverse('account_login')}?next=/checkout/")
    fill_cart(stranger, {lamp: 1})
    client.force_login(stranger)
    assert "Mind the cat" not in client.get(URL).content.decode()
    client.logout()
    client.post(URL, typed)
    client.force_login(shopper)
    assert fields(client.get(URL).content.decode())["notes"] == "Mind the cat"
    assert not Order.objects.exists()


def test_a_forged_key_keeps_nothing(client):
    client.logout()
    client.post(URL, NEW | {"form_key": "1:checkout::x", "notes": "Mind the cat"})

    assert "checkout_draft" not in client.session


@pytest.mark.parametrize("to", ["default", "other"])
def test_a_chosen_address_costs_no_statement_more(
    client,
    shopper,
    work,
    fund,
    goods,
    seller,
    other_seller,
    fill_cart,
    to,
    django_assert_num_queries,
):
    client.post(URL, filled_in(client))  # content types are cached for good
    fund(shopper, 100_000)
    fill_cart(shopper, {goods((seller, other_seller)[n % 2]): 1 for n in range(3)})
    address = shopper.saved_addresses.first() if to == "default" else work
    form = filled_in(client, to=address.public_id)

    with django_assert_num_queries(24):
        assert client.post(URL, form).status_code == 303


@pytest.mark.parametrize("addresses", [1, 12])
def test_the_page_takes_as_many_statements_for_a_dozen_addresses(
    client,
    shopper,
    addresses,
    django_assert_max_num_queries,
):
    for number in range(addresses):
        wish = replace(WORK, label=f"Address {number}")
        add_address(
            user_id=shopper.pk, kind=AddressKind.DOOR, wish=wish, form_key=key(shopper), actor=shopper
        )
    client.get(URL)

    with django_assert_max_num_queries(10):
        assert client.get(URL).content.decode().count('data-testid="door"') == addresses + 1
    assert SavedAddress.objects.filter(owner=shopper).count() == addresses + 1
