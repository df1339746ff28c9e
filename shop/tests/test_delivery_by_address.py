# ruff: noqa: F811  what the checkout page's tests have is used here, too
"""What the delivery costs follows the address that is chosen: on the pages, and in what is ordered."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from marketplace.accounts.address_book import add_address, remove_address, save_location
from marketplace.accounts.saved import AddressKind
from marketplace.accounts.tests.test_address_book import WORK, key
from marketplace.orders.models import Order
from marketplace.rates.selectors import current_table
from marketplace.rates.services import Rates, publish_rates
from marketplace.wallet.models import Hold

from .test_checkout import URL, lamp, shopper  # noqa: F401

pytestmark = pytest.mark.usefixtures("books_balance")

RATES = Rates(base=290, per_km=100, max_metres=30_000)
FAR = replace(
    WORK, label="Far", lat=Decimal("52.565008"), lng=Decimal("13.404954")
)  # 5004 m north of the seller
AWAY = replace(WORK, label="Away", lat=Decimal("53.550341"), lng=Decimal("10.000654"))
TYPED = {"to": "new", "location_address": "Here 1", "location_lat": "52.565008", "location_lng": "13.404954"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def publish(admin):
    def run(rates: Rates) -> None:
        newest = current_table()
        publish_rates(rates=rates, actor=admin, expected_version=newest.version if newest else 0)

    return run


@pytest.fixture(autouse=True)
def with_rates(publish, shopper, lamp, fill_cart):
    publish(RATES)
    fill_cart(shopper, {lamp: 1})


@pytest.fixture
def saved(shopper):
    """`saved(FAR)`: another address in the shopper's book."""

    def run(wish):
        return add_address(
            user_id=shopper.pk, kind=AddressKind.DOOR, wish=wish, form_key=key(shopper), actor=shopper
        )

    return run


def hidden(answer) -> dict[str, str]:
    return dict(re.findall(r'type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', answer.content.decode()))


def sums(answer) -> tuple[int, int]:
    """The total and the delivery that the form carries."""
    fields = hidden(answer)
    return int(fields["total"]), int(fields["delivery"])


def form_of(answer, **changes) -> dict:
    """The form as a page holds it, with what somebody typed over it."""
    return hidden(answer) | {"name": "Bea", "phone": "+49 30 1", "notes": ""} | changes


def nothing_was_ordered() -> bool:
    return not Order.objects.exists() and not Hold.objects.exists()


def test_the_page_shows_the_price_to_the_default_address(client):
    page = client.get(URL)

    assert sums(page) == (2790, 290)
    assert "Delivery to this address: €2.90" in page.content.decode()


def test_another_saved_address_has_its_own_price_without_javascript(client, saved):
    far = saved(FAR)
    form = form_of(client.get(URL), to=far.public_id, go="choose")

    page = client.get(client.post(URL, form).url)

    assert sums(page) == (3290, 790)
    assert "Delivery to this address: €7.90" in page.content.decode()
    assert client.post(URL, form_of(page, to=far.public_id)).status_code == 303
    order = Order.objects.get()
    assert (order.total, order.shipments.get().delivery_price, order.place) == (3290, 790, far.place)


def test_htmx_swaps_what_it_costs_and_says_it_beside_the_address(client, saved):
    far = saved(FAR)
    form = form_of(client.get(URL), to=far.public_id, go="choose")

    part = client.post(URL, form, headers=HTMX)

    text = part.content.decode()
    assert part.status_code == 200
    assert sums(part) == (3290, 790)
    assert "<html" not in text
    assert text.count('id="costs-panel"') == 1
    assert 'id="door-delivery" hx-swap-oob="innerHTML"' in text
    assert "Delivery to this address: €7.90" in text
    assert re.search(r'id="what-panel"[^>]*hx-swap-oob="true"', text)
    assert "form_key" not in hidden(part)  # the page keeps the one that it has
    del form["go"]
    assert client.post(URL, form | hidden(part)).status_code == 303
    assert Order.objects.get().total == 3290


@pytest.mark.every_database
def test_htmx_is_led_to_the_cart_where_nothing_is_left_to_order(client, shopper, saved):
    form = form_of(client.get(URL), go="choose")
    shopper.cart.lines.all().delete()

    assert client.post(URL, form, headers=HTMX)["HX-Redirect"] == "/cart/"


def test_a_typed_address_has_its_price_before_it_is_ordered_to(client):
    form = form_of(client.get(URL), go="choose", **TYPED)

    assert sums(client.post(URL, form, headers=HTMX)) == (3290, 790)
    page = client.get(client.post(URL, form).url)
    assert sums(page) == (3290, 790)
    assert client.post(URL, form_of(page, **TYPED)).status_code == 303
    assert Order.objects.get().total == 3290


def test_an_address_that_is_typed_only_in_part_is_priced_from(client):
    form = form_of(client.get(URL), go="choose", to="new", location_address="The mill by the brook")

    text = client.post(URL, form, headers=HTMX).content.decode()

    assert "Delivery from €2.90" in text


@pytest.mark.parametrize("typed", [False, True], ids=["saved", "typed"])
def test_a_dearer_address_than_the_page_showed_is_asked_about_first(client, saved, typed):
    to = TYPED if typed else {"to": saved(FAR).public_id}
    form = form_of(client.get(URL), **to)

    refused = client.post(URL, form)

    assert refused.status_code == 409
    text = refused.content.decode()
    assert 'data-testid="problem-delivery_risen"' in text
    assert "The delivery costs €7.90 now; you saw €2.90." in text
    assert "Delivery to this address: €7.90" in text
    assert sums(refused) == (3290, 790)
    assert nothing_was_ordered()
    assert client.post(URL, form_of(refused, **to)).status_code == 303
    assert Order.objects.get().total == 3290


def test_a_nearer_address_than_the_page_showed_is_simply_cheaper(client, saved, shopper):
    home = shopper.saved_addresses.get()
    form = form_of(client.get(URL), to=saved(FAR).public_id, go="choose")
    page = client.get(client.post(URL, form).url)

    assert client.post(URL, form_of(page, to=home.public_id)).status_code == 303

    assert Order.objects.get().total == 2790


def test_too_far_is_said_beside_the_address_and_refused(client, saved):
    away = saved(AWAY)
    form = form_of(client.get(URL), to=away.public_id)

    text = client.post(URL, form | {"go": "choose"}, headers=HTMX).content.decode()
    refused = client.post(URL, form)

    for said in (text, refused.content.decode()):
        beside = said[said.index('id="door-delivery"') :]
        assert "does not deliver to this address: it is too far away" in beside
        assert 'data-testid="place-order"' not in said
    assert refused.status_code == 409
    assert 'data-testid="problem-too_far"' in refused.content.decode()
    assert nothing_was_ordered()


def test_the_cart_shows_the_price_of_the_address_that_was_chosen(client, saved):
    assert 'data-testid="cart-total">€27.90' in client.get("/cart/").content.decode()
    client.post(URL, form_of(client.get(URL), to=saved(FAR).public_id, go="cart"))

    assert 'data-testid="cart-total">€32.90' in client.get("/cart/").content.decode()


def test_a_cart_that_is_too_far_from_home_still_leads_to_the_checkout(client, shopper, saved):
    saved(FAR)
    save_location(user_id=shopper.pk, lat=AWAY.lat, lng=AWAY.lng, address="Away", actor=shopper)

    page = client.get("/cart/").content.decode()

    assert "does not deliver to your address" in page
    assert 'data-testid="to-checkout"' in page
    assert "Some lines want more than there is" not in page


def test_what_is_missing_is_that_of_the_chosen_address(client, shopper, saved, goods, fill_cart):
    fill_cart(shopper, {goods(price=7_000): 1})  # of two sellers: 95.00 and twice 7.90
    form = form_of(client.get(URL), to=saved(FAR).public_id, go="top_up")

    assert "amount=10.80" in client.post(URL, form).url


def test_quotes_start_at_the_pick_up_place_of_the_seller(client, seller, shopper):
    save_location(
        user_id=seller.pk, lat=FAR.lat, lng=FAR.lng, address="Store", kind=AddressKind.PICK_UP, actor=seller
    )
    page = client.get(URL)
    assert sums(page) == (3290, 790)
    client.post(URL, form_of(page))
    assert Order.objects.get().shipments.get().delivery_metres == 5004


def test_without_a_saved_address_the_price_is_from_and_then_that_of_the_typed_one(client, shopper):
    remove_address(address_id=shopper.saved_addresses.get().pk, actor=shopper)
    page = client.get(URL)
    assert "Delivery from €2.90" in page.content.decode()

    refused = client.post(URL, form_of(page, **TYPED))

    assert (refused.status_code, sums(refused)) == (409, (3290, 790))
    assert client.post(URL, form_of(refused, **TYPED)).status_code == 303
