"""An address is found by typing, on the map or by plain fields; the checkout takes a new one; 360 px."""

import re

import pytest
from playwright.sync_api import expect

from e2e.conftest import DESKTOP, NO_JS, PHONE
from e2e.shopper import Shopper
from marketplace.orders.models import Order
from site_config.acts.orders import fill_cart

SMALL = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
NARROW = {"viewport": {"width": 320, "height": 700}, "has_touch": True}
ADD = "/account/addresses/add/"


def saved(person, label: str):
    return person.saved_addresses.get(label=label)


@pytest.mark.parametrize("device", [DESKTOP, SMALL], ids=["desktop", "360 px"])
def test_a_typed_address_moves_the_pin(visit_as, person, device):
    shopper = person()
    page = visit_as(shopper, **device)
    page.goto(ADD)

    page.get_by_label("Name of the address").fill("Work")
    page.get_by_label("Address*", exact=True).fill("Jungfernstieg 1, 20095 Hamburg")

    expect(page.get_by_role("status").filter(has_text="The pin is in your town")).to_be_visible()
    expect(page.locator(".map-pin")).to_be_visible()
    expect(page.get_by_label("Latitude")).to_have_value(re.compile(r"^53\.5"))
    Shopper(page, None).expect_nothing_scrolls_sideways()
    page.get_by_role("button", name="Save the address").click()
    expect(page.get_by_test_id("address")).to_have_count(2)
    Shopper(page, None).expect_nothing_scrolls_sideways()
    assert round(float(saved(shopper, "Work").lat), 1) == 53.6


def test_one_of_several_places_is_chosen(visit_as, person):
    page = visit_as(person())
    page.goto(ADD)

    page.get_by_label("Address*", exact=True).fill("Frankf")
    page.get_by_role("button", name="Frankfurt (Oder), DE").click()

    expect(page.get_by_label("Latitude")).to_have_value(re.compile(r"^52\.3"))


def test_a_pin_far_from_the_store_is_answered(visit_as, person):
    shopper = person()
    page = visit_as(shopper)
    page.goto(ADD)
    for _step in range(3):
        page.get_by_role("button", name="Farther").click()
        page.wait_for_timeout(400)

    page.locator("#map").click(position={"x": 200, "y": 20})

    expect(page.get_by_test_id("doubts")).to_contain_text("from where this store delivers")


@pytest.mark.parametrize("size", [{}, SMALL], ids=["desktop", "360 px"])
def test_plain_fields_are_enough(visit_as, person, size):
    shopper = person()
    page = visit_as(shopper, **NO_JS | size)
    page.goto(ADD)

    page.get_by_label("Name of the address").fill("Gran")
    page.get_by_label("Address*", exact=True).fill("The mill by the brook")
    page.get_by_role("button", name="Save the address").click()
    expect(page.get_by_text("We could not find this address")).to_be_visible()
    expect(page.get_by_label("Name of the address")).to_have_value("Gran")
    Shopper(page, None).expect_nothing_scrolls_sideways()
    page.get_by_label("Address*", exact=True).fill("Marienplatz 1, 80331 München")
    page.get_by_role("button", name="Save the address").click()

    expect(page.get_by_test_id("address")).to_have_count(2)
    assert round(float(saved(shopper, "Gran").lat)) == 48
    page.get_by_role("button", name="Make it the default Gran").click()
    expect(
        page.get_by_test_id("address").filter(has_text="Gran").get_by_test_id("is-default")
    ).to_be_visible()


@pytest.mark.parametrize("device", [DESKTOP, SMALL, NO_JS], ids=["desktop", "360 px", "no-javascript"])
def test_the_checkout_takes_a_new_address(visit_as, stocked, device, books_balance, guard):
    # What was typed last asks for the delivery's price; who leaves at that moment takes the question back.
    guard.allow("htmx:sendAbort|htmx:afterRequest")
    buyer = stocked.buyer
    fill_cart(buyer, {stocked.products["Reading lamp"]: 1})
    page = visit_as(buyer, **device)
    page.goto("/checkout/")

    page.get_by_label("Another address").check()
    page.get_by_label("Address", exact=True).last.fill("Jungfernstieg 1, 20095 Hamburg")
    page.get_by_label("Save it as").fill("Gran")
    page.get_by_label("Notes for the courier").fill("Mind the cat")
    Shopper(page, None).expect_nothing_scrolls_sideways()
    # Away and back: nothing is lost.
    page.get_by_role("button", name="Change the cart").click()
    page.get_by_test_id("to-checkout").click()
    expect(page.get_by_label("Another address")).to_be_checked()
    expect(page.get_by_label("Notes for the courier")).to_have_value("Mind the cat")
    page.get_by_test_id("place-order").click()

    expect(page).to_have_url(re.compile(r"/orders/[0-9a-z]{12}/$"))
    order = Order.objects.get()
    assert (order.ship_address, order.ship_notes) == ("Jungfernstieg 1, 20095 Hamburg", "Mind the cat")
    assert saved(buyer, "Gran").place == order.place


@pytest.mark.parametrize("device", [PHONE, NO_JS], ids=["phone", "no-javascript"])
def test_a_saved_address_brings_who_lives_there_along(visit_as, stocked, device):
    from marketplace.accounts.address_book import add_address
    from marketplace.accounts.tests.test_address_book import WORK, key

    buyer = stocked.buyer
    add_address(user_id=buyer.pk, kind="door", wish=WORK, form_key=key(buyer), actor=buyer)
    fill_cart(buyer, {stocked.products["Reading lamp"]: 1})
    page = visit_as(buyer, **device)
    page.goto("/checkout/")

    page.get_by_label("Work").check()
    if device is NO_JS:
        page.get_by_role("button", name="Use this address").click()

    expect(page.get_by_label("Name", exact=False).first).to_be_visible()
    expect(page.locator("#id_name")).to_have_value("Front desk")
    page.get_by_test_id("place-order").click()
    expect(page).to_have_url(re.compile(r"/orders/[0-9a-z]{12}/$"))
    assert Order.objects.get().ship_address == WORK.address


@pytest.mark.parametrize("device", [NARROW, NO_JS], ids=["320 px", "no-javascript"])
def test_a_seller_names_places_and_a_listing_one_of_them(visit_as, stocked, device):
    lamp = stocked.products["Reading lamp"]
    page = visit_as(stocked.seller, **device)
    page.goto("/seller/settings/")
    page.get_by_test_id("pick-ups").click()

    for label, address in (
        ("Workshop", "Torstraße 1, 10119 Berlin"),
        ("Store", "Jungfernstieg 1, 20095 Hamburg"),
    ):
        page.get_by_role("link", name="Add a place").click()
        page.get_by_label("Name of the place").fill(label)
        page.get_by_label("Address*", exact=True).fill(address)
        Shopper(page, None).expect_nothing_scrolls_sideways()
        page.get_by_role("button", name="Save the address").click()
    expect(page.get_by_test_id("address")).to_have_count(2)
    expect(
        page.get_by_test_id("address").filter(has_text="Workshop").get_by_test_id("is-default")
    ).to_be_visible()
    Shopper(page, None).expect_nothing_scrolls_sideways()

    page.goto(f"/seller/listings/{lamp.slug}/")
    page.get_by_label("Place").select_option(label="Store: Jungfernstieg 1, 20095 Hamburg")
    Shopper(page, None).expect_nothing_scrolls_sideways()
    page.get_by_role("button", name="Save the place").click()

    expect(page.get_by_text("Couriers fetch it there from the next order on.")).to_be_visible()
    lamp.refresh_from_db()
    assert lamp.pick_up.label == "Store"


@pytest.mark.parametrize("device", [DESKTOP, SMALL], ids=["desktop", "360 px"])
def test_a_click_on_the_map_sets_the_pin(visit_as, person, device):
    shopper = person()
    page = visit_as(shopper, **device)
    page.goto(ADD)
    expect(page.get_by_label("Latitude")).to_be_hidden()  # folded under "Advanced"
    expect(page.get_by_text("There is no street map here")).to_be_visible()

    page.locator("#map").click()
    expect(page.get_by_text("The pin is set.")).to_be_visible()
    Shopper(page, None).expect_nothing_scrolls_sideways()
    page.get_by_label("Name of the address").fill("Yard")
    page.get_by_label("Address*", exact=True).fill("The yard behind the station, Berlin")
    page.get_by_role("button", name="Save the address").click()

    expect(page.get_by_test_id("address")).to_have_count(2)
    yard = saved(shopper, "Yard")
    assert abs(float(yard.lat) - 52.52) < 0.1
    assert not yard.is_rough
