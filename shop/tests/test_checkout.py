"""The checkout page."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from marketplace.accounts.address_book import remove_address
from marketplace.accounts.models import Role
from marketplace.common.errors import Busy, TooMany
from marketplace.orders.models import CartLine, Order
from marketplace.products.states import ListingStatus
from shop.views import checkout

pytestmark = pytest.mark.usefixtures("books_balance")
URL = "/checkout/"


@pytest.fixture
def shopper(client, buyer, fund):
    """A signed-in buyer with 100.00 in the wallet."""
    client.force_login(buyer)
    return fund(buyer, 10_000)


@pytest.fixture
def lamp(goods, seller):
    return goods(seller, title="Lamp", price=2500, stock=5)


@pytest.fixture
def chair(goods, other_seller):
    return goods(other_seller, title="Chair", price=4000, stock=3)


def form_key_of(response) -> str:
    return re.search(r'name="form_key" value="([^"]*)"', response.content.decode())[1]


def filled_in(client, **changes) -> dict:
    """The form as the page holds it, with what somebody typed over it."""
    page = client.get(URL).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    return (
        {key: hidden[key] for key in ("form_key", "total", "lines")}
        | {
            "name": "Bea",
            "phone": "+49 30 1",
            "notes": "Ring twice",
        }
        | changes
    )


def test_an_order_is_placed_and_shown(client, shopper, lamp, chair, fill_cart):
    fill_cart(shopper, {lamp: 2, chair: 1})

    response = client.post(URL, filled_in(client))

    order = Order.objects.get()
    assert (response.status_code, response.url) == (303, reverse("shop:order_detail", args=[order.number]))
    assert (order.total, order.ship_notes) == (9000, "Ring twice")
    page = client.get(response.url).content.decode()
    assert page.count('data-testid="shipment"') == 2
    assert "€50.00 is held" in page
    assert "€40.00 is held" in page
    assert "Thank you" in page


def test_the_page_says_what_will_be_held_and_what_stays(client, shopper, lamp, chair, fill_cart):
    fill_cart(shopper, {lamp: 2, chair: 1})

    page = client.get(URL).content.decode()

    assert re.findall(r'data-testid="checkout-held">(\S+)</dd>', page) == ["€50.00", "€40.00"]
    assert 'data-testid="checkout-total">€90.00' in page
    assert 'data-testid="stays">€10.00' in page
    assert 'data-testid="place-order"' in page


def test_an_empty_cart_leads_to_the_cart(client, shopper):
    response = client.get(URL)

    assert (response.status_code, response.url) == (302, reverse("shop:cart"))


@pytest.mark.every_database
def test_without_a_saved_address_the_page_takes_one(client, shopper, lamp, fill_cart):
    fill_cart(shopper, {lamp: 1})
    remove_address(address_id=shopper.saved_addresses.get().pk, actor=shopper)

    page = client.get(URL).content.decode()
    nothing_typed = client.post(URL, filled_in(client, to="new"))
    nothing_said = client.post(URL, filled_in(client))

    assert 'data-testid="no-location"' in page
    assert 'name="location_address"' in page
    assert (nothing_typed.status_code, nothing_said.status_code) == (422, 422)
    assert "Please say where parcels should go." in nothing_typed.content.decode()
    assert not Order.objects.exists()


def test_without_the_money_the_page_says_what_is_missing_and_where_to_pay_it_in(
    client, shopper, goods, fill_cart
):
    fill_cart(shopper, {goods(price=12_550): 1})

    response = client.post(URL, filled_in(client))
    detour = client.post(URL, filled_in(client, go="top_up"))

    page = response.content.decode()
    assert response.status_code == 422
    assert 'data-testid="missing">€25.50' in page
    assert 'data-testid="top-up"' in page
    assert urlsplit(detour.url).path == reverse("shop:wallet_top_up")
    assert parse_qs(urlsplit(detour.url).query) == {"amount": ["25.50"], "next": [URL]}
    assert CartLine.objects.exists()


@pytest.mark.parametrize(
    ("what", "problem"),
    [
        ({"stock": 0}, "sold_out"),
        ({"stock": 1}, "short"),
        ({"price": 2600}, "price_risen"),
        ({"status": ListingStatus.PAUSED}, "not_for_sale"),
    ],
)
def test_what_changed_is_named_with_a_fresh_page_and_everything_typed(
    client, shopper, lamp, chair, fill_cart, change, what, problem
):
    fill_cart(shopper, {lamp: 2, chair: 1})
    form = filled_in(client, name="Somebody Else", notes="Third floor")
    change(lamp, **what)

    response = client.post(URL, form)

    page = response.content.decode()
    assert response.status_code == 409
    assert f'data-testid="problem-{problem}"' in page
    assert 'value="Somebody Else"' in page
    assert 'value="Third floor"' in page
    assert CartLine.objects.count() == 2
    assert not Order.objects.exists()


def test_the_fresh_page_can_be_sent_again(client, shopper, lamp, chair, fill_cart, change):
    fill_cart(shopper, {lamp: 2, chair: 1})
    form = filled_in(client)
    change(lamp, status=ListingStatus.PAUSED)
    client.post(URL, form)

    response = client.post(URL, filled_in(client))

    assert response.status_code == 303
    assert Order.objects.get().total == 4000
    assert CartLine.objects.get().variant.product_id == lamp.pk


def test_a_rise_is_accepted_on_the_page(client, shopper, lamp, fill_cart, change, variant_of):
    fill_cart(shopper, {lamp: 1})
    change(lamp, price=2600)

    page = client.get(URL).content.decode()
    assert 'data-testid="accept-prices"' in page
    client.post(reverse("shop:cart_accept"), {"price": f"{variant_of(lamp).pk}:2600", "next": URL})

    assert client.post(URL, filled_in(client)).status_code == 303
    assert Order.objects.get().total == 2600


def test_a_double_click_and_the_back_button_find_the_one_order(client, shopper, lamp, fill_cart):
    fill_cart(shopper, {lamp: 1})
    form = filled_in(client)

    urls = {client.post(URL, form).url for _ in range(3)}

    assert urls == {reverse("shop:order_detail", args=[Order.objects.get().number])}


def test_a_second_tab_finds_the_cart_ordered(client, shopper, lamp, fill_cart):
    fill_cart(shopper, {lamp: 1})
    first, second = filled_in(client), filled_in(client)
    client.post(URL, first)

    response = client.post(URL, second)

    assert response.status_code == 409
    assert reverse("shop:orders") in response.content.decode()
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"phone": ""},
        {"phone": "call me"},
        {"name": "x" * 121},
        {"name": "a\x00b"},
        {"total": ""},
        {"total": "-1"},
        {"total": "9" * 40},
        {"total": "1e3"},
        {"lines": ""},
        {"lines": "abc"},
        {"lines": "1:2,,"},
        {"lines": f"{'9' * 30}:1"},
    ],
    ids=str,
)
def test_a_bad_form_comes_back_with_what_was_typed(client, shopper, lamp, fill_cart, changes):
    fill_cart(shopper, {lamp: 1})

    response = client.post(URL, filled_in(client, **{"notes": "Kept"} | changes))

    assert response.status_code == 422
    assert 'value="Kept"' in response.content.decode()
    assert not Order.objects.exists()


def test_a_phone_number_is_the_same_here_as_in_the_profile(client, shopper, lamp, fill_cart):
    fill_cart(shopper, {lamp: 1})

    refused = client.post(URL, filled_in(client, phone="12"))
    placed = client.post(URL, filled_in(client, phone="(555) 123-4567"))

    assert (refused.status_code, placed.status_code) == (422, 303)
    assert "A phone number has digits" in refused.content.decode()
    assert Order.objects.get().ship_phone == "(555) 123-4567"


@pytest.mark.parametrize("key", ["", "forged", "1:checkout::abc:x:y"])
def test_a_form_key_that_is_not_ours_orders_nothing(client, shopper, lamp, fill_cart, key):
    fill_cart(shopper, {lamp: 1})

    response = client.post(URL, filled_in(client, form_key=key))

    assert response.status_code == 422
    assert not Order.objects.exists()


def test_too_many_tries_have_to_wait_and_keep_what_was_typed(client, shopper, lamp, fill_cart, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"checkout": (1, 60)}
    fill_cart(shopper, {lamp: 1})
    client.post(URL, filled_in(client, form_key=""))

    response = client.post(URL, filled_in(client))

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert 'value="Ring twice"' in response.content.decode()
    assert not Order.objects.exists()


@pytest.mark.parametrize("error", [TooMany("Wait.", retry_after=7), Busy("Busy.")], ids=["429", "503"])
def test_where_waiting_is_all_there_is_to_do_the_same_form_key_is_kept(
    client, shopper, lamp, fill_cart, monkeypatch, error
):
    fill_cart(shopper, {lamp: 1})
    form = filled_in(client)

    def refuse(**_kwargs):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(checkout, "place_order", refuse)
        response = client.post(URL, form)

    assert response.status_code == error.status
    assert int(response["Retry-After"]) > 0
    assert form_key_of(response) == form["form_key"]
    for _ in range(2):
        assert client.post(URL, form).status_code == 303
    assert Order.objects.count() == 1


def test_a_key_that_was_used_for_something_else_is_replaced(client, shopper, lamp, fill_cart):
    fill_cart(shopper, {lamp: 1})
    form = filled_in(client)
    client.post(URL, form)
    fill_cart(shopper, {lamp: 2})

    response = client.post(URL, filled_in(client, form_key=form["form_key"]))

    assert response.status_code == 422
    assert form_key_of(response) != form["form_key"]
    assert Order.objects.count() == 1


def test_visitors_sign_in_first_and_come_back(client, db):
    response = client.get(URL)

    assert response.status_code == 302
    assert response.url == f"{reverse('account_login')}?next=/checkout/"


@pytest.mark.parametrize("role", [Role.DELIVERY, Role.ADMIN, Role.SUPERADMIN])
def test_couriers_and_staff_do_not_check_out(client, person, role):
    client.force_login(person(role))

    assert client.get(URL).status_code == 403
    assert client.post(URL, {}).status_code == 403


@pytest.mark.parametrize("lines", [3, 30])
def test_the_whole_post_takes_24_statements_however_long_the_cart(
    client, shopper, seller, other_seller, goods, fill_cart, fund, lines, django_assert_num_queries
):
    """Session, person, BEGIN and COMMIT (the test's SAVEPOINT and RELEASE) included; 24 is the bar."""
    fill_cart(shopper, {goods(seller): 1})
    client.post(URL, filled_in(client))  # content types are cached for good
    fund(shopper, 100_000)
    fill_cart(shopper, {goods((seller, other_seller)[n % 2]): 1 for n in range(lines)})
    form = filled_in(client)

    with django_assert_num_queries(24):
        assert client.post(URL, form).status_code == 303
